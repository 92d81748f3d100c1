//! What lists hold, and in which order.

use super::sample::{self, commit, id, owner, published};
use crate::attempt::Attempt;
use crate::event::Event;
use crate::id::{AttemptId, ChannelId, EventId, HolderId};
use crate::ports::{Change, Page, Store};

pub async fn events_come_newest_first_and_page_by_page(store: &dyn Store) {
    for number in [2, 5, 1, 4, 3] {
        commit(store, [Change::PutEvent(sample::event(number, "shop-1"))]).await;
    }
    commit(store, [Change::PutEvent(sample::event(6, "shop-2"))]).await;

    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = Page { after, limit: 2 };
        let events = store.events(&owner("shop-1"), page).await.expect("a read");
        let Some(last) = events.last() else { break };
        after = Some(last.id);
        pages.push(events.iter().map(|event| event.id).collect::<Vec<_>>());
    }
    let expected = [vec![5, 4], vec![3, 2], vec![1]];
    assert_eq!(
        pages,
        expected.map(|page| page.into_iter().map(|n| EventId(id(n))).collect::<Vec<_>>())
    );
}

pub async fn publishes_are_unfinished_while_the_event_has_a_lease(store: &dyn Store) {
    for number in [2, 1] {
        commit(
            store,
            [Change::PutEvent(sample::publishing(number, "shop-1"))],
        )
        .await;
    }
    commit(store, [Change::PutEvent(sample::event(3, "shop-1"))]).await;
    let unfinished = store.unfinished_publishes().await.expect("a read");
    assert_eq!(
        unfinished,
        [1, 2].map(|number| EventId(id(number))),
        "oldest first"
    );

    let stored = Event {
        revision: 1,
        ..sample::publishing(1, "shop-1")
    };
    commit(
        store,
        [Change::PutEvent(stored.release_lease(HolderId(id(9_000))))],
    )
    .await;
    let unfinished = store.unfinished_publishes().await.expect("a read");
    assert_eq!(unfinished, [EventId(id(2))]);
}

/// Ids of one millisecond have no order: what counts is the order of the changes.
pub async fn deliveries_come_in_the_order_in_which_they_were_made(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    let (_, other) = published(store, 2).await;
    let made = [(3, "kakao-channel"), (1, "instagram"), (2, "genie-tv")];
    let changes =
        made.map(|(number, on)| Change::PutDelivery(sample::delivery(number, &distribution, on)));
    commit(store, changes).await;
    commit(
        store,
        [Change::PutDelivery(sample::delivery(
            4,
            &other,
            "instagram",
        ))],
    )
    .await;

    let deliveries = store.deliveries(distribution.id).await.expect("a read");
    let channels: Vec<&ChannelId> = deliveries
        .iter()
        .map(|delivery| &delivery.channel)
        .collect();
    assert_eq!(
        channels.iter().map(|on| on.as_str()).collect::<Vec<_>>(),
        made.map(|(_, on)| on)
    );
}

pub async fn attempts_come_in_the_order_in_which_they_began(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    let delivery = sample::delivery(1, &distribution, "instagram");
    commit(store, [Change::PutDelivery(delivery.clone())]).await;
    for number in [7, 5, 6] {
        commit(
            store,
            [Change::PutAttempt(sample::attempt(number, &delivery))],
        )
        .await;
    }
    let first = Attempt {
        revision: 1,
        ..sample::attempt(7, &delivery)
    };
    commit(store, [Change::PutAttempt(sample::ended(first))]).await;

    let attempts = store.attempts(distribution.id).await.expect("a read");
    let ids: Vec<AttemptId> = attempts.iter().map(|attempt| attempt.id).collect();
    assert_eq!(ids, [7, 5, 6].map(|number| AttemptId(id(number))));
}
