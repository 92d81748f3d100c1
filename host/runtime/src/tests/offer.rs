//! From the end of its offer on, an attempt sends nothing that acts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::id::ChannelId;
use baepo_domain::model::journal::{self, Entry, OFFER_HAS_ENDED, RequestOutcome};
use baepo_domain::model::manifest::Grant;
use baepo_domain::model::offer_end::OfferEnd;
use baepo_domain::model::time::after;
use baepo_domain::ports::clock::ManualClock;

use super::call_fixture::{DISTRIBUTE, call_until, listening_provider, post, unused_port};
use super::support::{InMemoryJournal, provided, start};
use crate::bindings::http::{Host as _, Repeat, SendError};
use crate::egress::{EgressLimits, EgressPolicy};
use crate::imports::{CallState, JournalCursor};

const POSTS: &str = "https://shop.example/posts";
const MINUTE: Duration = Duration::from_secs(60);

/// An attempt whose offer ends a minute after everything begins.
fn attempt(port: u16, recorded: Vec<Entry>) -> (CallState, Arc<ManualClock>, Arc<InMemoryJournal>) {
    let (clock, recording) = (
        Arc::new(ManualClock::at(start())),
        Arc::new(InMemoryJournal::default()),
    );
    let cursor = JournalCursor::recording(recorded, start(), recording.clone());
    let end = OfferEnd(after(start(), MINUTE));
    let state = call_until(provided(port), clock.clone(), DISTRIBUTE, cursor, Some(end));
    (state, clock, recording)
}

/// All that it wrote down.
fn journal_of(state: CallState, recording: &InMemoryJournal) -> Vec<Entry> {
    let mut journal = recording.take();
    journal.extend(state.into_cursor().into_uncommitted());
    journal
}

async fn send(state: &mut CallState, repeat: Repeat) -> Result<u16, String> {
    let answer = state.send(post(POSTS, repeat)).await.expect("no trap");
    let answer = answer.map(|response| response.status);
    answer.map_err(|error| format!("{error:?}"))
}

fn refused() -> Result<u16, String> {
    let denied = SendError::Denied(OFFER_HAS_ENDED.to_owned());
    Err(format!("{denied:?}"))
}

#[tokio::test]
async fn only_safe_requests_are_sent_after_the_offer_end_and_a_replay_agrees() {
    let (port, mut requests) = listening_provider().await;
    let (mut state, clock, recording) = attempt(port, Vec::new());
    clock.advance(MINUTE - Duration::from_millis(1));
    assert_eq!(send(&mut state, Repeat::Idempotent).await, Ok(200));
    assert_eq!(state.refused_at_end(), None);
    clock.advance(Duration::from_millis(1));
    assert_eq!(send(&mut state, Repeat::Unsafe).await, refused());
    assert_eq!(state.refused_at_end(), Some(journal::Repeat::Unsafe));
    assert_eq!(send(&mut state, Repeat::Idempotent).await, refused());
    assert_eq!(send(&mut state, Repeat::Safe).await, Ok(200));
    assert_eq!(state.refused_at_end(), Some(journal::Repeat::Idempotent));
    assert!(!state.unsafe_sent(), "it never left");
    let arrived = std::iter::from_fn(|| requests.try_recv().ok()).count();
    assert_eq!(arrived, 2, "the first and the safe one");

    let journal = journal_of(state, &recording);
    let (mut again, ..) = attempt(unused_port().await, journal);
    assert_eq!(send(&mut again, Repeat::Idempotent).await, Ok(200));
    assert_eq!(send(&mut again, Repeat::Unsafe).await, refused());
    assert_eq!(send(&mut again, Repeat::Idempotent).await, refused());
    assert_eq!(send(&mut again, Repeat::Safe).await, Ok(200));
    assert_eq!(again.refused_at_end(), Some(journal::Repeat::Idempotent));
    assert_eq!(again.cursor().end(), Ok(()));
}

#[tokio::test]
async fn an_interrupted_unsafe_request_stays_in_doubt_after_the_offer_end() {
    let (port, mut requests) = listening_provider().await;
    let (mut state, _, recording) = attempt(unused_port().await, Vec::new());
    assert!(send(&mut state, Repeat::Unsafe).await.is_err());
    // As a host leaves it that stops before the answer.
    let mut intent = journal_of(state, &recording);
    intent.truncate(1);
    let (mut state, clock, _) = attempt(port, intent);
    clock.advance(MINUTE);
    let answer = send(&mut state, Repeat::Unsafe).await;
    let why = answer.expect_err("nobody knows whether it is out");
    assert!(why.contains("the host stopped while"), "{why}");
    assert!(state.unsafe_sent());
    assert!(requests.try_recv().is_err(), "nothing arrived");
}

#[tokio::test]
async fn a_request_delayed_past_the_offer_end_is_not_sent() {
    let (port, mut requests) = listening_provider().await;
    let channel: ChannelId = "by-hand".parse().expect("a channel");
    let grants = [Grant {
        origin: "https://shop.example".parse().expect("an origin"),
        requests: vec!["POST /posts".parse().expect("a pattern")],
        secrets: Vec::new(),
    }];
    let policy = EgressPolicy {
        channel: &channel,
        grants: &grants,
        tokens: &[],
        secrets: &BTreeMap::new(),
        send_guard: &|| Err(OFFER_HAS_ENDED),
        limits: EgressLimits {
            request_bytes: 10_000,
            response_bytes: 10_000,
            request_time: Duration::from_secs(15),
            longest_request_time: Duration::from_secs(15),
            requests_per_second: 1_000,
        },
    };
    let request = journal::Request {
        method: "POST".to_owned(),
        url: POSTS.to_owned(),
        headers: Vec::new(),
        body: None,
        credentials: Vec::new(),
        repeat: journal::Repeat::Unsafe,
        timeout_ms: None,
    };
    let outcome = provided(port).send(policy, &request).await;
    assert_eq!(outcome, RequestOutcome::Denied(OFFER_HAS_ENDED.to_owned()));
    assert!(requests.try_recv().is_err(), "nothing arrived");
}
