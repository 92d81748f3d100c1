//! What lists hold, and in which order.

use baepo_domain::model::attempt::Attempt;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::{AttemptId, ChannelId, EventId, HolderId};
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::ports::{Mutation, Page, Store};

use super::sample::{self, at, commit, id, owner, published};

pub async fn events_come_newest_first_and_page_by_page(store: &dyn Store) {
    for number in [2, 5, 1, 4, 3] {
        commit(store, [Mutation::PutEvent(sample::event(number, "shop-1"))]).await;
    }
    commit(store, [Mutation::PutEvent(sample::event(6, "shop-2"))]).await;

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
            [Mutation::PutEvent(sample::publishing(number, "shop-1"))],
        )
        .await;
    }
    commit(store, [Mutation::PutEvent(sample::event(3, "shop-1"))]).await;
    let everybodys = all_but(9_009);
    let expired = |millis| ReclaimScope::Before(at(millis));
    assert_eq!(unfinished(store, everybodys, 10).await, [1, 2]);
    assert_eq!(unfinished(store, everybodys, 1).await, [1]);
    let not_mine = all_but(9_000);
    assert!(unfinished(store, not_mine, 10).await.is_empty());
    assert!(unfinished(store, expired(60_000), 10).await.is_empty());
    assert_eq!(unfinished(store, expired(60_001), 10).await, [1, 2]);

    let stored = Event {
        revision: 1,
        ..sample::publishing(1, "shop-1")
    };
    commit(
        store,
        [Mutation::PutEvent(stored.drop_lease(HolderId(id(9_000))))],
    )
    .await;
    assert_eq!(unfinished(store, everybodys, 10).await, [2]);

    // Nobody's, and due sooner than the other.
    let stored = Event {
        revision: 1,
        ..sample::publishing(2, "shop-1")
    };
    let postponed = stored.postpone(HolderId(id(9_000)), at(50));
    commit(store, [Mutation::PutEvent(postponed)]).await;
    assert!(unfinished(store, expired(50), 10).await.is_empty());
    assert_eq!(unfinished(store, expired(51), 10).await, [2]);
}

fn all_but(holder: u32) -> ReclaimScope {
    ReclaimScope::AllBut {
        holder: HolderId(id(holder)),
        now: at(0),
    }
}

async fn unfinished(store: &dyn Store, scope: ReclaimScope, limit: u32) -> Vec<u32> {
    let found = store.unfinished_publishes(scope, limit).await;
    let ids = found.expect("a read").into_iter();
    ids.map(|id| u32::try_from(id.0.as_u128()).expect("a sample's number"))
        .collect()
}

/// Ids of one millisecond have no order: what counts is the order of the changes.
pub async fn deliveries_come_in_creation_order(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    let (_, other) = published(store, 2).await;
    let made = [(3, "kakao-channel"), (1, "instagram"), (2, "genie-tv")];
    let changes =
        made.map(|(number, on)| Mutation::PutDelivery(sample::delivery(number, &distribution, on)));
    commit(store, changes).await;
    commit(
        store,
        [Mutation::PutDelivery(sample::delivery(
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

pub async fn attempts_come_in_start_order(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    let delivery = sample::delivery(1, &distribution, "instagram");
    commit(store, [Mutation::PutDelivery(delivery.clone())]).await;
    for number in [7, 5, 6] {
        commit(
            store,
            [Mutation::PutAttempt(sample::attempt(number, &delivery))],
        )
        .await;
    }
    let first = Attempt {
        revision: 1,
        ..sample::attempt(7, &delivery)
    };
    commit(store, [Mutation::PutAttempt(sample::ended(first))]).await;

    let attempts = store.attempts(distribution.id).await.expect("a read");
    let ids: Vec<AttemptId> = attempts.iter().map(|attempt| attempt.id).collect();
    assert_eq!(ids, [7, 5, 6].map(|number| AttemptId(id(number))));
}
