//! Turns out of a budget that all hosts share.
//!
//! A host takes requests from the budget in small lots, so that where many are sent most need no
//! round trip; what it does not use within a moment is lost, so a lot is no larger than what was
//! needed lately. When the budgets are away the host goes on alone, and one request tries again
//! from time to time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use baepo_domain::ports::{Budgets, CacheError};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::SECOND;

/// How long a host keeps requests that it took and did not send.
const LOT_LIFE: Duration = Duration::from_millis(100);
/// The largest lot, as a part of a second's worth.
const LARGEST_LOT: u32 = 20;
/// How often budgets that are away are tried again.
const TRY_EVERY: Duration = Duration::from_secs(1);

/// The budgets cannot say: the host counts by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Away;

pub(super) struct Shared {
    budgets: Arc<dyn Budgets>,
    lanes: Mutex<HashMap<String, Arc<Lane>>>,
    /// While the budgets are away: when one request may try them again.
    next_try: Mutex<Option<Instant>>,
}

/// The requests of this host for one budget, first come, first served.
#[derive(Debug, Default)]
struct Lane {
    waiting: AtomicU32,
    lot: tokio::sync::Mutex<Lot>,
}

/// Requests that were taken from the budget.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lot {
    given: u32,
    left: u32,
    until: Instant,
}

/// Whether a request goes to the budgets although they are away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Usual,
    Trial,
}

impl Shared {
    pub(super) fn new(budgets: Arc<dyn Budgets>) -> Self {
        Self {
            budgets,
            lanes: Mutex::default(),
            next_try: Mutex::default(),
        }
    }

    /// Waits for a turn; `Ok(false)` when it does not come before `deadline`. `per_second` is at
    /// least 1.
    pub(super) async fn turn(
        &self,
        name: &str,
        per_second: u32,
        deadline: Instant,
    ) -> Result<bool, Away> {
        let entry = self.enter()?;
        let lane = self.lane(name);
        let place = Place::behind(&lane.waiting);
        if place.earliest(per_second, Instant::now()) > deadline {
            return Ok(false);
        }
        let Ok(mut lot) = timeout_at(deadline, lane.lot.lock()).await else {
            return Ok(false);
        };
        loop {
            if lot.draw(Instant::now()) {
                return Ok(true);
            }
            // Whoever stood before it in the line may have found out.
            if entry == Entry::Usual && self.is_away() {
                return Err(Away);
            }
            let most = lot.next_size(per_second, Instant::now());
            let asking = self.budgets.take(name, per_second, most);
            let grant = match timeout_at(deadline, asking).await {
                Ok(Ok(grant)) => grant,
                Ok(Err(error)) => return Err(self.lost(&error)),
                Err(_) => return Ok(false),
            };
            self.found();
            let now = Instant::now();
            if grant.requests > 0 {
                *lot = Lot::of(grant.requests, now);
                continue;
            }
            let again = now + grant.wait.max(Duration::from_millis(1));
            if again > deadline {
                return Ok(false);
            }
            sleep_until(again).await;
        }
    }

    fn lane(&self, name: &str) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        match lanes.get(name) {
            Some(lane) => Arc::clone(lane),
            None => Arc::clone(lanes.entry(name.to_owned()).or_default()),
        }
    }

    fn enter(&self) -> Result<Entry, Away> {
        let now = Instant::now();
        let mut next_try = self.next_try();
        match *next_try {
            None => Ok(Entry::Usual),
            Some(at) if at > now => Err(Away),
            Some(_) => {
                *next_try = Some(now + TRY_EVERY);
                Ok(Entry::Trial)
            }
        }
    }

    fn is_away(&self) -> bool {
        self.next_try().is_some()
    }

    fn lost(&self, error: &CacheError) -> Away {
        let before = self.next_try().replace(Instant::now() + TRY_EVERY);
        if before.is_none() {
            tracing::warn!(%error, "requests per second are counted by this host alone for now");
        }
        Away
    }

    fn found(&self) {
        if self.next_try().take().is_some() {
            tracing::info!("requests per second are counted by all hosts together again");
        }
    }

    fn next_try(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.next_try.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lot {
    fn of(requests: u32, now: Instant) -> Self {
        Self {
            given: requests,
            left: requests,
            until: now + LOT_LIFE,
        }
    }

    /// Takes a request out of it, while it lives.
    fn draw(&mut self, now: Instant) -> bool {
        let there = self.left > 0 && now < self.until;
        if there {
            self.left -= 1;
        }
        there
    }

    /// How many to take next: as many as were used, and twice as many when they were used up
    /// early.
    fn next_size(&self, per_second: u32, now: Instant) -> u32 {
        let used = self.given - self.left;
        let wanted = if now < self.until { used * 2 } else { used };
        wanted.clamp(1, (per_second / LARGEST_LOT).max(1))
    }
}

impl Default for Lot {
    /// Nothing was needed lately.
    fn default() -> Self {
        Self {
            given: 0,
            left: 0,
            until: Instant::now(),
        }
    }
}

/// A place in a line, left when it is dropped.
struct Place<'a> {
    ahead: u32,
    waiting: &'a AtomicU32,
}

impl<'a> Place<'a> {
    fn behind(waiting: &'a AtomicU32) -> Self {
        let ahead = waiting.fetch_add(1, Ordering::Relaxed);
        Self { ahead, waiting }
    }

    /// When everybody ahead has passed, if the budget is full and no other host takes from it.
    fn earliest(&self, per_second: u32, now: Instant) -> Instant {
        let behind_the_first = self.ahead.saturating_sub(per_second.saturating_sub(1));
        now + SECOND * behind_the_first / per_second
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = LOT_LIFE;

    /// Sizes of lots when `used` of each are drawn, and then `pause` passes.
    fn sizes(per_second: u32, used: &[u32], pause: Duration) -> Vec<u32> {
        let mut now = Instant::now();
        let mut lot = Lot::default();
        let next = |&used: &u32| {
            let size = lot.next_size(per_second, now);
            lot = Lot::of(size, now);
            (0..used).for_each(|_| _ = lot.draw(now));
            now += pause;
            size
        };
        used.iter().map(next).collect()
    }

    #[test]
    fn lots_grow_while_they_are_used_up_early() {
        let all = [1_000; 9];
        let soon = LIFE / 2;
        assert_eq!(sizes(1_000, &all, soon), [1, 2, 4, 8, 16, 32, 50, 50, 50]);
        assert_eq!(sizes(100, &all[..5], soon), [1, 2, 4, 5, 5]);
        assert_eq!(sizes(10, &all[..3], soon), [1, 1, 1]);
    }

    #[test]
    fn lots_are_no_larger_than_what_is_needed() {
        assert_eq!(sizes(1_000, &[1; 4], LIFE), [1; 4]);
        assert_eq!(sizes(1_000, &[0; 3], LIFE), [1; 3]);
    }

    #[test]
    fn a_lot_that_was_not_needed_shrinks() {
        let now = Instant::now();
        let mut lot = Lot::of(50, now);
        (0..3).for_each(|_| assert!(lot.draw(now)));
        assert!(!lot.draw(now + LIFE), "its time is over");
        assert_eq!(lot.next_size(1_000, now + LIFE), 3);
    }

    #[test]
    fn a_line_takes_its_time() {
        let now = Instant::now();
        let earliest = |ahead, per_second| {
            let waiting = AtomicU32::new(ahead);
            let place = Place::behind(&waiting);
            (place.earliest(per_second, now) - now).as_millis()
        };
        assert_eq!(earliest(0, 1), 0);
        assert_eq!(earliest(1, 1), 1_000);
        assert_eq!(earliest(9, 10), 0);
        assert_eq!(earliest(10, 10), 100);
        assert_eq!(earliest(10_000, 1_000), 9_001);
    }
}
