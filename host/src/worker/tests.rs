//! Deliveries in states that somebody has left them in.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use baepo_adapters::{KeyringVault, SqliteStore};
use baepo_domain::Timestamp;
use baepo_domain::model::breaker::BreakerPolicy;
use baepo_domain::model::delivery::{Delivery, DeliveryStatus, NewDelivery};
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::{
    AttemptId, DeliveryId, DistributionId, EventId, HolderId, MessageId,
};
use baepo_domain::model::lease::Lease;
use baepo_domain::model::node_identity::{NodeIdentity, Sharing};
use baepo_domain::model::retry::RetryPolicy;
use baepo_domain::model::time::after;
use baepo_domain::ports::chance::Chance;
use baepo_domain::ports::clock::{Clock as _, ManualClock};
use baepo_domain::ports::id_generator::IdGenerator;
use baepo_domain::ports::{
    DeliveryObserver, DeliveryStore as _, Mutation, Relay, StoreError, UnitOfWork as _,
};
use baepo_domain::usecases::accounts::AccountReader;
use baepo_domain::usecases::deliver::{Breakers, Deliverer};
use baepo_domain::usecases::transitions::{TransitionBatcher, Transitions};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::leases::LeaseKeeper;
use crate::api::testing::FakeChannels;

const LEASE: Duration = Duration::from_secs(30);

/// A host's deliveries, without anybody who drives them.
struct Fixture {
    deliverer: Arc<Deliverer>,
    store: Arc<SqliteStore>,
    clock: Arc<ManualClock>,
    _folder: TempDir,
}

impl Fixture {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("baepo.db")).await;
        let store = Arc::new(store.unwrap());
        let vault = KeyringVault::load_or_create(&folder.path().join("vault.key")).unwrap();
        let begin = Timestamp::from_second(1_800_000_000).unwrap();
        let clock = Arc::new(ManualClock::at(begin));
        let ids = IdGenerator::new(Arc::clone(&clock) as _, Arc::new(Chance::seeded([7; 32])));
        let node = NodeIdentity {
            holder: HolderId(Uuid::from_u128(1)),
            lease: LEASE,
            sharing: Sharing::Alone,
        };
        let transitions = Transitions {
            unit_of_work: Arc::clone(&store) as _,
            events: Arc::clone(&store) as _,
            distributions: Arc::clone(&store) as _,
            deliveries: Arc::clone(&store) as _,
            relay: Arc::new(NoopPorts),
            observer: Arc::new(NoopPorts),
            clock: Arc::clone(&clock) as _,
            ids: ids.clone(),
            node,
            batcher: TransitionBatcher::default(),
        };
        let deliverer = Deliverer {
            transitions: Arc::new(transitions),
            unit_of_work: Arc::clone(&store) as _,
            events: Arc::clone(&store) as _,
            deliveries: Arc::clone(&store) as _,
            attempts: Arc::clone(&store) as _,
            journals: Arc::clone(&store) as _,
            releases: Arc::clone(&store) as _,
            accounts: AccountReader {
                store: Arc::clone(&store) as _,
                vault: Arc::new(vault),
            },
            channels: Arc::new(FakeChannels),
            observer: Arc::new(NoopPorts),
            in_progress: Arc::default(),
            clock: Arc::clone(&clock) as _,
            ids,
            node,
            retry: RetryPolicy::default(),
            breakers: Breakers::new(BreakerPolicy::default()),
        };
        Self {
            deliverer: Arc::new(deliverer),
            store,
            clock,
            _folder: folder,
        }
    }

    fn lease(&self) -> Lease {
        self.deliverer.node.lease_from(self.clock.now())
    }

    /// A delivery of an event of its own, whose publish is over.
    async fn put(&self, number: u128, of: impl FnOnce(Delivery) -> Delivery) -> DeliveryId {
        let now = self.clock.now();
        let id = Uuid::from_u128(number);
        let owner = "shop-1".parse().unwrap();
        let event = Event::draft(EventId(id), owner, Default::default(), now);
        let distribution =
            Distribution::new(DistributionId(id), event.id, event.owner.clone(), now);
        let place = NewDelivery {
            distribution: distribution.id,
            event: event.id,
            owner: event.owner.clone(),
            channel: "paper".parse().unwrap(),
        };
        let delivery = of(Delivery::pending(DeliveryId(id), place, now));
        let changes = vec![
            Mutation::PutEvent(event),
            Mutation::PutDistribution(distribution),
            Mutation::PutDelivery(delivery),
        ];
        self.store.commit(changes).await.unwrap();
        DeliveryId(id)
    }

    async fn get(&self, id: DeliveryId) -> Delivery {
        self.store.delivery(id).await.unwrap().unwrap()
    }
}

struct NoopPorts;

#[async_trait]
impl Relay for NoopPorts {
    fn wake(&self) {}

    async fn acknowledged(&self, _message: MessageId, _within: Duration) -> bool {
        false
    }
}

impl DeliveryObserver for NoopPorts {
    fn moved(&self, _delivery: &Delivery) {}

    fn store_unavailable(&self, _delivery: DeliveryId, _error: &StoreError) {}
}

#[tokio::test]
async fn a_missing_attempt_is_a_store_error() {
    let fixture = Fixture::start().await;
    let attempt = AttemptId(Uuid::from_u128(17));
    let now = fixture.clock.now();
    let delivery = fixture.put(1, |delivery| Delivery {
        status: DeliveryStatus::Running,
        attempt: Some(attempt),
        due_at: Some(now),
        ..delivery
    });
    let delivery = delivery.await;

    let stepped = fixture.deliverer.step(delivery).await.unwrap_err();

    let expected = format!("the attempt {attempt} is missing");
    assert!(stepped.to_string().contains(&expected), "{stepped}");
    let left = fixture.get(delivery).await;
    assert_eq!(
        (left.status, left.due_at),
        (DeliveryStatus::Running, Some(now))
    );
}

#[tokio::test]
async fn a_missing_delivery_is_a_store_error() {
    let fixture = Fixture::start().await;
    let stepped = fixture
        .deliverer
        .step(DeliveryId(Uuid::from_u128(17)))
        .await;
    let stepped = stepped.unwrap_err().to_string();
    assert!(stepped.contains("is missing"), "{stepped}");
}

#[tokio::test]
async fn an_orphaned_delivery_becomes_due_when_reclaimed() {
    let fixture = Fixture::start().await;
    let attempt = Some(AttemptId(Uuid::from_u128(17)));
    let waiting = fixture.put(1, |delivery| delivery).await;
    let running = fixture.put(2, |delivery| Delivery {
        status: DeliveryStatus::Running,
        attempt,
        ..delivery
    });
    let running = running.await;
    let settled = fixture.put(3, |delivery| Delivery {
        status: DeliveryStatus::Failed,
        ..delivery
    });
    let settled = settled.await;
    assert_eq!(
        fixture.deliverer.reclaim_all().await.unwrap(),
        0,
        "not at once"
    );

    fixture.clock.advance(Duration::from_secs(61));
    assert_eq!(fixture.deliverer.reclaim_all().await.unwrap(), 2);

    let now = Some(fixture.clock.now());
    assert_eq!(fixture.get(waiting).await.due_at, now);
    assert_eq!(fixture.get(running).await.due_at, now);
    assert_eq!(fixture.get(settled).await.due_at, None);
    assert_eq!(fixture.deliverer.reclaim_all().await.unwrap(), 0, "once");
}

/// A commit that was reported as failed, and was made.
#[tokio::test]
async fn an_unused_lease_expires_while_its_holder_is_alive() {
    let fixture = Fixture::start().await;
    let lease = Some(fixture.lease());
    let running = |delivery| Delivery {
        status: DeliveryStatus::Running,
        lease,
        ..delivery
    };
    let [left, working] = [fixture.put(1, running).await, fixture.put(2, running).await];
    let _work = fixture.deliverer.in_progress.begin(working);
    let leases = LeaseKeeper {
        unit_of_work: Arc::clone(&fixture.store) as _,
        clock: Arc::clone(&fixture.clock) as _,
        node: fixture.deliverer.node,
        in_progress: Arc::clone(&fixture.deliverer.in_progress),
        deliverer: Some(Arc::clone(&fixture.deliverer)),
    };
    let stopping = CancellationToken::new();
    let stop = stopping.clone();
    let kept = tokio::spawn(async move { leases.run(stop).await });

    let begin = fixture.clock.now();
    while fixture.get(left).await.lease.is_some() {
        // However slow the store is, no time passes while leases are renewed.
        while fixture.clock.sleepers() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        fixture.clock.advance(Duration::from_secs(1));
        assert!(
            fixture.clock.now() < after(begin, 10 * LEASE),
            "it is renewed"
        );
    }

    let left = fixture.get(left).await;
    assert!(left.due_at.is_some_and(|due| due > after(begin, LEASE)));
    let working = fixture.get(working).await;
    assert!(
        working
            .lease
            .is_some_and(|lease| lease.until > after(begin, LEASE))
    );
    stopping.cancel();
    kept.await.unwrap();
}
