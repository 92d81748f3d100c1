//! Wakes deliveries that are due. A sleeping delivery is only in the store, never in memory, and only
//! what is due is read.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::node_identity::NodeIdentity;
use baepo_domain::model::time::{after, until};
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{ClaimDue, DueQueue, StoreError};
use tokio_util::sync::CancellationToken;

use super::delivery_feed::DeliveryFeed;
use super::local_distributor::LocalDistributor;
use super::polling::{OnFailure, poll_or_wake};

/// The most deliveries that are awake at once: as many as can run, and as many again that wait for
/// their turn. Of more that are due, the others stay in the store until there is room.
const MAX_ACTIVE: usize = 1_024;
/// Between two rounds while more is due than may be awake.
const BUSY_POLL_INTERVAL: Duration = Duration::from_millis(10);
/// The longest time between two rounds: another process may put a delivery to sleep and crash.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// Wakes due deliveries in the background.
pub struct Timers {
    pub due: Arc<dyn DueQueue>,
    pub clock: Arc<dyn Clock>,
    pub node: NodeIdentity,
    pub delivery_feed: Arc<DeliveryFeed>,
    pub distributor: LocalDistributor,
}

impl Timers {
    /// Works until `stopping`.
    pub async fn run(self, stopping: CancellationToken) {
        let on_failure = OnFailure {
            warning: "timers cannot read the store; will retry",
            retry_after: POLL_INTERVAL,
        };
        let due_sooner = || self.delivery_feed.early_wake().due_sooner();
        let round = || self.wake_due();
        poll_or_wake(&*self.clock, &stopping, on_failure, due_sooner, round).await;
    }

    /// Wakes what is due, as far as there is room; returns how long until the next round.
    async fn wake_due(&self) -> Result<Duration, StoreError> {
        let capacity = MAX_ACTIVE.saturating_sub(self.distributor.active());
        if capacity == 0 {
            return Ok(BUSY_POLL_INTERVAL);
        }
        let now = self.clock.now();
        let claim = ClaimDue {
            now,
            lease: self.node.lease_from(now),
            scope: self.node.reclaimable(now),
            limit: u32::try_from(capacity).unwrap_or(u32::MAX),
        };
        let claimed = self.due.claim_due(claim).await?;
        let at_capacity = claimed.len() == capacity;
        for delivery in claimed {
            self.distributor.drive(delivery);
        }
        if at_capacity {
            return Ok(BUSY_POLL_INTERVAL);
        }
        self.until_next().await
    }

    async fn until_next(&self) -> Result<Duration, StoreError> {
        let now = self.clock.now();
        let latest = after(now, POLL_INTERVAL);
        // Set before the store is read: what becomes due in between wakes the timers.
        self.delivery_feed.early_wake().set(latest);
        let next = self.due.next_due().await?;
        let next = next.map_or(latest, |due| due.min(latest));
        self.delivery_feed.early_wake().set(next);
        Ok(until(now, next))
    }
}
