//! Every call is answered from the journal, or written to it.

use std::sync::Arc;

use baepo_domain::model::journal::{Divergence, Entry, RequestOutcome, Step};
use baepo_domain::ports::Journal;

use super::call_fixture::{DISTRIBUTE, begin, listening_provider, post, unused_port};
use super::support::{InMemoryJournal, LostLeaseJournal, start};
use crate::bindings::account::{Digest, Host as _};
use crate::bindings::http::{Host as _, Repeat, SendError};
use crate::bindings::run::Host as _;
use crate::imports::{CallState, JournalCursor, Purpose, StopReason};

const POSTS: &str = "https://shop.example/posts";

fn attempt(port: u16, recorded: Vec<Entry>, journal: Arc<dyn Journal>) -> CallState {
    let cursor = JournalCursor::recording(recorded, start(), journal);
    begin(port, DISTRIBUTE, cursor).0
}

fn steps(entries: &[Entry]) -> Vec<&'static str> {
    entries.iter().map(|entry| entry.step.name()).collect()
}

/// The whole journal of an unsafe post and a signature.
async fn recorded() -> Vec<Entry> {
    let (port, _requests) = listening_provider().await;
    let recording = Arc::new(InMemoryJournal::default());
    let mut state = attempt(port, Vec::new(), recording.clone());
    let answer = state.send(post(POSTS, Repeat::Unsafe)).await;
    assert!(answer.expect("no trap").is_ok());
    let signature = state.sign("token".to_owned(), Digest::HmacSha1, b"data".to_vec());
    assert!(signature.await.expect("no trap").is_some());
    let mut journal = recording.take();
    journal.extend(state.into_cursor().into_uncommitted());
    journal
}

fn stop<T: std::fmt::Debug>(result: wasmtime::Result<T>) -> StopReason {
    let error = result.expect_err("it should be stopped");
    error.downcast::<StopReason>().expect("a stop")
}

#[tokio::test]
async fn an_unsafe_request_is_durable_before_it_is_sent_and_its_answer_with_the_next_entry() {
    let (port, _requests) = listening_provider().await;
    let recording = Arc::new(InMemoryJournal::default());
    let mut state = attempt(port, Vec::new(), recording.clone());
    let safe = state.send(post(POSTS, Repeat::Idempotent)).await;
    assert!(safe.expect("no trap").is_ok());
    assert_eq!(
        steps(&recording.take()),
        [""; 0],
        "what may be repeated can wait"
    );
    let acting = state.send(post(POSTS, Repeat::Unsafe)).await;
    assert!(acting.expect("no trap").is_ok());
    assert_eq!(steps(&recording.take()), ["sent", "answered", "sent"]);
    state.sleep(0).await.expect("no trap");
    assert_eq!(
        steps(&recording.take()),
        ["answered", "slept"],
        "with the next"
    );
}

#[tokio::test]
async fn a_host_without_its_lease_sends_nothing() {
    let (port, mut requests) = listening_provider().await;
    let mut state = attempt(port, Vec::new(), Arc::new(LostLeaseJournal));
    let stop = stop(state.send(post(POSTS, Repeat::Unsafe)).await);
    assert!(matches!(stop, StopReason::LeaseLost(_)), "{stop:?}");
    assert!(!state.unsafe_sent());
    assert!(requests.try_recv().is_err(), "nothing arrived");
    assert_eq!(state.into_cursor().into_uncommitted(), []);
}

#[tokio::test]
async fn recorded_answers_are_replayed_without_sending() {
    let journal = recorded().await;
    assert_eq!(steps(&journal), ["sent", "answered", "signed"]);
    let mut state = attempt(unused_port().await, journal, Arc::new(LostLeaseJournal));
    let answer = state.send(post(POSTS, Repeat::Unsafe)).await;
    assert_eq!(answer.expect("no trap").expect("answered").body, b"ok");
    assert!(state.unsafe_sent(), "the journal says so");
    assert!(state.cursor().end().is_err(), "the signature is left");
    let signature = state.sign("token".to_owned(), Digest::HmacSha1, b"data".to_vec());
    assert!(signature.await.expect("no trap").is_some());
    assert_eq!(state.cursor().end(), Ok(()));
    assert_eq!(state.into_cursor().into_uncommitted(), []);
}

/// The journal of a host that stopped when all that it had done was to mean to send this.
async fn intent(repeat: Repeat) -> Vec<Entry> {
    let recording = Arc::new(InMemoryJournal::default());
    let mut state = attempt(unused_port().await, Vec::new(), recording.clone());
    let unreached = state.send(post(POSTS, repeat)).await;
    assert!(unreached.expect("no trap").is_err());
    let mut journal = recording.take();
    journal.extend(state.into_cursor().into_uncommitted());
    journal.truncate(1);
    journal
}

#[tokio::test]
async fn an_interrupted_unsafe_request_is_in_doubt_and_not_resent() {
    let (port, mut requests) = listening_provider().await;
    let journal = intent(Repeat::Unsafe).await;
    let mut state = attempt(port, journal, Arc::new(InMemoryJournal::default()));
    assert!(state.unsafe_sent());
    let answer = state.send(post(POSTS, Repeat::Unsafe)).await;
    let Err(SendError::InDoubt(why)) = answer.expect("no trap") else {
        panic!("nobody knows whether it is out")
    };
    assert_eq!(why, "the host stopped while this request was under way");
    assert!(requests.try_recv().is_err(), "nothing arrived");
    assert!(state.unsafe_sent(), "it may be out still");
    let uncommitted = state.into_cursor().into_uncommitted();
    assert_eq!(
        (steps(&uncommitted), uncommitted[0].sequence),
        (vec!["answered"], 2)
    );
}

#[tokio::test]
async fn an_interrupted_repeatable_request_is_resent() {
    let (port, mut requests) = listening_provider().await;
    let journal = intent(Repeat::Idempotent).await;
    let mut state = attempt(port, journal, Arc::new(InMemoryJournal::default()));
    let answer = state.send(post(POSTS, Repeat::Idempotent)).await;
    assert!(answer.expect("no trap").is_ok());
    assert!(requests.try_recv().is_ok(), "it arrived");
    assert!(!state.unsafe_sent());
    let uncommitted = state.into_cursor().into_uncommitted();
    assert_eq!(
        (steps(&uncommitted), uncommitted[0].sequence),
        (vec!["answered"], 2)
    );
}

#[tokio::test]
async fn a_diverging_request_is_reported_with_its_journal_entry() {
    let mut state = attempt(
        unused_port().await,
        recorded().await,
        Arc::new(LostLeaseJournal),
    );
    let other = format!("{POSTS}/7");
    let stop_by_url = stop(state.send(post(&other, Repeat::Unsafe)).await);
    let expected = Divergence {
        sequence: 1,
        recorded: format!("POST {POSTS}"),
        given: format!("asked for POST {other}"),
    };
    assert_eq!(stop_by_url, StopReason::Diverged(expected));

    let mut headers = post(POSTS, Repeat::Unsafe);
    headers.headers = vec![("x-client".to_owned(), "2".to_owned())];
    let mut body = post(POSTS, Repeat::Unsafe);
    body.body = Some(b"hello".to_vec());
    let cases = [
        (headers, "with other headers"),
        (post(POSTS, Repeat::Safe), "with other repeat"),
        (body, "(5 bytes, 2cf24dba5fb0)"),
    ];
    for (request, wanted) in cases {
        let mut state = attempt(
            unused_port().await,
            recorded().await,
            Arc::new(LostLeaseJournal),
        );
        let text = stop(state.send(request).await).to_string();
        assert!(text.ends_with(wanted), "{text}");
    }
}

#[tokio::test]
async fn a_call_of_another_kind_diverges() {
    let mut state = attempt(
        unused_port().await,
        recorded().await,
        Arc::new(LostLeaseJournal),
    );
    let text = stop(state.sleep(1_000).await).to_string();
    let wanted = "at entry 1 the journal has POST https://shop.example/posts, and the component \
                asked for sleep until 2026-10-01T09:00:01Z";
    assert_eq!(text, wanted);
    let ended = state.cursor().end().expect_err("not all was done");
    assert_eq!(ended.given, "ended");
}

#[tokio::test]
async fn a_waiting_note_is_committed_immediately_and_only_once() {
    let recording = Arc::new(InMemoryJournal::default());
    let mut state = attempt(unused_port().await, Vec::new(), recording.clone());
    let note = "until the morning, canary-71c2".to_owned();
    state.waiting(note.clone()).await.expect("no trap");
    let journal = recording.take();
    let wanted = Step::Waiting {
        note: "until the morning, [secret]".to_owned(),
    };
    assert_eq!(journal[0].step, wanted);

    let mut state = attempt(
        unused_port().await,
        journal.clone(),
        Arc::new(LostLeaseJournal),
    );
    state.waiting(note).await.expect("it is there already");
    assert_eq!(state.cursor().end(), Ok(()));
    assert_eq!(state.into_cursor().into_uncommitted(), []);

    let mut state = attempt(unused_port().await, journal, Arc::new(LostLeaseJournal));
    let text = stop(state.waiting("until noon".to_owned()).await).to_string();
    let wanted = "at entry 1 the journal has waiting: until the morning, [secret], and the component \
                asked for waiting: until noon";
    assert_eq!(text, wanted);
}

#[tokio::test]
async fn a_denied_request_is_journaled_and_replayed_as_denied() {
    let recording = Arc::new(InMemoryJournal::default());
    let mut state = attempt(unused_port().await, Vec::new(), recording.clone());
    let secret = "https://shop.example/secret";
    let denied = state.send(post(secret, Repeat::Unsafe)).await;
    assert!(matches!(
        denied.expect("no trap"),
        Err(SendError::Denied(_))
    ));
    let mut journal = recording.take();
    journal.extend(state.into_cursor().into_uncommitted());
    let Step::Answered(answers) = &journal[1].step else {
        panic!("{journal:?}")
    };
    assert!(matches!(answers[..], [RequestOutcome::Denied(_)]));
    assert!(
        !attempt(0, journal, recording).unsafe_sent(),
        "it never left"
    );
}

#[tokio::test]
async fn a_probe_sends_only_safe_requests() {
    let (port, mut requests) = listening_provider().await;
    let (mut state, _) = begin(port, Purpose::Probe, JournalCursor::unrecorded(start()));
    for repeat in [Repeat::Idempotent, Repeat::Unsafe] {
        let denied = state.send(post(POSTS, repeat)).await.expect("no trap");
        assert!(matches!(denied, Err(SendError::Denied(_))), "{denied:?}");
    }
    assert!(requests.try_recv().is_err());
    let safe = state.send(post(POSTS, Repeat::Safe)).await;
    assert!(safe.expect("no trap").is_ok());
    assert!(!state.unsafe_sent());
    assert!(state.sleep(1).await.is_err(), "it answers at once or not");
}
