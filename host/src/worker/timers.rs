//! Wakes deliveries whose time has come. What sleeps is in the store alone: nothing of it is in
//! memory, and only what is due is ever read.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::time::{after, until};
use baepo_domain::ports::{ClaimDue, StoreError};
use baepo_domain::usecases::deliver::Deliverer;
use tokio_util::sync::CancellationToken;

use super::delivery_feed::DeliveryFeed;
use super::failure_latch::FailureLatch;
use super::local_distributor::LocalDistributor;

/// Deliveries that are woken at once at the most, so that many that are due in one moment come
/// one after the other: as many as can run, and as many again that wait for their turn.
const MAX_ACTIVE: usize = 1_024;
/// Between two looks while more is due than may be awake.
const BUSY_POLL_INTERVAL: Duration = Duration::from_millis(10);
/// The longest time between two looks: another process may have put something to sleep and died.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// The worker's parts.
pub struct Timers {
    pub deliverer: Arc<Deliverer>,
    pub delivery_feed: Arc<DeliveryFeed>,
    pub distributor: LocalDistributor,
}

impl Timers {
    /// Works until `stopping`.
    pub async fn run(&self, stopping: CancellationToken) {
        let failure_latch = FailureLatch::default();
        while !stopping.is_cancelled() {
            let wait = match self.wake_due().await {
                Ok(wait) => {
                    failure_latch.record_success();
                    wait
                }
                Err(error) => {
                    if failure_latch.record_failure() {
                        tracing::warn!(%error, "sleeping deliveries wait for the store");
                    }
                    POLL_INTERVAL
                }
            };
            tokio::select! {
                () = self.deliverer.transitions.clock.sleep(wait) => {}
                () = self.delivery_feed.early_wake().due_sooner() => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Wakes what is due, as far as there is room; how long until the next look.
    async fn wake_due(&self) -> Result<Duration, StoreError> {
        let capacity = MAX_ACTIVE.saturating_sub(self.distributor.active());
        if capacity == 0 {
            return Ok(BUSY_POLL_INTERVAL);
        }
        let now = self.deliverer.transitions.clock.now();
        let claim = ClaimDue {
            now,
            lease: self.deliverer.transitions.node.lease_from(now),
            claims: self.deliverer.transitions.node.reclaimable(now),
            limit: u32::try_from(capacity).unwrap_or(u32::MAX),
        };
        let claimed = self.deliverer.transitions.store.take_due(claim).await?;
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
        let now = self.deliverer.transitions.clock.now();
        let latest = after(now, POLL_INTERVAL);
        // Set before the store is asked: what falls due in between wakes the timers.
        self.delivery_feed.early_wake().set(latest);
        let next = self
            .deliverer
            .transitions
            .store
            .next_due()
            .await?
            .map_or(latest, |due| due.min(latest));
        self.delivery_feed.early_wake().set(next);
        Ok(until(now, next))
    }
}
