//! Turns out of a budget that all hosts share.
//!
//! A host leases requests from the budget in small quotas, so that where many are sent most need no
//! round trip; what it does not use within a moment is lost, so a quota is no larger than what was
//! needed lately. When the budgets are away the host goes on alone, and one request tries again
//! from time to time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use baepo_domain::ports::{Budgets, CacheError};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::gcra::SECOND;

/// How long a host keeps requests that it took and did not send.
const QUOTA_LEASE_TTL: Duration = Duration::from_millis(100);
/// The largest quota, as a part of a second's worth.
const MAX_LEASE_DIVISOR: u32 = 20;
/// How often budgets that are away are tried again.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// The budgets are unavailable: the host counts by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BudgetsUnavailable;

pub(super) struct SharedLimiter {
    budgets: Arc<dyn Budgets>,
    queues: Mutex<HashMap<String, Arc<BudgetQueue>>>,
    /// While the budgets are away: when one request may try them again.
    next_retry: Mutex<Option<Instant>>,
}

/// The requests of this host for one budget, first come, first served.
#[derive(Debug, Default)]
struct BudgetQueue {
    waiting: AtomicU32,
    lease: tokio::sync::Mutex<QuotaLease>,
}

/// Requests that were taken from the budget.
#[derive(Debug, Clone, Copy)]
pub(super) struct QuotaLease {
    granted: u32,
    remaining: u32,
    until: Instant,
}

/// Whether a request goes to the budgets although they are away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BudgetAccess {
    Normal,
    Probe,
}

impl SharedLimiter {
    pub(super) fn new(budgets: Arc<dyn Budgets>) -> Self {
        Self {
            budgets,
            queues: Mutex::default(),
            next_retry: Mutex::default(),
        }
    }

    /// Waits for a turn; `Ok(false)` when it does not come before `deadline`. `per_second` is at
    /// least 1.
    pub(super) async fn turn(
        &self,
        name: &str,
        per_second: u32,
        deadline: Instant,
    ) -> Result<bool, BudgetsUnavailable> {
        let entry = self.check_access()?;
        let queue = self.queue(name);
        let position = QueuePosition::behind(&queue.waiting);
        if position.earliest(per_second, Instant::now()) > deadline {
            return Ok(false);
        }
        let Ok(mut lease) = timeout_at(deadline, queue.lease.lock()).await else {
            return Ok(false);
        };
        loop {
            if lease.take_one(Instant::now()) {
                return Ok(true);
            }
            // A request before it in the queue may have found out.
            if entry == BudgetAccess::Normal && self.is_unavailable() {
                return Err(BudgetsUnavailable);
            }
            let most = lease.next_size(per_second, Instant::now());
            let asking = self.budgets.take(name, per_second, most);
            let grant = match timeout_at(deadline, asking).await {
                Ok(Ok(grant)) => grant,
                Ok(Err(error)) => return Err(self.mark_unavailable(&error)),
                Err(_) => return Ok(false),
            };
            self.mark_available();
            let now = Instant::now();
            if grant.requests > 0 {
                *lease = QuotaLease::of(grant.requests, now);
                continue;
            }
            let again = now + grant.wait.max(Duration::from_millis(1));
            if again > deadline {
                return Ok(false);
            }
            sleep_until(again).await;
        }
    }

    fn queue(&self, name: &str) -> Arc<BudgetQueue> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        match queues.get(name) {
            Some(queue) => Arc::clone(queue),
            None => Arc::clone(queues.entry(name.to_owned()).or_default()),
        }
    }

    fn check_access(&self) -> Result<BudgetAccess, BudgetsUnavailable> {
        let now = Instant::now();
        let mut next_retry = self.next_retry();
        match *next_retry {
            None => Ok(BudgetAccess::Normal),
            Some(at) if at > now => Err(BudgetsUnavailable),
            Some(_) => {
                *next_retry = Some(now + RETRY_INTERVAL);
                Ok(BudgetAccess::Probe)
            }
        }
    }

    fn is_unavailable(&self) -> bool {
        self.next_retry().is_some()
    }

    fn mark_unavailable(&self, error: &CacheError) -> BudgetsUnavailable {
        let before = self.next_retry().replace(Instant::now() + RETRY_INTERVAL);
        if before.is_none() {
            tracing::warn!(%error, "requests per second are counted by this host alone for now");
        }
        BudgetsUnavailable
    }

    fn mark_available(&self) {
        if self.next_retry().take().is_some() {
            tracing::info!("requests per second are counted by all hosts together again");
        }
    }

    fn next_retry(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.next_retry
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl QuotaLease {
    fn of(requests: u32, now: Instant) -> Self {
        Self {
            granted: requests,
            remaining: requests,
            until: now + QUOTA_LEASE_TTL,
        }
    }

    /// Takes a request out of it, while it lives.
    fn take_one(&mut self, now: Instant) -> bool {
        let there = self.remaining > 0 && now < self.until;
        if there {
            self.remaining -= 1;
        }
        there
    }

    /// How many to take next: as many as were used, and twice as many when they were used up
    /// early.
    fn next_size(&self, per_second: u32, now: Instant) -> u32 {
        let used = self.granted - self.remaining;
        let wanted = if now < self.until { used * 2 } else { used };
        wanted.clamp(1, (per_second / MAX_LEASE_DIVISOR).max(1))
    }
}

impl Default for QuotaLease {
    /// Nothing was needed lately.
    fn default() -> Self {
        Self {
            granted: 0,
            remaining: 0,
            until: Instant::now(),
        }
    }
}

/// A place in a queue, left when it is dropped.
struct QueuePosition<'a> {
    ahead: u32,
    waiting: &'a AtomicU32,
}

impl<'a> QueuePosition<'a> {
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

impl Drop for QueuePosition<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = QUOTA_LEASE_TTL;

    /// Sizes of quotas when `used` of each are drawn, and then `pause` passes.
    fn sizes(per_second: u32, used: &[u32], pause: Duration) -> Vec<u32> {
        let mut now = Instant::now();
        let mut lease = QuotaLease::default();
        let next = |&used: &u32| {
            let size = lease.next_size(per_second, now);
            lease = QuotaLease::of(size, now);
            (0..used).for_each(|_| _ = lease.take_one(now));
            now += pause;
            size
        };
        used.iter().map(next).collect()
    }

    #[test]
    fn leases_grow_while_used_up_early() {
        let all = [1_000; 9];
        let soon = TTL / 2;
        assert_eq!(sizes(1_000, &all, soon), [1, 2, 4, 8, 16, 32, 50, 50, 50]);
        assert_eq!(sizes(100, &all[..5], soon), [1, 2, 4, 5, 5]);
        assert_eq!(sizes(10, &all[..3], soon), [1, 1, 1]);
    }

    #[test]
    fn leases_are_no_larger_than_recent_demand() {
        assert_eq!(sizes(1_000, &[1; 4], TTL), [1; 4]);
        assert_eq!(sizes(1_000, &[0; 3], TTL), [1; 3]);
    }

    #[test]
    fn an_unused_lease_shrinks() {
        let now = Instant::now();
        let mut lease = QuotaLease::of(50, now);
        (0..3).for_each(|_| assert!(lease.take_one(now)));
        assert!(!lease.take_one(now + TTL), "its time is over");
        assert_eq!(lease.next_size(1_000, now + TTL), 3);
    }

    #[test]
    fn the_earliest_turn_depends_on_the_queue_length() {
        let now = Instant::now();
        let earliest = |ahead, per_second| {
            let waiting = AtomicU32::new(ahead);
            let position = QueuePosition::behind(&waiting);
            (position.earliest(per_second, now) - now).as_millis()
        };
        assert_eq!(earliest(0, 1), 0);
        assert_eq!(earliest(1, 1), 1_000);
        assert_eq!(earliest(9, 10), 0);
        assert_eq!(earliest(10, 10), 100);
        assert_eq!(earliest(10_000, 1_000), 9_001);
    }
}
