//! Wakes deliveries whose time has come. What sleeps is in the store alone: nothing of it is in
//! memory, and only what is due is ever read.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::clock::{after, until};
use baepo_domain::distribute::Deliverer;
use baepo_domain::ports::{StoreError, Taking};
use tokio_util::sync::CancellationToken;

use super::changes::Changes;
use super::deliveries::LocalDistributor;
use super::trouble::Trouble;

/// Deliveries that are woken at once at the most, so that many that are due in one moment come
/// one after the other: as many as can run, and as many again that wait for their turn.
const MOST_AWAKE: usize = 1_024;
/// Between two looks while more is due than may be awake.
const BUSY_PAUSE: Duration = Duration::from_millis(10);
/// The longest time between two looks: another process may have put something to sleep and died.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The worker's parts.
pub struct Timers {
    pub deliverer: Arc<Deliverer>,
    pub changes: Arc<Changes>,
    pub distributor: LocalDistributor,
}

impl Timers {
    /// Works until `stopping`.
    pub async fn run(&self, stopping: CancellationToken) {
        let trouble = Trouble::default();
        while !stopping.is_cancelled() {
            let wait = match self.wake_due().await {
                Ok(wait) => {
                    trouble.is_over();
                    wait
                }
                Err(error) => {
                    if trouble.is_new() {
                        tracing::warn!(%error, "sleeping deliveries wait for the store");
                    }
                    LOOK_EVERY
                }
            };
            tokio::select! {
                () = self.deliverer.moves.clock.sleep(wait) => {}
                () = self.changes.alarm().earlier() => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Wakes what is due, as far as there is room; how long until the next look.
    async fn wake_due(&self) -> Result<Duration, StoreError> {
        let room = MOST_AWAKE.saturating_sub(self.distributor.driven());
        if room == 0 {
            return Ok(BUSY_PAUSE);
        }
        let now = self.deliverer.moves.clock.now();
        let taking = Taking {
            now,
            lease: self.deliverer.moves.member.lease_from(now),
            claims: self.deliverer.moves.member.abandoned(now),
            limit: u32::try_from(room).unwrap_or(u32::MAX),
        };
        let taken = self.deliverer.moves.store.take_due(taking).await?;
        let is_full = taken.len() == room;
        for delivery in taken {
            self.distributor.drive(delivery);
        }
        if is_full {
            return Ok(BUSY_PAUSE);
        }
        self.until_next().await
    }

    async fn until_next(&self) -> Result<Duration, StoreError> {
        let now = self.deliverer.moves.clock.now();
        let latest = after(now, LOOK_EVERY);
        // Set before the store is asked: what falls due in between wakes the timers.
        self.changes.alarm().set(latest);
        let next = self
            .deliverer
            .moves
            .store
            .next_due()
            .await?
            .map_or(latest, |due| due.min(latest));
        self.changes.alarm().set(next);
        Ok(until(now, next))
    }
}
