//! Requests that must not act twice, and messages that must not be lost.

use baepo_domain::model::event::Event;
use baepo_domain::model::id::{Digest, EventId, HolderId, MessageId};
use baepo_domain::model::idempotency::IdempotencyRecord;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::model::outbox::{Message, OutboxRow};
use baepo_domain::ports::{CommitError, Mutation, Page, Store};
use serde_json::json;

use super::sample::{self, at, commit, id, lease};

pub async fn an_idempotency_key_is_answered_once(store: &dyn Store) {
    let event = event(store).await;
    let running = sample::running_request("shop-1", "k-1", event);
    commit(store, [Mutation::PutIdempotency(running.clone())]).await;
    assert_kept(store, &running).await;

    // Taken up again after a restart, and then answered.
    let running = IdempotencyRecord {
        created_at: at(20),
        ..running
    };
    commit(store, [Mutation::PutIdempotency(running.clone())]).await;
    assert_kept(store, &running).await;
    let answered = IdempotencyRecord {
        answer: Some(json!({"status": 200})),
        ..running.clone()
    };
    commit(store, [Mutation::PutIdempotency(answered.clone())]).await;
    assert_kept(store, &answered).await;

    for late in [
        running,
        IdempotencyRecord {
            answer: Some(json!({"status": 502})),
            ..answered.clone()
        },
    ] {
        let result = store.commit(vec![Mutation::PutIdempotency(late)]).await;
        assert!(
            matches!(result, Err(CommitError::Conflict(_))),
            "{result:?}"
        );
    }
    assert_kept(store, &answered).await;
}

pub async fn an_answer_is_replaced_only_with_its_current_value(store: &dyn Store) {
    let event = event(store).await;
    let first = json!({"ending": {"Underway": {"why": "[ko] 잠시\n[en] a moment"}}, "n": 1});
    let told = IdempotencyRecord {
        answer: Some(first.clone()),
        ..sample::running_request("shop-1", "k-1", event)
    };
    commit(store, [Mutation::PutIdempotency(told.clone())]).await;
    let next = IdempotencyRecord {
        answer: Some(json!({"ending": "AllFailed"})),
        created_at: at(20),
        ..told.clone()
    };
    let replace =
        |record: &IdempotencyRecord, earlier: &serde_json::Value| Mutation::ReplaceAnswer {
            record: record.clone(),
            earlier: earlier.clone(),
        };
    let other_request = IdempotencyRecord {
        fingerprint: Digest::of(b"another request"),
        ..next.clone()
    };
    for refused in [
        replace(&next, &json!({"ending": "Distributed"})),
        replace(&other_request, &first),
    ] {
        let result = store.commit(vec![refused]).await;
        assert!(
            matches!(result, Err(CommitError::Conflict(_))),
            "{result:?}"
        );
    }
    assert_kept(store, &told).await;

    commit(store, [replace(&next, &first)]).await;
    assert_kept(store, &next).await;
    let again = store.commit(vec![replace(&told, &first)]).await;
    assert!(matches!(again, Err(CommitError::Conflict(_))), "{again:?}");

    // Asked for anew: it runs again, and is answered again.
    let running = IdempotencyRecord {
        answer: None,
        ..next.clone()
    };
    commit(store, [replace(&running, &json!({"ending": "AllFailed"}))]).await;
    assert_kept(store, &running).await;
    commit(store, [Mutation::PutIdempotency(next.clone())]).await;
    assert_kept(store, &next).await;
}

pub async fn an_idempotency_key_is_bound_to_its_request(store: &dyn Store) {
    let event = event(store).await;
    let running = sample::running_request("shop-1", "k-1", event);
    commit(store, [Mutation::PutIdempotency(running.clone())]).await;

    let other = IdempotencyRecord {
        fingerprint: Digest::of(b"another request"),
        ..running.clone()
    };
    let result = store.commit(vec![Mutation::PutIdempotency(other)]).await;
    assert!(
        matches!(result, Err(CommitError::Conflict(_))),
        "{result:?}"
    );
    assert_kept(store, &running).await;

    let of_another_owner = IdempotencyRecord {
        fingerprint: Digest::of(b"another request"),
        ..sample::running_request("shop-2", "k-1", event)
    };
    commit(store, [Mutation::PutIdempotency(of_another_owner.clone())]).await;
    assert_kept(store, &of_another_owner).await;
    assert_kept(store, &running).await;
}

pub async fn messages_wait_in_order_until_they_are_sent(store: &dyn Store) {
    let messages: Vec<Message> = [3, 1, 2].map(sample::message).into();
    commit(store, messages.iter().cloned().map(add)).await;

    let waiting = unsent(store, 9_000, 10).await;
    let read: Vec<Message> = waiting.iter().map(|row| row.message.clone()).collect();
    assert_eq!(read, messages);
    assert!(waiting.is_sorted_by(|one, next| one.sequence < next.sequence));
    assert_eq!(unsent(store, 9_000, 2).await, waiting[..2]);

    let sequences = vec![waiting[0].sequence, waiting[2].sequence];
    commit(
        store,
        [Mutation::MarkSent {
            sequences: sequences.clone(),
            at: at(30),
        }],
    )
    .await;
    assert_eq!(unsent(store, 9_000, 10).await, waiting[1..2]);

    // Marked again, as by a relay that was cut off between: the first time stays.
    commit(
        store,
        [Mutation::MarkSent {
            sequences,
            at: at(31),
        }],
    )
    .await;
    commit(
        store,
        [Mutation::MarkSent {
            sequences: Vec::new(),
            at: at(31),
        }],
    )
    .await;
    let all = store
        .outbox(Page {
            after: None,
            limit: 10,
        })
        .await
        .expect("a read");
    let sent: Vec<_> = all.iter().map(|row| row.sent_at).collect();
    assert_eq!(sent, [Some(at(30)), None, Some(at(30))]);
}

pub async fn a_message_is_written_atomically_with_its_commit(store: &dyn Store) {
    let event = sample::event(1, "shop-1");
    commit(store, [Mutation::PutEvent(event.clone())]).await;
    let changes = |event, number| vec![add(sample::message(number)), Mutation::PutEvent(event)];
    let result = store.commit(changes(event.clone(), 1)).await;
    assert!(
        matches!(result, Err(CommitError::Conflict(_))),
        "{result:?}"
    );
    assert_eq!(unsent(store, 9_000, 10).await, []);

    commit(
        store,
        changes(
            Event {
                revision: 1,
                ..event
            },
            2,
        ),
    )
    .await;
    let waiting = unsent(store, 9_000, 10).await;
    let ids: Vec<MessageId> = waiting.iter().map(|row| row.message.id).collect();
    assert_eq!(ids, [MessageId(id(2))]);
}

pub async fn a_message_is_sent_by_its_holder(store: &dyn Store) {
    let held = |number, holder, until| Mutation::AddMessage {
        message: sample::message(number),
        lease: lease(holder, until),
    };
    let changes = [held(1, 9_001, 10), held(2, 9_002, 20), held(3, 9_001, 30)];
    commit(store, changes).await;
    assert_eq!(numbers(unsent(store, 9_001, 10).await), [1, 3]);
    assert_eq!(numbers(unsent(store, 9_002, 10).await), [2]);
    let read = store.message(MessageId(id(2))).await.expect("a read");
    assert_eq!(read.map(|row| row.message), Some(sample::message(2)));

    let second = unsent(store, 9_002, 10).await[0].sequence;
    commit(store, [renewal(vec![second], 9_002, 90)]).await;
    let take = |scope, limit| Mutation::ReclaimMessages {
        scope,
        lease: lease(9_003, 60),
        limit,
    };
    commit(store, [take(ReclaimScope::Before(at(10)), 10)]).await;
    assert!(numbers(unsent(store, 9_003, 10).await).is_empty());
    commit(store, [take(ReclaimScope::Before(at(31)), 1)]).await;
    assert_eq!(numbers(unsent(store, 9_003, 10).await), [1]);
    commit(store, [take(ReclaimScope::Before(at(31)), 10)]).await;
    assert_eq!(numbers(unsent(store, 9_003, 10).await), [1, 3]);
    assert!(numbers(unsent(store, 9_001, 10).await).is_empty());
    let not_mine = ReclaimScope::AllBut {
        holder: HolderId(id(9_003)),
        now: at(0),
    };
    commit(store, [take(not_mine, 10)]).await;
    assert_eq!(numbers(unsent(store, 9_003, 10).await), [1, 2, 3]);
    // Its own, which it did not renew.
    let ran_out = ReclaimScope::AllBut {
        holder: HolderId(id(9_003)),
        now: at(61),
    };
    let take = Mutation::ReclaimMessages {
        scope: ran_out,
        lease: lease(9_003, 80),
        limit: 10,
    };
    commit(store, [take]).await;
    let before = ReclaimScope::Before(at(61));
    let take = Mutation::ReclaimMessages {
        scope: before,
        lease: lease(9_004, 99),
        limit: 10,
    };
    commit(store, [take]).await;
    assert!(numbers(unsent(store, 9_004, 10).await).is_empty());
}

pub async fn message_leases_are_renewed_only_by_their_holder(store: &dyn Store) {
    commit(store, [1, 2, 3].map(sample::message).map(add)).await;
    let rows = unsent(store, 9_000, 10).await;
    let [first, second, third] = [0, 1, 2].map(|place: usize| rows[place].sequence);
    commit(store, [renewal(vec![first, second], 9_000, 90_000)]).await;
    for lost in [
        renewal(vec![first], 9_001, 95_000),
        renewal(vec![first, 4_711], 9_000, 95_000),
    ] {
        let result = store.commit(vec![lost]).await;
        assert!(
            matches!(result, Err(CommitError::Conflict("lease"))),
            "{result:?}"
        );
    }

    let take = Mutation::ReclaimMessages {
        scope: ReclaimScope::Before(at(89_999)),
        lease: lease(9_001, 99_000),
        limit: 10,
    };
    commit(store, [take]).await;
    assert_eq!(numbers(unsent(store, 9_000, 10).await), [1, 2]);
    assert_eq!(numbers(unsent(store, 9_001, 10).await), [3]);
    let sent = Mutation::MarkSent {
        sequences: vec![third],
        at: at(30),
    };
    commit(store, [sent]).await;
    let result = store
        .commit(vec![renewal(vec![third], 9_001, 99_500)])
        .await;
    assert!(
        matches!(result, Err(CommitError::Conflict("lease"))),
        "it is sent: {result:?}"
    );
}

pub async fn a_sent_message_is_never_claimed(store: &dyn Store) {
    commit(store, [add(sample::message(1))]).await;
    let waiting = unsent(store, 9_000, 10).await;
    let sent = Mutation::MarkSent {
        sequences: vec![waiting[0].sequence],
        at: at(30),
    };
    commit(store, [sent]).await;
    let take = Mutation::ReclaimMessages {
        scope: ReclaimScope::AllBut {
            holder: HolderId(id(9_003)),
            now: at(0),
        },
        lease: lease(9_003, 60),
        limit: 10,
    };
    commit(store, [take]).await;
    assert_eq!(unsent(store, 9_003, 10).await, []);
    let read = store.message(MessageId(id(1))).await.expect("a read");
    assert_eq!(read.and_then(|row| row.sent_at), Some(at(30)));
}

pub async fn the_outbox_is_read_page_by_page(store: &dyn Store) {
    commit(store, (1..=5).map(sample::message).map(add)).await;
    let mut read: Vec<OutboxRow> = Vec::new();
    for length in [2, 2, 1, 0] {
        let after = read.last().map(|row| row.sequence);
        let page = store
            .outbox(Page { after, limit: 2 })
            .await
            .expect("a read");
        assert_eq!(page.len(), length);
        read.extend(page);
    }
    let ids: Vec<MessageId> = read.iter().map(|row| row.message.id).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5].map(|number| MessageId(id(number))));
}

fn renewal(sequences: Vec<i64>, holder: u32, until: i64) -> Mutation {
    let lease = lease(holder, until);
    Mutation::RenewMessages { sequences, lease }
}

fn add(message: Message) -> Mutation {
    let lease = lease(9_000, 60_000);
    Mutation::AddMessage { message, lease }
}

async fn unsent(store: &dyn Store, holder: u32, limit: u32) -> Vec<OutboxRow> {
    let holder = HolderId(id(holder));
    store.unsent(holder, limit).await.expect("a read")
}

fn numbers(rows: Vec<OutboxRow>) -> Vec<u32> {
    let ids = rows.into_iter().map(|row| row.message.id.0.as_u128());
    ids.map(|id| u32::try_from(id).expect("a sample's number"))
        .collect()
}

async fn event(store: &dyn Store) -> EventId {
    let event = sample::event(1, "shop-1");
    commit(store, [Mutation::PutEvent(event.clone())]).await;
    event.id
}

async fn assert_kept(store: &dyn Store, record: &IdempotencyRecord) {
    let kept = store
        .idempotency(&record.owner, &record.key)
        .await
        .expect("a read");
    assert_eq!(kept.as_ref(), Some(record));
}
