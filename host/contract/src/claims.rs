//! Deliveries that somebody works on, and deliveries that somebody must work on.

use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::{DeliveryId, HolderId};
use baepo_domain::model::lease::Lease;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::ports::{ClaimDue, CommitError, Mutation, Store};
use futures::future::join_all;

use super::sample::{self, at, commit, id, lease, published};

pub async fn due_deliveries_are_claimed_longest_due_first(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    for (number, due_at) in [(1, 30), (2, 10), (3, 40), (4, 20), (5, 20)] {
        let delivery = Delivery {
            due_at: Some(at(due_at)),
            ..delivery(number, &distribution)
        };
        commit(store, [Mutation::PutDelivery(delivery)]).await;
    }
    let nothing_to_do = Delivery {
        due_at: None,
        ..delivery(6, &distribution)
    };
    commit(store, [Mutation::PutDelivery(nothing_to_do)]).await;

    assert_eq!(take(store, 9, 10, 10).await, numbered([]));
    assert_eq!(take(store, 30, 40, 2).await, numbered([2, 4]));
    assert_eq!(take(store, 30, 40, 10).await, numbered([5, 1]));
    assert_eq!(take(store, 30, 40, 10).await, numbered([]));
}

pub async fn an_expired_due_claim_can_be_claimed_again(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    commit(store, due_at([(1, 10), (2, 20)], &distribution)).await;
    assert_eq!(take(store, 10, 50, 10).await, numbered([1]));
    assert_eq!(take(store, 49, 90, 10).await, numbered([2]));
    assert_eq!(take(store, 50, 90, 10).await, numbered([]));
    assert_eq!(take(store, 51, 90, 10).await, numbered([1]));
}

pub async fn due_claims_of_other_nodes_can_be_claimed_at_start(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    commit(store, due_at([(1, 10), (2, 20)], &distribution)).await;
    assert_eq!(take(store, 10, 90, 10).await, numbered([1]));
    let claim = |holder| ClaimDue {
        now: at(20),
        lease: lease(holder, 90),
        scope: all_but(holder, 0),
        limit: 10,
    };
    let taken = store.claim_due(claim(9_001)).await.expect("a read");
    assert_eq!(taken, numbered([1, 2]));
    let taken = store.claim_due(claim(9_001)).await.expect("a read");
    assert_eq!(taken, numbered([]));
    let later = ClaimDue {
        scope: all_but(9_001, 91),
        ..claim(9_001)
    };
    let taken = store.claim_due(later).await.expect("a read");
    assert_eq!(taken, numbered([1, 2]), "its own that has run out");
}

pub async fn a_transition_releases_the_due_claim(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    commit(store, due_at([(1, 10)], &distribution)).await;
    assert_eq!(take(store, 10, 90, 10).await, numbered([1]));
    assert_eq!(store.next_due().await.expect("a read"), None);
    let defer = stored(store, 1).await;
    assert_eq!(defer.revision, 1, "a claim leaves the revision");
    commit(store, [Mutation::PutDelivery(defer.sleep(at(12), at(11)))]).await;
    assert_eq!(store.next_due().await.expect("a read"), Some(at(12)));
    assert_eq!(take(store, 12, 90, 10).await, numbered([1]));
}

pub async fn concurrent_due_claims_are_disjoint(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    let all: Vec<Mutation> = (1..=60)
        .flat_map(|number| due_at([(number, 10)], &distribution))
        .collect();
    commit(store, all).await;
    let takings = (0..10).map(|_| take(store, 10, 90, 6));
    let taken = join_all(takings).await;
    // A claim that runs beside others may get less than there is, never what others have.
    let mut seen: Vec<DeliveryId> = taken.into_iter().flatten().collect();
    seen.extend(take(store, 10, 90, 60).await);
    seen.sort();
    let every: Vec<DeliveryId> = (1..=60).map(|number| DeliveryId(id(number))).collect();
    assert_eq!(seen, every);
}

pub async fn the_next_due_time_is_the_earliest(store: &dyn Store) {
    assert_eq!(store.next_due().await.expect("a read"), None);
    let (_, distribution) = published(store, 1).await;
    let [later, earlier] = [(1, 30), (2, 10)].map(|(number, due_at)| Delivery {
        due_at: Some(at(due_at)),
        ..delivery(number, &distribution)
    });
    let changes = [later, earlier.clone()].map(Mutation::PutDelivery);
    commit(store, changes).await;
    assert_eq!(store.next_due().await.expect("a read"), Some(at(10)));

    let claimed = Delivery {
        revision: 1,
        ..earlier.resume(lease(9_000, 60_000), at(12))
    };
    commit(store, [Mutation::PutDelivery(claimed)]).await;
    assert_eq!(store.next_due().await.expect("a read"), Some(at(30)));
    assert_eq!(take(store, 60, 90, 10).await, numbered([1]));
}

pub async fn expired_leases_are_reclaimable_oldest_first(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    let leases = [
        (1, Some(lease(9_001, 30))),
        (2, Some(lease(9_002, 10))),
        (3, Some(lease(9_001, 40))),
        (4, None),
        (5, Some(lease(9_003, 20))),
    ];
    commit(store, claimed(leases, &distribution)).await;

    let before = ReclaimScope::Before(at(40));
    assert_eq!(reclaimable(store, before, 10).await, numbered([2, 5, 1]));
    assert_eq!(reclaimable(store, before, 2).await, numbered([2, 5]));
    let before = ReclaimScope::Before(at(10));
    assert_eq!(reclaimable(store, before, 10).await, numbered([]));
}

pub async fn leases_of_other_nodes_are_reclaimable_at_start(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    let leases = [
        (1, Some(lease(9_001, 30))),
        (2, Some(lease(9_002, 20))),
        (3, None),
        (4, Some(lease(9_003, 10))),
    ];
    commit(store, claimed(leases, &distribution)).await;

    let all_but = |holder| all_but(holder, 20);
    assert_eq!(
        reclaimable(store, all_but(9_002), 10).await,
        numbered([4, 1])
    );
    assert_eq!(reclaimable(store, all_but(9_002), 1).await, numbered([4]));
    assert_eq!(
        reclaimable(store, all_but(9_009), 10).await,
        numbered([4, 2, 1])
    );
    // Its own as well, once it has not renewed it for so long.
    let later = self::all_but(9_002, 21);
    assert_eq!(reclaimable(store, later, 10).await, numbered([4, 2, 1]));
}

pub async fn an_unclaimed_delivery_is_not_reclaimable(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    commit(store, claimed([(1, Some(lease(9_001, 10)))], &distribution)).await;
    let scope = ReclaimScope::Before(at(20));
    assert_eq!(reclaimable(store, scope, 10).await, numbered([1]));

    let stored = stored(store, 1).await;
    commit(store, [Mutation::PutDelivery(stored.reclaim(at(20)))]).await;
    assert_eq!(reclaimable(store, scope, 10).await, numbered([]));
    assert_eq!(take(store, 20, 90, 10).await, numbered([1]));
}

pub async fn a_lease_renewal_covers_only_named_deliveries_and_keeps_revisions(store: &dyn Store) {
    let (_, distribution) = published(store, 1).await;
    let leases = [
        (1, Some(lease(9_001, 10))),
        (2, Some(lease(9_002, 10))),
        (3, None),
        (4, Some(lease(9_001, 20))),
        (5, Some(lease(9_001, 20))),
    ];
    commit(store, claimed(leases, &distribution)).await;
    let renewal = |holder, deliveries: &[u32]| {
        let deliveries = deliveries.iter().map(|number| DeliveryId(id(*number)));
        Mutation::RenewLeases {
            deliveries: deliveries.collect(),
            lease: lease(holder, 99),
        }
    };
    // Those that it does not have, or that are not there, are left alone.
    commit(store, [renewal(9_001, &[1, 2, 3, 4, 17])]).await;
    commit(store, [renewal(9_009, &[1, 5])]).await;
    commit(store, [renewal(9_001, &[])]).await;

    let renewed = [
        (1, Some(lease(9_001, 99))),
        (2, Some(lease(9_002, 10))),
        (3, None),
        (4, Some(lease(9_001, 99))),
        (5, Some(lease(9_001, 20))),
    ];
    for (number, lease) in renewed {
        let stored = stored(store, number).await;
        assert_eq!((stored.lease, stored.revision), (lease, 1), "{number}");
    }
    let first = stored(store, 1).await;
    commit(store, [Mutation::PutDelivery(first.sleep(at(50), at(13)))]).await;
    assert_eq!(stored(store, 1).await.lease, None);
}

pub async fn a_publish_lease_is_renewed_only_by_its_holder(store: &dyn Store) {
    let (event, _) = published(store, 1).await;
    let renewal = |holder| Mutation::RenewPublish {
        event: event.id,
        lease: lease(holder, 99_000),
    };
    commit(store, [renewal(9_000)]).await;
    let other = store.commit(vec![renewal(9_001)]).await;
    assert!(matches!(other, Err(CommitError::Conflict(_))), "{other:?}");
    let stored = store.event(event.id).await.expect("a read");
    let renewed = Event {
        publishing: Some(lease(9_000, 99_000)),
        ..event
    };
    assert_eq!(stored, Some(renewed), "with the revision that it had");
}

fn all_but(holder: u32, now: i64) -> ReclaimScope {
    ReclaimScope::AllBut {
        holder: HolderId(id(holder)),
        now: at(now),
    }
}

fn delivery(number: u32, of: &Distribution) -> Delivery {
    sample::delivery(number, of, &format!("channel-{number}"))
}

fn claimed<const N: usize>(leases: [(u32, Option<Lease>); N], of: &Distribution) -> [Mutation; N] {
    leases.map(|(number, lease)| {
        let delivery = delivery(number, of);
        Mutation::PutDelivery(Delivery {
            lease,
            due_at: None,
            ..delivery
        })
    })
}

async fn stored(store: &dyn Store, number: u32) -> Delivery {
    let delivery = store.delivery(DeliveryId(id(number))).await;
    delivery.expect("a read").expect("it was put there")
}

fn due_at<const N: usize>(times: [(u32, i64); N], of: &Distribution) -> [Mutation; N] {
    times.map(|(number, due_at)| {
        let delivery = delivery(number, of);
        Mutation::PutDelivery(Delivery {
            due_at: Some(at(due_at)),
            ..delivery
        })
    })
}

async fn take(store: &dyn Store, now: i64, until: i64, limit: u32) -> Vec<DeliveryId> {
    let claim = ClaimDue {
        now: at(now),
        lease: lease(9_000, until),
        scope: ReclaimScope::Before(at(now)),
        limit,
    };
    store.claim_due(claim).await.expect("a read")
}

async fn reclaimable(store: &dyn Store, scope: ReclaimScope, limit: u32) -> Vec<DeliveryId> {
    store.reclaimable(scope, limit).await.expect("a read")
}

fn numbered<const N: usize>(numbers: [u32; N]) -> [DeliveryId; N] {
    numbers.map(|number| DeliveryId(id(number)))
}
