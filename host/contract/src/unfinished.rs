//! Whatever is to be finished is found by somebody, however it was left.

use std::collections::BTreeSet;

use baepo_domain::model::delivery::{Delivery, DeliveryStatus};
use baepo_domain::model::event::Event;
use baepo_domain::model::id::{AttemptId, DeliveryId, EventId};
use baepo_domain::model::lease::Lease;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::ports::{ClaimDue, Mutation, Store};

use super::sample::{self, at, commit, id, lease};

const NOW: i64 = 1_000;
const PAST: i64 = 500;
const FUTURE: i64 = 1_500;
const IN_THE_END: i64 = 1_000_000;

/// Far more than there are.
const ALL: u32 = 10_000;

/// Every combination of a delivery's status, lease, due time and attempt, whether the code writes it
/// or not, and of its event's lease.
pub async fn every_unfinished_delivery_is_eventually_found(store: &dyn Store) {
    let deliveries = put_every_combination(store).await;
    let found = Found::at(store, IN_THE_END).await;
    for delivery in &deliveries {
        let waits_for_the_owner = delivery.lease.is_none() && delivery.due_at.is_none();
        let expected = !(delivery.status.is_settled() && waits_for_the_owner);
        assert_eq!(found.includes(delivery), expected, "{delivery:?}");
    }
}

/// A delivery that is at work, or due later, is not claimed.
pub async fn claimed_or_scheduled_deliveries_are_not_found_early(store: &dyn Store) {
    let deliveries = put_every_combination(store).await;
    let found = Found::at(store, NOW).await;
    for delivery in &deliveries {
        let waits = delivery.due_at != Some(at(PAST)) && delivery.lease != Some(ran_out());
        if waits && (delivery.lease.is_some() || delivery.due_at.is_some()) {
            assert!(!found.includes(delivery), "{delivery:?}");
        }
    }
}

/// What is about to be ordered, and was written a moment ago, is no orphan yet.
pub async fn an_orphan_is_found_only_after_the_grace_period(store: &dyn Store) {
    let (_, distribution) = sample::published(store, 1).await;
    for (number, updated_at) in [(1, 30), (2, 10), (3, 20), (4, 40)] {
        let running = Delivery {
            status: DeliveryStatus::Running,
            updated_at: at(updated_at),
            ..sample::delivery(number, &distribution, &format!("channel-{number}"))
        };
        commit(store, [Mutation::PutDelivery(running)]).await;
    }
    let orphaned = |millis, limit| store.orphaned(at(millis), limit);
    let numbered = |numbers: &[u32]| -> Vec<DeliveryId> {
        let ids = numbers.iter().map(|number| DeliveryId(id(*number)));
        ids.collect()
    };
    assert_eq!(orphaned(10, ALL).await.expect("a read"), numbered(&[]));
    assert_eq!(
        orphaned(31, ALL).await.expect("a read"),
        numbered(&[2, 3, 1])
    );
    assert_eq!(orphaned(31, 1).await.expect("a read"), numbered(&[2]));
}

async fn put_every_combination(store: &dyn Store) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    for status in DeliveryStatus::ALL {
        for lease in [None, Some(ran_out()), Some(lease(9_001, FUTURE))] {
            for due_at in [None, Some(at(PAST)), Some(at(FUTURE))] {
                for has_attempt in [false, true] {
                    for publishing in [None, Some(ran_out()), Some(Lease::postponed(at(PAST)))] {
                        let number = u32::try_from(deliveries.len()).expect("few") + 1;
                        let delivery = put(store, number, publishing, |delivery| Delivery {
                            status,
                            lease,
                            due_at,
                            attempt: has_attempt.then(|| AttemptId(id(number))),
                            ..delivery
                        });
                        deliveries.push(delivery.await);
                    }
                }
            }
        }
    }
    deliveries
}

/// A delivery of an event of its own.
async fn put(
    store: &dyn Store,
    number: u32,
    publishing: Option<Lease>,
    of: impl FnOnce(Delivery) -> Delivery,
) -> Delivery {
    let event = Event {
        publishing,
        ..sample::publishing(number, "shop-1")
    };
    let distribution = sample::distribution(&event);
    let delivery = of(sample::delivery(number, &distribution, "instagram"));
    let changes = [
        Mutation::PutEvent(event),
        Mutation::PutDistribution(distribution),
        Mutation::PutDelivery(delivery.clone()),
    ];
    commit(store, changes).await;
    delivery
}

fn ran_out() -> Lease {
    lease(9_000, PAST)
}

/// What everybody who looks for work is given at one time.
struct Found {
    deliveries: BTreeSet<DeliveryId>,
    publishes: BTreeSet<EventId>,
}

impl Found {
    async fn at(store: &dyn Store, millis: i64) -> Self {
        let (now, scope) = (at(millis), ReclaimScope::Before(at(millis)));
        let reclaimable = store.reclaimable(scope, ALL).await.expect("a read");
        let orphaned = store.orphaned(now, ALL).await.expect("a read");
        let claim = ClaimDue {
            now,
            lease: lease(9_002, millis + 1_000),
            scope,
            limit: ALL,
        };
        let due = store.claim_due(claim).await.expect("a read");
        let publishes = store.unfinished_publishes(scope, ALL).await;
        Self {
            deliveries: reclaimable.into_iter().chain(orphaned).chain(due).collect(),
            publishes: publishes.expect("a read").into_iter().collect(),
        }
    }

    /// The publish that goes on orders what waits for its order.
    fn includes(&self, delivery: &Delivery) -> bool {
        self.deliveries.contains(&delivery.id)
            || (delivery.awaits_order() && self.publishes.contains(&delivery.event))
    }
}
