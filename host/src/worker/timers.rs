//! Wakes deliveries whose time has come. What sleeps is in the store alone: nothing of it is in
//! memory, and only what is due is ever read.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::clock::{Clock, after, until};
use baepo_domain::ports::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use super::changes::Changes;
use super::deliveries::LocalDistributor;

/// Deliveries that are woken at once at the most, so that many that are due in one moment come
/// one after the other: as many as can run, and as many again that wait for their turn.
const MOST_AWAKE: usize = 1_024;
/// Between two looks while more is due than may be awake, or while woken ones have not begun.
const BUSY_PAUSE: Duration = Duration::from_millis(10);
/// The longest time between two looks: another process may have put something to sleep.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The worker's parts.
pub struct Timers {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub changes: Arc<Changes>,
    pub distributor: LocalDistributor,
}

impl Timers {
    /// Works until `stopping`.
    pub async fn run(&self, stopping: CancellationToken) {
        while !stopping.is_cancelled() {
            let wait = self.wake_due().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "sleeping deliveries wait for the store");
                LOOK_EVERY
            });
            tokio::select! {
                () = self.clock.sleep(wait) => {}
                () = self.changes.alarm().earlier() => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Wakes what is due, as far as there is room; how long until the next look.
    async fn wake_due(&self) -> Result<Duration, StoreError> {
        let awake = self.distributor.driven();
        if awake >= MOST_AWAKE {
            return Ok(BUSY_PAUSE);
        }
        // Those that are awake may still be among the due: their first step has not begun.
        let due = self.store.due(self.clock.now(), limit(MOST_AWAKE)).await?;
        let room = MOST_AWAKE - awake;
        let found = due.len();
        for delivery in due.into_iter().take(room) {
            self.distributor.drive(delivery);
        }
        if found > 0 {
            return Ok(BUSY_PAUSE);
        }
        self.until_next().await
    }

    async fn until_next(&self) -> Result<Duration, StoreError> {
        let now = self.clock.now();
        let latest = after(now, LOOK_EVERY);
        // Set before the store is asked: what falls due in between wakes the timers.
        self.changes.alarm().set(latest);
        let next = self
            .store
            .next_due()
            .await?
            .map_or(latest, |due| due.min(latest));
        self.changes.alarm().set(next);
        Ok(until(now, next))
    }
}

fn limit(most: usize) -> u32 {
    u32::try_from(most).unwrap_or(u32::MAX)
}
