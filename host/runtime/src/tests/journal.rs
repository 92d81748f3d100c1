//! Every call is answered from the journal, or written to it.

use std::sync::Arc;

use baepo_domain::journal::{Answer, Divergence, Entry, Step};
use baepo_domain::ports::Journal;

use super::scene::{DISTRIBUTE, begin, listening_provider, nobody, post};
use super::support::{Kept, TakenOver, start};
use crate::bindings::account::{Digest, Host as _};
use crate::bindings::http::{Host as _, Repeat, SendError};
use crate::bindings::run::Host as _;
use crate::imports::{CallState, Purpose, Stop, Tape};

const POSTS: &str = "https://shop.example/posts";

fn attempt(port: u16, recorded: Vec<Entry>, journal: Arc<dyn Journal>) -> CallState {
    let tape = Tape::kept(recorded, start(), journal);
    begin(port, DISTRIBUTE, tape).0
}

fn steps(entries: &[Entry]) -> Vec<&'static str> {
    entries.iter().map(|entry| entry.step.name()).collect()
}

/// The whole journal of an unsafe post and a signature.
async fn recorded() -> Vec<Entry> {
    let (port, _requests) = listening_provider().await;
    let kept = Arc::new(Kept::default());
    let mut state = attempt(port, Vec::new(), kept.clone());
    let answer = state.send(post(POSTS, Repeat::Unsafe)).await;
    assert!(answer.expect("no trap").is_ok());
    let signature = state.sign("token".to_owned(), Digest::HmacSha1, b"data".to_vec());
    assert!(signature.await.expect("no trap").is_some());
    let mut journal = kept.take();
    journal.extend(state.into_tape().into_fresh());
    journal
}

fn stop<T: std::fmt::Debug>(result: wasmtime::Result<T>) -> Stop {
    let error = result.expect_err("it should be stopped");
    error.downcast::<Stop>().expect("a stop")
}

#[tokio::test]
async fn the_intent_of_an_unsafe_request_is_durable_before_it_leaves_and_its_answer_soon() {
    let (port, _requests) = listening_provider().await;
    let kept = Arc::new(Kept::default());
    let mut state = attempt(port, Vec::new(), kept.clone());
    let safe = state.send(post(POSTS, Repeat::Idempotent)).await;
    assert!(safe.expect("no trap").is_ok());
    assert_eq!(
        steps(&kept.take()),
        [""; 0],
        "what may be repeated can wait"
    );
    let acting = state.send(post(POSTS, Repeat::Unsafe)).await;
    assert!(acting.expect("no trap").is_ok());
    assert_eq!(steps(&kept.take()), ["sent", "answered", "sent"]);
    state.sleep(0).await.expect("no trap");
    assert_eq!(steps(&kept.take()), ["answered", "slept"], "with the next");
}

#[tokio::test]
async fn nothing_is_sent_by_a_host_that_lost_its_lease() {
    let (port, mut requests) = listening_provider().await;
    let mut state = attempt(port, Vec::new(), Arc::new(TakenOver));
    let stop = stop(state.send(post(POSTS, Repeat::Unsafe)).await);
    assert!(matches!(stop, Stop::Lost(_)), "{stop:?}");
    assert!(!state.unsafe_sent());
    assert!(requests.try_recv().is_err(), "nothing arrived");
    assert_eq!(state.into_tape().into_fresh(), []);
}

#[tokio::test]
async fn what_is_recorded_is_answered_without_asking() {
    let journal = recorded().await;
    assert_eq!(steps(&journal), ["sent", "answered", "signed"]);
    let mut state = attempt(nobody().await, journal, Arc::new(TakenOver));
    let answer = state.send(post(POSTS, Repeat::Unsafe)).await;
    assert_eq!(answer.expect("no trap").expect("answered").body, b"ok");
    assert!(state.unsafe_sent(), "the journal says so");
    assert!(state.tape().end().is_err(), "the signature is left");
    let signature = state.sign("token".to_owned(), Digest::HmacSha1, b"data".to_vec());
    assert!(signature.await.expect("no trap").is_some());
    assert_eq!(state.tape().end(), Ok(()));
    assert_eq!(state.into_tape().into_fresh(), []);
}

/// The journal of a host that stopped when all that it had done was to mean to send this.
async fn intent(repeat: Repeat) -> Vec<Entry> {
    let kept = Arc::new(Kept::default());
    let mut state = attempt(nobody().await, Vec::new(), kept.clone());
    let unreached = state.send(post(POSTS, repeat)).await;
    assert!(unreached.expect("no trap").is_err());
    let mut journal = kept.take();
    journal.extend(state.into_tape().into_fresh());
    journal.truncate(1);
    journal
}

#[tokio::test]
async fn an_unsafe_request_that_was_under_way_is_in_doubt_and_not_sent_again() {
    let (port, mut requests) = listening_provider().await;
    let journal = intent(Repeat::Unsafe).await;
    let mut state = attempt(port, journal, Arc::new(Kept::default()));
    assert!(state.unsafe_sent());
    let answer = state.send(post(POSTS, Repeat::Unsafe)).await;
    let Err(SendError::InDoubt(why)) = answer.expect("no trap") else {
        panic!("nobody knows whether it is out")
    };
    assert_eq!(why, "the host stopped while this request was under way");
    assert!(requests.try_recv().is_err(), "nothing arrived");
    assert!(state.unsafe_sent(), "it may be out still");
    let fresh = state.into_tape().into_fresh();
    assert_eq!((steps(&fresh), fresh[0].sequence), (vec!["answered"], 2));
}

#[tokio::test]
async fn a_request_that_may_be_repeated_and_was_under_way_is_sent_again() {
    let (port, mut requests) = listening_provider().await;
    let journal = intent(Repeat::Idempotent).await;
    let mut state = attempt(port, journal, Arc::new(Kept::default()));
    let answer = state.send(post(POSTS, Repeat::Idempotent)).await;
    assert!(answer.expect("no trap").is_ok());
    assert!(requests.try_recv().is_ok(), "it arrived");
    assert!(!state.unsafe_sent());
    let fresh = state.into_tape().into_fresh();
    assert_eq!((steps(&fresh), fresh[0].sequence), (vec!["answered"], 2));
}

#[tokio::test]
async fn another_request_than_the_recorded_one_is_named_with_its_entry() {
    let mut state = attempt(nobody().await, recorded().await, Arc::new(TakenOver));
    let other = format!("{POSTS}/7");
    let stop_by_url = stop(state.send(post(&other, Repeat::Unsafe)).await);
    let expected = Divergence {
        sequence: 1,
        recorded: format!("POST {POSTS}"),
        given: format!("asked for POST {other}"),
    };
    assert_eq!(stop_by_url, Stop::Diverged(expected));

    let mut headers = post(POSTS, Repeat::Unsafe);
    headers.headers = vec![("x-client".to_owned(), "2".to_owned())];
    let mut body = post(POSTS, Repeat::Unsafe);
    body.body = Some(b"hello".to_vec());
    let cases = [
        (headers, "with other headers"),
        (post(POSTS, Repeat::Safe), "with other repeat"),
        (body, "(5 bytes, 2cf24dba5fb0)"),
    ];
    for (request, told) in cases {
        let mut state = attempt(nobody().await, recorded().await, Arc::new(TakenOver));
        let text = stop(state.send(request).await).to_string();
        assert!(text.ends_with(told), "{text}");
    }
}

#[tokio::test]
async fn another_call_than_the_recorded_one_diverges() {
    let mut state = attempt(nobody().await, recorded().await, Arc::new(TakenOver));
    let text = stop(state.sleep(1_000).await).to_string();
    let told = "at entry 1 the journal has POST https://shop.example/posts, and the component \
                asked for sleep until 2026-10-01T09:00:01Z";
    assert_eq!(text, told);
    let ended = state.tape().end().expect_err("not all was done");
    assert_eq!(ended.given, "ended");
}

#[tokio::test]
async fn why_nothing_is_out_is_durable_at_once_and_told_once() {
    let kept = Arc::new(Kept::default());
    let mut state = attempt(nobody().await, Vec::new(), kept.clone());
    let note = "until the morning, canary-71c2".to_owned();
    state.waiting(note.clone()).await.expect("no trap");
    let journal = kept.take();
    let told = Step::Waiting {
        note: "until the morning, [secret]".to_owned(),
    };
    assert_eq!(journal[0].step, told);

    let mut state = attempt(nobody().await, journal.clone(), Arc::new(TakenOver));
    state.waiting(note).await.expect("it is there already");
    assert_eq!(state.tape().end(), Ok(()));
    assert_eq!(state.into_tape().into_fresh(), []);

    let mut state = attempt(nobody().await, journal, Arc::new(TakenOver));
    let text = stop(state.waiting("until noon".to_owned()).await).to_string();
    let told = "at entry 1 the journal has waiting: until the morning, [secret], and the component \
                asked for waiting: until noon";
    assert_eq!(text, told);
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_stays_one() {
    let kept = Arc::new(Kept::default());
    let mut state = attempt(nobody().await, Vec::new(), kept.clone());
    let secret = "https://shop.example/secret";
    let denied = state.send(post(secret, Repeat::Unsafe)).await;
    assert!(matches!(
        denied.expect("no trap"),
        Err(SendError::Denied(_))
    ));
    let mut journal = kept.take();
    journal.extend(state.into_tape().into_fresh());
    let Step::Answered(answers) = &journal[1].step else {
        panic!("{journal:?}")
    };
    assert!(matches!(answers[..], [Answer::Denied(_)]));
    assert!(!attempt(0, journal, kept).unsafe_sent(), "it never left");
}

#[tokio::test]
async fn a_probe_sends_only_what_changes_nothing() {
    let (port, mut requests) = listening_provider().await;
    let (mut state, _) = begin(port, Purpose::Probe, Tape::forgotten(start()));
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
