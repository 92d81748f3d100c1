//! A cache whose deletions happen, if not now then later.
//!
//! A publish deletes what the cache knows of the owner's last choice, and must not fail when the
//! cache is away. So a deletion that failed is owed: remembered, and tried again until it works or
//! until the value has run out by itself. What is owed is lost when the process ends; then the
//! value stays until it runs out, which is what caches may do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::clock::{Clock, after};
use baepo_domain::ports::{Cache, CacheError};
use tokio::sync::Notify;

/// Before the first retry; doubles from there.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// No wait is longer: how late a deletion is when the cache is back.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Any cache, with deletions that are made up for. [`OwedDeletions::run`] must run for that.
pub struct OwedDeletions {
    cache: Arc<dyn Cache>,
    clock: Arc<dyn Clock>,
    limits: DeletionLimits,
    owed: Mutex<HashMap<String, Debt>>,
    news: Notify,
}

/// How much is owed at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeletionLimits {
    /// The longest that any value of this cache lives, counted from its deletion: nothing is owed
    /// for longer.
    pub longest_life: Duration,
    /// Keys that may be owed at the same time; beyond them a deletion that fails just fails.
    pub keys: usize,
}

impl Default for DeletionLimits {
    /// A day, as the owners' objectives live, and about a megabyte of keys.
    fn default() -> Self {
        Self {
            longest_life: Duration::from_secs(24 * 60 * 60),
            keys: 10_000,
        }
    }
}

#[derive(Debug, Clone)]
struct Debt {
    until: Timestamp,
    turn: Turn,
}

/// Held while somebody writes or deletes under a key that is owed, so that a retry that is under
/// way cannot reach the cache behind a newer value.
type Turn = Arc<tokio::sync::Mutex<()>>;

impl OwedDeletions {
    /// The same cache with deletions that are made up for.
    #[must_use]
    pub fn new(cache: Arc<dyn Cache>, clock: Arc<dyn Clock>, limits: DeletionLimits) -> Self {
        Self {
            cache,
            clock,
            limits,
            owed: Mutex::default(),
            news: Notify::new(),
        }
    }

    /// Makes up for deletions, for ever. It may be dropped at any time.
    pub async fn run(&self) {
        loop {
            self.news.notified().await;
            let mut wait = FIRST_WAIT;
            while self.keys_owed() > 0 {
                self.clock.sleep(wait).await;
                wait = match self.retry().await {
                    0 => (wait * 2).min(LONGEST_WAIT),
                    // The cache is back.
                    _ => FIRST_WAIT,
                };
            }
        }
    }

    /// How many keys are owed now.
    #[must_use]
    pub fn keys_owed(&self) -> usize {
        self.owed().len()
    }

    /// Tries every key once, and says how many were deleted.
    async fn retry(&self) -> usize {
        let now = self.clock.now();
        let debts: Vec<(String, Debt)> = {
            let mut owed = self.owed();
            owed.retain(|_, debt| debt.until > now);
            let debts = owed.iter();
            debts
                .map(|(key, debt)| (key.clone(), debt.clone()))
                .collect()
        };
        let mut deleted = 0;
        for (key, debt) in debts {
            let _held = debt.turn.lock().await;
            // Somebody was faster.
            if self
                .turn(&key)
                .is_none_or(|turn| !Arc::ptr_eq(&turn, &debt.turn))
            {
                continue;
            }
            if self.cache.delete(&key).await.is_ok() {
                self.settle(&key, &debt.turn);
                deleted += 1;
            }
        }
        if deleted > 0 {
            tracing::info!(deleted, "deletions from the cache were made up for");
        }
        deleted
    }

    fn owe(&self, key: &str, error: CacheError) -> Result<(), CacheError> {
        let until = after(self.clock.now(), self.limits.longest_life);
        {
            let mut owed = self.owed();
            if owed.is_empty() {
                tracing::warn!(%error, "the cache could not delete; it is tried again until it does");
            }
            if let Some(debt) = owed.get_mut(key) {
                debt.until = until;
            } else if owed.len() < self.limits.keys {
                let turn = Turn::default();
                owed.insert(key.to_owned(), Debt { until, turn });
            } else {
                return Err(error);
            }
        }
        self.news.notify_one();
        Ok(())
    }

    /// Forgets the debt that has this turn; a later one stays.
    fn settle(&self, key: &str, turn: &Turn) {
        let mut owed = self.owed();
        if owed
            .get(key)
            .is_some_and(|debt| Arc::ptr_eq(&debt.turn, turn))
        {
            owed.remove(key);
        }
    }

    fn turn(&self, key: &str) -> Option<Turn> {
        self.owed().get(key).map(|debt| Arc::clone(&debt.turn))
    }

    fn owed(&self) -> MutexGuard<'_, HashMap<String, Debt>> {
        // A panic in between leaves nothing half done.
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Cache for OwedDeletions {
    /// A new value takes the place of the one whose deletion is owed, and nothing is owed any
    /// more.
    async fn put(&self, key: &str, value: &str, ttl: Duration) -> Result<(), CacheError> {
        let Some(turn) = self.turn(key) else {
            return self.cache.put(key, value, ttl).await;
        };
        let _held = turn.lock().await;
        self.cache.put(key, value, ttl).await?;
        self.settle(key, &turn);
        Ok(())
    }

    /// A value whose deletion is owed is not there.
    async fn get(&self, key: &str) -> Result<Option<String>, CacheError> {
        if self.turn(key).is_some() {
            return Ok(None);
        }
        self.cache.get(key).await
    }

    /// Fails only when more is owed already than may be.
    async fn delete(&self, key: &str) -> Result<(), CacheError> {
        let Some(turn) = self.turn(key) else {
            return match self.cache.delete(key).await {
                Ok(()) => Ok(()),
                Err(error) => self.owe(key, error),
            };
        };
        let _held = turn.lock().await;
        match self.cache.delete(key).await {
            Ok(()) => {
                self.settle(key, &turn);
                Ok(())
            }
            Err(error) => self.owe(key, error),
        }
    }
}

#[cfg(test)]
mod tests;
