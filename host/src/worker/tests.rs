//! Deliveries in states that somebody has left them in.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use baepo_adapters::{KeyringVault, SqliteStore, os_chance};
use baepo_domain::Timestamp;
use baepo_domain::breaker::BreakerPolicy;
use baepo_domain::chance::Chance;
use baepo_domain::clock::{Clock as _, ManualClock, after};
use baepo_domain::delivery::{Delivery, DeliveryStatus, Place};
use baepo_domain::distribute::{Breakers, Deliverer};
use baepo_domain::distribution::Distribution;
use baepo_domain::event::{Event, Lease};
use baepo_domain::id::{AttemptId, DeliveryId, DistributionId, EventId, HolderId, Ids, MessageId};
use baepo_domain::membership::{Membership, Sharing};
use baepo_domain::moves::{Meetings, Moves};
use baepo_domain::ports::{Change, Observer, Relay, Store, StoreError};
use baepo_domain::recover::recover;
use baepo_domain::retry::RetryPolicy;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::leases::Leases;
use crate::api::testing::Paper;

const LEASE: Duration = Duration::from_secs(30);

/// A host's deliveries, without anybody who drives them.
struct Scene {
    deliverer: Arc<Deliverer>,
    clock: Arc<ManualClock>,
    _folder: TempDir,
}

impl Scene {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("baepo.db")).await;
        let vault = KeyringVault::load_or_create(&folder.path().join("vault.key")).unwrap();
        let begin = Timestamp::from_second(1_800_000_000).unwrap();
        let clock = Arc::new(ManualClock::at(begin));
        let moves = Moves {
            store: Arc::new(store.unwrap()),
            relay: Arc::new(Nobody),
            observer: Arc::new(Nobody),
            clock: Arc::clone(&clock) as _,
            ids: Ids::new(Arc::clone(&clock) as _, Arc::new(os_chance())),
            member: Membership {
                holder: HolderId(Uuid::from_u128(1)),
                lease: LEASE,
                sharing: Sharing::Alone,
            },
            meetings: Meetings::default(),
            in_progress: Arc::default(),
        };
        let deliverer = Deliverer {
            moves: Arc::new(moves),
            channels: Arc::new(Paper),
            vault: Arc::new(vault),
            chance: Arc::new(Chance::seeded([7; 32])),
            retry: RetryPolicy::default(),
            breakers: Breakers::new(BreakerPolicy::default()),
        };
        Self {
            deliverer: Arc::new(deliverer),
            clock,
            _folder: folder,
        }
    }

    fn store(&self) -> &dyn Store {
        self.deliverer.moves.store.as_ref()
    }

    fn lease(&self) -> Lease {
        self.deliverer.moves.member.lease_from(self.clock.now())
    }

    /// A delivery of an event of its own, whose publish is over.
    async fn put(&self, number: u128, of: impl FnOnce(Delivery) -> Delivery) -> DeliveryId {
        let now = self.clock.now();
        let id = Uuid::from_u128(number);
        let owner = "shop-1".parse().unwrap();
        let event = Event::draft(EventId(id), owner, Default::default(), now);
        let distribution =
            Distribution::new(DistributionId(id), event.id, event.owner.clone(), now);
        let place = Place {
            distribution: distribution.id,
            event: event.id,
            owner: event.owner.clone(),
            channel: "paper".parse().unwrap(),
        };
        let delivery = of(Delivery::pending(DeliveryId(id), place, now));
        let changes = vec![
            Change::PutEvent(event),
            Change::PutDistribution(distribution),
            Change::PutDelivery(delivery),
        ];
        self.store().commit(changes).await.unwrap();
        DeliveryId(id)
    }

    async fn get(&self, id: DeliveryId) -> Delivery {
        self.store().delivery(id).await.unwrap().unwrap()
    }
}

struct Nobody;

#[async_trait]
impl Relay for Nobody {
    fn wake(&self) {}

    async fn acknowledged(&self, _message: MessageId, _within: Duration) -> bool {
        false
    }
}

impl Observer for Nobody {
    fn moved(&self, _delivery: &Delivery) {}

    fn waits_for_store(&self, _delivery: DeliveryId, _error: &StoreError) {}
}

#[tokio::test]
async fn an_attempt_that_is_missing_is_a_failure_of_the_store() {
    let scene = Scene::start().await;
    let attempt = AttemptId(Uuid::from_u128(17));
    let now = scene.clock.now();
    let delivery = scene.put(1, |delivery| Delivery {
        status: DeliveryStatus::Running,
        attempt: Some(attempt),
        due_at: Some(now),
        ..delivery
    });
    let delivery = delivery.await;

    let stepped = scene.deliverer.step(delivery).await.unwrap_err();

    let expected = format!("the attempt {attempt} is missing");
    assert!(stepped.to_string().contains(&expected), "{stepped}");
    let left = scene.get(delivery).await;
    assert_eq!(
        (left.status, left.due_at),
        (DeliveryStatus::Running, Some(now))
    );
}

#[tokio::test]
async fn a_delivery_that_is_missing_is_a_failure_of_the_store() {
    let scene = Scene::start().await;
    let stepped = scene.deliverer.step(DeliveryId(Uuid::from_u128(17))).await;
    let stepped = stepped.unwrap_err().to_string();
    assert!(stepped.contains("is missing"), "{stepped}");
}

#[tokio::test]
async fn a_delivery_that_nobody_would_come_back_to_is_due_at_once() {
    let scene = Scene::start().await;
    let attempt = Some(AttemptId(Uuid::from_u128(17)));
    let waiting = scene.put(1, |delivery| delivery).await;
    let running = scene.put(2, |delivery| Delivery {
        status: DeliveryStatus::Running,
        attempt,
        ..delivery
    });
    let running = running.await;
    let settled = scene.put(3, |delivery| Delivery {
        status: DeliveryStatus::Failed,
        ..delivery
    });
    let settled = settled.await;
    assert_eq!(recover(&scene.deliverer).await.unwrap(), 0, "not at once");

    scene.clock.advance(Duration::from_secs(61));
    assert_eq!(recover(&scene.deliverer).await.unwrap(), 2);

    let now = Some(scene.clock.now());
    assert_eq!(scene.get(waiting).await.due_at, now);
    assert_eq!(scene.get(running).await.due_at, now);
    assert_eq!(scene.get(settled).await.due_at, None);
    assert_eq!(recover(&scene.deliverer).await.unwrap(), 0, "once");
}

/// A commit that was reported as failed, and was made.
#[tokio::test]
async fn a_lease_that_nobody_works_under_runs_out_though_its_holder_lives() {
    let scene = Scene::start().await;
    let lease = Some(scene.lease());
    let running = |delivery| Delivery {
        status: DeliveryStatus::Running,
        lease,
        ..delivery
    };
    let [left, at_work] = [scene.put(1, running).await, scene.put(2, running).await];
    let _work = scene.deliverer.moves.in_progress.begin(at_work);
    let leases = Leases {
        store: Arc::clone(&scene.deliverer.moves.store),
        clock: Arc::clone(&scene.clock) as _,
        member: scene.deliverer.moves.member,
        in_progress: Arc::clone(&scene.deliverer.moves.in_progress),
        deliverer: Some(Arc::clone(&scene.deliverer)),
    };
    let stopping = CancellationToken::new();
    let stop = stopping.clone();
    let kept = tokio::spawn(async move { leases.keep(stop).await });

    let begin = scene.clock.now();
    while scene.get(left).await.lease.is_some() {
        // However slow the store is, no time passes while leases are renewed.
        while scene.clock.sleepers() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        scene.clock.advance(Duration::from_secs(1));
        assert!(
            scene.clock.now() < after(begin, 10 * LEASE),
            "it is renewed"
        );
    }

    let left = scene.get(left).await;
    assert!(left.due_at.is_some_and(|due| due > after(begin, LEASE)));
    let at_work = scene.get(at_work).await;
    assert!(
        at_work
            .lease
            .is_some_and(|lease| lease.until > after(begin, LEASE))
    );
    stopping.cancel();
    kept.await.unwrap();
}
