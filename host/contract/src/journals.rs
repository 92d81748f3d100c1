//! What an attempt asked and was answered: written by who has its delivery, and never over.

use baepo_domain::model::attempt::Attempt;
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::id::{AttemptId, Digest, HolderId};
use baepo_domain::model::journal::{Body, Entry, Repeat, Request, RequestOutcome, Response, Step};
use baepo_domain::model::receipt::Receipt;
use baepo_domain::ports::{CommitError, Mutation, Store};

use super::sample::{self, at, commit, id, lease, published};

const HOLDER: u32 = 9_000;

pub async fn entries_are_read_in_order(store: &dyn Store) {
    let (delivery, attempt) = running(store, 1).await;
    let (_, other) = running(store, 2).await;
    let entries = entries();
    let (first, rest) = entries.split_at(2);
    commit(store, [append(&delivery, &attempt, HOLDER, rest)]).await;
    commit(store, [append(&delivery, &attempt, HOLDER, first)]).await;
    commit(store, [append(&delivery, &attempt, HOLDER, &[])]).await;

    assert_eq!(read(store, attempt.id).await, entries);
    assert_eq!(read(store, other.id).await, [], "another attempt's");
}

/// As many as an attempt may have, in one commit.
pub async fn many_entries_are_appended_at_once(store: &dyn Store) {
    let (delivery, attempt) = running(store, 1).await;
    let entries: Vec<Entry> = (1..=3_000)
        .map(|sequence| entry(sequence, Step::Slept { until: at(50) }))
        .collect();
    commit(store, [append(&delivery, &attempt, HOLDER, &entries)]).await;
    assert_eq!(read(store, attempt.id).await, entries);
}

pub async fn entries_without_the_lease_are_refused(store: &dyn Store) {
    let (delivery, attempt) = running(store, 1).await;
    let all = entries();
    commit(store, [append(&delivery, &attempt, HOLDER, &all[..1])]).await;

    let refused = |holder| append(&delivery, &attempt, holder, &all[1..]);
    assert_lease_lost(store, refused(9_001)).await;

    let asleep = Delivery {
        revision: 1,
        ..delivery.clone().sleep(at(50), at(12))
    };
    commit(store, [Mutation::PutDelivery(asleep.clone())]).await;
    assert_lease_lost(store, refused(HOLDER)).await;

    let reclaimed = Delivery {
        revision: 2,
        ..asleep.resume(lease(9_001, 60_000), at(50))
    };
    commit(store, [Mutation::PutDelivery(reclaimed)]).await;
    assert_lease_lost(store, refused(HOLDER)).await;
    assert_eq!(read(store, attempt.id).await, all[..1]);
    commit(store, [refused(9_001)]).await;
    assert_eq!(read(store, attempt.id).await, all);
}

/// The same holder, but the delivery has come to its next attempt meanwhile.
pub async fn entries_of_an_earlier_attempt_are_refused(store: &dyn Store) {
    let (delivery, attempt) = running(store, 1).await;
    let next = Delivery {
        attempt: Some(AttemptId(id(7))),
        revision: 1,
        ..delivery.clone()
    };
    commit(store, [Mutation::PutDelivery(next)]).await;
    assert_lease_lost(store, append(&delivery, &attempt, HOLDER, &entries())).await;
    assert_eq!(read(store, attempt.id).await, []);
}

/// A caller without an answer to its commit repeats it.
pub async fn a_repeated_append_changes_nothing(store: &dyn Store) {
    let (delivery, attempt) = running(store, 1).await;
    let all = entries();
    commit(store, [append(&delivery, &attempt, HOLDER, &all[..2])]).await;
    commit(store, [append(&delivery, &attempt, HOLDER, &all[..2])]).await;
    assert_eq!(read(store, attempt.id).await, all[..2]);
    // More than before, and what was there is not written over.
    let mut again = all.clone();
    again[0].at = at(99);
    commit(store, [append(&delivery, &attempt, HOLDER, &again)]).await;
    assert_eq!(read(store, attempt.id).await, all);
}

pub async fn entries_are_appended_with_the_end_of_their_delivery(store: &dyn Store) {
    let (delivery, attempt) = running(store, 1).await;
    let all = entries();
    let asleep = Delivery {
        revision: 1,
        ..delivery.clone().sleep(at(50), at(12))
    };
    let changes = |revision, entries| {
        let asleep = Delivery {
            revision,
            ..asleep.clone()
        };
        [
            append(&delivery, &attempt, HOLDER, entries),
            Mutation::PutDelivery(asleep),
        ]
    };
    let result = store.commit(changes(17, &all).into()).await;
    assert!(matches!(result, Err(CommitError::Conflict(_))));
    assert_eq!(read(store, attempt.id).await, [], "all or nothing");
    commit(store, changes(1, &all)).await;
    assert_eq!(read(store, attempt.id).await, all);
}

/// What is old and over keeps its end; what still runs keeps everything.
pub async fn an_old_journal_is_forgotten_when_its_attempt_has_ended(store: &dyn Store) {
    let (delivery, attempt) = running(store, 1).await;
    let all = entries();
    commit(store, [append(&delivery, &attempt, HOLDER, &all)]).await;
    let later =
        baepo_domain::model::time::after(attempt.started_at, std::time::Duration::from_secs(1));
    let old = || async { store.old_journals(later, 10).await.expect("a read") };
    assert_eq!(old().await, [], "it runs");
    commit(store, [Mutation::ForgetJournals(vec![attempt.id])]).await;
    assert_eq!(read(store, attempt.id).await, all, "it runs");

    let ended = Attempt {
        revision: 1,
        ..sample::ended(attempt.clone())
    };
    commit(store, [Mutation::PutAttempt(ended.clone())]).await;
    let before = store.old_journals(attempt.started_at, 10).await;
    assert_eq!(before.expect("a read"), [], "it began then, not before");
    assert_eq!(old().await, [attempt.id]);
    commit(store, [Mutation::ForgetJournals(old().await)]).await;
    assert_eq!(old().await, []);
    assert_eq!(read(store, attempt.id).await, []);
    let kept = store.attempt(attempt.id).await.expect("a read");
    assert_eq!(kept.expect("the attempt").ended, ended.ended);
}

/// A delivery with an attempt that runs, both as the store has them but for the revision.
async fn running(store: &dyn Store, number: u32) -> (Delivery, Attempt) {
    let (_, distribution) = published(store, number).await;
    let delivery = sample::delivery(number, &distribution, "instagram");
    let attempt = sample::attempt(number, &delivery);
    let delivery = delivery
        .start(attempt.id, attempt.release, lease(HOLDER, 60_000), at(5))
        .expect("a pending delivery");
    let changes = [
        Mutation::PutDelivery(delivery.clone()),
        Mutation::PutAttempt(attempt.clone()),
    ];
    commit(store, changes).await;
    (delivery, attempt)
}

fn append(delivery: &Delivery, attempt: &Attempt, holder: u32, entries: &[Entry]) -> Mutation {
    Mutation::AppendEntries {
        attempt: attempt.id,
        delivery: delivery.id,
        holder: HolderId(id(holder)),
        entries: entries.to_vec(),
    }
}

async fn read(store: &dyn Store, attempt: AttemptId) -> Vec<Entry> {
    store.journal(attempt).await.expect("a read")
}

async fn assert_lease_lost(store: &dyn Store, change: Mutation) {
    let result = store.commit(vec![change]).await;
    assert!(
        matches!(result, Err(CommitError::Conflict("lease"))),
        "{result:?}"
    );
}

fn entry(sequence: u32, step: Step) -> Entry {
    let at = at(10 + i64::from(sequence));
    Entry { sequence, at, step }
}

/// One of each kind, with every field filled and every kind of body.
fn entries() -> Vec<Entry> {
    let request = Request {
        method: "POST".into(),
        url: "https://provider.example/posts".into(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: Some(Body("따옴표 ' \" 와 줄\n바꿈 😀".into())),
        credentials: vec!["bearer accessToken".into()],
        repeat: Repeat::Unsafe,
        timeout_ms: Some(5_000),
    };
    let page = "<p>가을맞이 전 메뉴 20% 할인</p>".repeat(10_000);
    let response = |body| {
        RequestOutcome::Response(Response {
            status: 200,
            headers: vec![("x-id".into(), "17".into())],
            body: Body(body),
        })
    };
    let answers = vec![
        response(page.into()),
        response((0..=255).collect()),
        response(Vec::new()),
        RequestOutcome::Denied("a private address".into()),
        RequestOutcome::NotSent("connection refused".into()),
        RequestOutcome::InDoubt("the connection broke".into()),
        RequestOutcome::TooLarge(1 << 40),
    ];
    let receipt = Receipt {
        external_id: Some("17".into()),
        url: Some("https://provider.example/17".into()),
        estimated_reach: Some(12_000),
    };
    let signed = Step::Signed {
        secret: "appSecret".into(),
        algorithm: "hmac-sha256".into(),
        data: Digest::of(b"data"),
        signature: Some(Body(vec![0, 159, 146, 150, 255])),
    };
    let accepted = Step::Accepted {
        receipt,
        note: "검토 중".into(),
    };
    let steps = [
        Step::Sent(vec![request]),
        Step::Answered(answers),
        signed,
        Step::Slept { until: at(50) },
        accepted,
    ];
    (1..)
        .zip(steps)
        .map(|(sequence, step)| entry(sequence, step))
        .collect()
}
