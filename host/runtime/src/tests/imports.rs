//! What a component gets from each import, called from this side of the wall.

use std::time::Duration;

use baepo_domain::model::journal::Step;
use tokio::net::TcpListener;

use super::call_fixture::{CallFixture, DISTRIBUTE, attempt, begin, post, provider, unused_port};
use super::support::{FOREIGN, start};
use crate::bindings::account::{self, Host as _};
use crate::bindings::http::{Host as _, Repeat, SendError};
use crate::bindings::run::{Host as _, Level};
use crate::bindings::types;
use crate::imports::{JournalCursor, Purpose};

#[tokio::test]
async fn an_unsafe_request_that_may_have_been_sent_is_recorded() {
    let mut call_fixture = attempt(provider().await);
    let state = &mut call_fixture.state;
    let granted = "https://shop.example/posts";

    let safe = state
        .send(post(granted, Repeat::Idempotent))
        .await
        .expect("no trap");
    assert_eq!(safe.expect("answered").body, b"ok");
    assert!(!state.unsafe_sent(), "it may be repeated");

    let denied = state
        .send(post("https://shop.example/secret", Repeat::Unsafe))
        .await;
    assert!(matches!(
        denied.expect("no trap"),
        Err(SendError::Denied(_))
    ));
    assert!(!state.unsafe_sent(), "it never left");

    let requests = vec![
        post("https://shop.example/secret", Repeat::Unsafe),
        post(granted, Repeat::Unsafe),
    ];
    let answers = state.send_all(requests).await.expect("no trap");
    assert!(
        matches!(answers[0], Err(SendError::Denied(_))),
        "in the order of the requests"
    );
    assert!(answers[1].is_ok());
    assert!(state.unsafe_sent());

    let denied = state
        .send(post("https://shop.example/secret", Repeat::Unsafe))
        .await;
    assert!(denied.expect("no trap").is_err());
    assert!(state.unsafe_sent(), "what has left stays out");
    assert_eq!(state.host_calls(), 5, "each request of a send-all counts");
}

#[tokio::test]
async fn an_unsafe_request_that_was_not_sent_is_not_recorded_as_sent() {
    let mut call_fixture = attempt(unused_port().await);
    let unsafe_one = post("https://shop.example/posts", Repeat::Unsafe);
    let answer = call_fixture.state.send(unsafe_one).await.expect("no trap");
    assert!(matches!(answer, Err(SendError::NotSent(_))), "{answer:?}");
    assert!(!call_fixture.state.unsafe_sent());
}

#[tokio::test]
async fn an_in_flight_unsafe_request_counts_as_sent() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut call_fixture = attempt(silent.local_addr().expect("its address").port());
    let unsafe_one = post("https://shop.example/posts", Repeat::Unsafe);
    let sending = call_fixture.state.send(unsafe_one);
    assert!(
        tokio::time::timeout(Duration::from_millis(50), sending)
            .await
            .is_err()
    );
    assert!(call_fixture.state.unsafe_sent());
}

#[tokio::test]
async fn check_cannot_send_sleep_or_report_progress() {
    let (mut state, _) = begin(
        provider().await,
        Purpose::Inspect,
        JournalCursor::unrecorded(start()),
    );
    let answer = state
        .send(post("https://shop.example/posts", Repeat::Unsafe))
        .await;
    let Err(SendError::Denied(why)) = answer.expect("no trap") else {
        panic!("it was sent")
    };
    assert_eq!(why, "check must not send");
    assert!(!state.unsafe_sent());
    assert!(state.sleep(1).await.is_err());
    assert!(state.waiting(String::new()).await.is_err());
    assert!(state.accepted(receipt(), String::new()).await.is_err());
}

fn receipt() -> types::Receipt {
    types::Receipt {
        external_id: Some("post of canary-71c2".to_owned()),
        url: None,
        estimated_reach: None,
    }
}

#[tokio::test]
async fn settings_are_text_or_json() {
    let mut state = attempt(0).state;
    let mut setting = async |name: &str| state.setting(name.to_owned()).await.expect("no trap");
    assert_eq!(setting("shop").await.as_deref(), Some("떡집"));
    assert_eq!(setting("radius").await.as_deref(), Some("500"));
    assert_eq!(setting("none").await, None);
    assert_eq!(setting("unknown").await, None);
}

#[tokio::test]
async fn only_declared_secrets_sign() {
    let mut state = attempt(0).state;
    let mut sign = async |secret: &str, digest| {
        let signature = state
            .sign(secret.to_owned(), digest, b"data".to_vec())
            .await;
        signature.expect("no trap").map(hex::encode)
    };
    // python3 -c "import hmac; print(hmac.new(b'canary-71c2', b'data', 'sha256').hexdigest())"
    assert_eq!(
        sign("token", account::Digest::HmacSha256).await.as_deref(),
        Some(SHA256)
    );
    assert_eq!(
        sign("token", account::Digest::HmacSha1).await.as_deref(),
        Some(SHA1)
    );
    assert_eq!(sign("foreign", account::Digest::HmacSha256).await, None);
}

const SHA256: &str = "0bb909d46c53c2bae2be0492f00c777b3ad211d9e7b0aaf41488138e24e1e9c7";
const SHA1: &str = "5de7130e4b3b83616a3ba337f5fed4f005d108b0";

fn ids(of: &[&str]) -> Vec<String> {
    of.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn attributable_is_queried_once_and_then_replayed_from_the_journal() {
    let CallFixture {
        mut state,
        recording,
        ..
    } = attempt(0);
    let posts = || ids(&["17", FOREIGN, "18"]);
    let found = state.attributable(posts(), 5).await.expect("no trap");
    assert_eq!(found, ["17", "18"]);
    state.waiting(String::new()).await.expect("committed");
    let entries = recording.take();
    assert!(matches!(&entries[0].step, Step::Sent(asked) if asked[0].body.is_some()));

    // Nobody is there to ask.
    let cursor = || JournalCursor::replay_only(entries.clone(), start());
    let (mut state, _) = begin(0, DISTRIBUTE, cursor());
    let found = state.attributable(posts(), 5).await.expect("no trap");
    assert_eq!(found, ["17", "18"]);
    let (mut state, _) = begin(0, DISTRIBUTE, cursor());
    let other = state.attributable(ids(&["17"]), 5).await;
    assert!(other.is_err(), "another question diverges");
}

#[tokio::test]
async fn an_interrupted_attributable_query_is_repeated() {
    let CallFixture {
        mut state,
        recording,
        ..
    } = attempt(0);
    let found = state.attributable(ids(&["17"]), 5).await.expect("no trap");
    assert_eq!(found, ["17"]);
    state.waiting(String::new()).await.expect("committed");
    let mut entries = recording.take();
    entries.truncate(1);

    let cursor = JournalCursor::recording(entries, start(), recording);
    let (mut state, _) = begin(0, DISTRIBUTE, cursor);
    let found = state.attributable(ids(&["17"]), 5).await.expect("no trap");
    assert_eq!(found, ["17"]);
}

#[tokio::test]
async fn attributable_is_limited_to_attempts_and_to_100_posts() {
    for purpose in [Purpose::Probe, Purpose::Withdraw, Purpose::Inspect] {
        let (mut state, _) = begin(0, purpose, JournalCursor::unrecorded(start()));
        assert!(state.attributable(ids(&["17"]), 5).await.is_err());
    }
    let mut state = attempt(0).state;
    let most = vec!["17".to_owned(); 100];
    assert!(state.attributable(most.clone(), 5).await.is_ok());
    let too_many = [most, ids(&["18"])].concat();
    assert!(state.attributable(too_many, 5).await.is_err());
}

#[tokio::test]
async fn guest_time_advances_only_with_journal_entries() {
    let CallFixture {
        mut state, clock, ..
    } = attempt(0);
    let begun = state.now().await.expect("no trap");
    clock.advance(Duration::from_secs(9));
    state
        .log(Level::Info, "a line".to_owned())
        .await
        .expect("no trap");
    assert_eq!(state.now().await.expect("no trap"), begun);
    state
        .accepted(receipt(), String::new())
        .await
        .expect("no trap");
    assert_eq!(state.now().await.expect("no trap"), begun + 9_000);
}

#[tokio::test]
async fn texts_of_the_component_are_redacted() {
    let CallFixture {
        mut state,
        recording,
        ..
    } = attempt(0);
    state
        .accepted(receipt(), "canary-71c2 it was".to_owned())
        .await
        .expect("no trap");
    let entry = recording.take().pop().expect("one entry");
    let Step::Accepted { receipt, note } = entry.step else {
        panic!("it was accepted: {entry:?}")
    };
    assert_eq!(receipt.external_id.as_deref(), Some("post of [secret]"));
    assert_eq!(note, "[secret] it was");

    state
        .log(Level::Error, "panic: canary-71c2".to_owned())
        .await
        .expect("no trap");
    assert_eq!(state.last_error_log(), Some("panic: [secret]"));
    let failure = types::Failure::Unauthorized("no canary-71c2 here".to_owned());
    let end = state.redacting_converter().end(Err(failure));
    assert!(format!("{end:?}").contains("no [secret] here"), "{end:?}");
}

#[tokio::test]
async fn only_a_final_error_log_is_kept_as_the_trap_reason() {
    let mut state = attempt(0).state;
    state
        .log(Level::Error, "handled".to_owned())
        .await
        .expect("no trap");
    state.now().await.expect("no trap");
    assert_eq!(state.last_error_log(), None);
}

#[tokio::test]
async fn an_excessive_sleep_is_capped() {
    let mut call_fixture = attempt(0);
    let error = call_fixture
        .state
        .sleep(u64::MAX)
        .await
        .expect_err("it sleeps for long");
    let day = Duration::from_secs(24 * 3_600);
    let until = baepo_domain::model::time::after(start(), day);
    assert_eq!(error.to_string(), format!("it sleeps until {until}"));
}

#[tokio::test]
async fn every_import_is_counted() {
    let mut state = attempt(provider().await).state;
    let request = || post("https://shop.example/posts", Repeat::Idempotent);
    assert!(state.send(request()).await.is_ok());
    assert!(state.send_all(vec![request(), request()]).await.is_ok());
    assert!(state.send_all(Vec::new()).await.is_ok());
    assert_eq!(state.host_calls(), 4, "each request, and the call itself");
    assert!(state.setting("shop".to_owned()).await.is_ok());
    let digest = account::Digest::HmacSha1;
    assert!(
        state
            .sign("token".to_owned(), digest, Vec::new())
            .await
            .is_ok()
    );
    assert!(state.attributable(Vec::new(), 0).await.is_ok());
    assert!(state.log(Level::Info, String::new()).await.is_ok());
    assert!(state.now().await.is_ok());
    assert!(state.sleep(0).await.is_ok());
    assert!(state.waiting(String::new()).await.is_ok());
    assert!(state.accepted(receipt(), String::new()).await.is_ok());
    assert!(state.remark(String::new()).await.is_ok());
    assert_eq!(state.host_calls(), 4 + 9);
}
