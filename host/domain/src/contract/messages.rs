//! Requests that must not act twice, and messages that must not be lost.

use serde_json::json;

use super::sample::{self, at, commit, id};
use crate::event::Event;
use crate::id::{Digest, EventId, MessageId};
use crate::idempotency::IdempotencyRecord;
use crate::outbox::{Message, OutboxRow};
use crate::ports::{Change, CommitError, Page, Store};

pub async fn an_idempotency_key_is_answered_once(store: &dyn Store) {
    let event = event(store).await;
    let running = sample::running_request("shop-1", "k-1", event);
    commit(store, [Change::PutIdempotency(running.clone())]).await;
    assert_kept(store, &running).await;

    // Taken up again after a restart, and then answered.
    let running = IdempotencyRecord {
        created_at: at(20),
        ..running
    };
    commit(store, [Change::PutIdempotency(running.clone())]).await;
    assert_kept(store, &running).await;
    let answered = IdempotencyRecord {
        answer: Some(json!({"status": 200})),
        ..running.clone()
    };
    commit(store, [Change::PutIdempotency(answered.clone())]).await;
    assert_kept(store, &answered).await;

    for late in [
        running,
        IdempotencyRecord {
            answer: Some(json!({"status": 502})),
            ..answered.clone()
        },
    ] {
        let result = store.commit(vec![Change::PutIdempotency(late)]).await;
        assert!(
            matches!(result, Err(CommitError::Conflict(_))),
            "{result:?}"
        );
    }
    assert_kept(store, &answered).await;
}

pub async fn an_idempotency_key_stays_with_its_request(store: &dyn Store) {
    let event = event(store).await;
    let running = sample::running_request("shop-1", "k-1", event);
    commit(store, [Change::PutIdempotency(running.clone())]).await;

    let other = IdempotencyRecord {
        fingerprint: Digest::of(b"another request"),
        ..running.clone()
    };
    let result = store.commit(vec![Change::PutIdempotency(other)]).await;
    assert!(
        matches!(result, Err(CommitError::Conflict(_))),
        "{result:?}"
    );
    assert_kept(store, &running).await;

    let of_another_owner = IdempotencyRecord {
        fingerprint: Digest::of(b"another request"),
        ..sample::running_request("shop-2", "k-1", event)
    };
    commit(store, [Change::PutIdempotency(of_another_owner.clone())]).await;
    assert_kept(store, &of_another_owner).await;
    assert_kept(store, &running).await;
}

pub async fn messages_wait_in_order_until_they_are_sent(store: &dyn Store) {
    let messages: Vec<Message> = [3, 1, 2].map(sample::message).into();
    commit(store, messages.iter().cloned().map(Change::AddMessage)).await;

    let waiting = store.unsent(10).await.expect("a read");
    let read: Vec<Message> = waiting.iter().map(|row| row.message.clone()).collect();
    assert_eq!(read, messages);
    assert!(waiting.is_sorted_by(|one, next| one.sequence < next.sequence));
    assert_eq!(store.unsent(2).await.expect("a read"), waiting[..2]);

    let sequences = vec![waiting[0].sequence, waiting[2].sequence];
    commit(
        store,
        [Change::MarkSent {
            sequences: sequences.clone(),
            at: at(30),
        }],
    )
    .await;
    assert_eq!(store.unsent(10).await.expect("a read"), waiting[1..2]);

    // Marked again, as by a relay that was cut off between: the first time stays.
    commit(
        store,
        [Change::MarkSent {
            sequences,
            at: at(31),
        }],
    )
    .await;
    commit(
        store,
        [Change::MarkSent {
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

pub async fn a_message_is_written_with_its_commit_or_not_at_all(store: &dyn Store) {
    let event = sample::event(1, "shop-1");
    commit(store, [Change::PutEvent(event.clone())]).await;
    let changes = |event, number| {
        vec![
            Change::AddMessage(sample::message(number)),
            Change::PutEvent(event),
        ]
    };
    let result = store.commit(changes(event.clone(), 1)).await;
    assert!(
        matches!(result, Err(CommitError::Conflict(_))),
        "{result:?}"
    );
    assert_eq!(store.unsent(10).await.expect("a read"), []);

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
    let waiting = store.unsent(10).await.expect("a read");
    let ids: Vec<MessageId> = waiting.iter().map(|row| row.message.id).collect();
    assert_eq!(ids, [MessageId(id(2))]);
}

pub async fn the_outbox_is_read_page_by_page(store: &dyn Store) {
    commit(store, (1..=5).map(sample::message).map(Change::AddMessage)).await;
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

async fn event(store: &dyn Store) -> EventId {
    let event = sample::event(1, "shop-1");
    commit(store, [Change::PutEvent(event.clone())]).await;
    event.id
}

async fn assert_kept(store: &dyn Store, record: &IdempotencyRecord) {
    let kept = store
        .idempotency(&record.owner, &record.key)
        .await
        .expect("a read");
    assert_eq!(kept.as_ref(), Some(record));
}
