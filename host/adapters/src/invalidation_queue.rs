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
use baepo_domain::model::time::after;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{Cache, CacheError};
use tokio::sync::Notify;

/// Before the first retry; doubles from there.
const INITIAL_BACKOFF: Duration = Duration::from_millis(250);
/// No wait is longer: how late a deletion is when the cache is back.
const MAX_BACKOFF: Duration = Duration::from_secs(5);

/// Any cache, with deletions that are made up for. [`InvalidationQueue::run`] must run for that.
pub struct InvalidationQueue {
    cache: Arc<dyn Cache>,
    clock: Arc<dyn Clock>,
    limits: InvalidationLimits,
    pending: Mutex<HashMap<String, PendingInvalidation>>,
    added: Notify,
}

/// How much is owed at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidationLimits {
    /// The longest that any value of this cache lives, counted from its deletion: nothing is owed
    /// for longer.
    pub max_ttl: Duration,
    /// Keys that may be owed at the same time; beyond them a deletion that fails just fails.
    pub keys: usize,
}

impl Default for InvalidationLimits {
    /// A day, as the owners' objectives live, and about a megabyte of keys.
    fn default() -> Self {
        Self {
            max_ttl: Duration::from_secs(24 * 60 * 60),
            keys: 10_000,
        }
    }
}

#[derive(Debug, Clone)]
struct PendingInvalidation {
    until: Timestamp,
    key_lock: KeyLock,
}

/// Held while somebody writes or deletes under a key that is owed, so that a retry that is under
/// way cannot reach the cache behind a newer value.
type KeyLock = Arc<tokio::sync::Mutex<()>>;

impl InvalidationQueue {
    /// The same cache with deletions that are made up for.
    #[must_use]
    pub fn new(cache: Arc<dyn Cache>, clock: Arc<dyn Clock>, limits: InvalidationLimits) -> Self {
        Self {
            cache,
            clock,
            limits,
            pending: Mutex::default(),
            added: Notify::new(),
        }
    }

    /// Makes up for deletions, for ever. It may be dropped at any time.
    pub async fn run(&self) {
        loop {
            self.added.notified().await;
            let mut wait = INITIAL_BACKOFF;
            while self.pending_keys() > 0 {
                self.clock.sleep(wait).await;
                wait = match self.retry().await {
                    0 => (wait * 2).min(MAX_BACKOFF),
                    // The cache is back.
                    _ => INITIAL_BACKOFF,
                };
            }
        }
    }

    /// How many keys are owed now.
    #[must_use]
    pub fn pending_keys(&self) -> usize {
        self.pending().len()
    }

    /// Tries every key once, and says how many were deleted.
    async fn retry(&self) -> usize {
        let now = self.clock.now();
        let invalidations: Vec<(String, PendingInvalidation)> = {
            let mut pending = self.pending();
            pending.retain(|_, invalidation| invalidation.until > now);
            let invalidations = pending.iter();
            invalidations
                .map(|(key, invalidation)| (key.clone(), invalidation.clone()))
                .collect()
        };
        let mut deleted = 0;
        for (key, invalidation) in invalidations {
            let _held = invalidation.key_lock.lock().await;
            // Somebody was faster.
            if self
                .key_lock(&key)
                .is_none_or(|key_lock| !Arc::ptr_eq(&key_lock, &invalidation.key_lock))
            {
                continue;
            }
            if self.cache.delete(&key).await.is_ok() {
                self.resolve(&key, &invalidation.key_lock);
                deleted += 1;
            }
        }
        if deleted > 0 {
            tracing::info!(deleted, "deletions from the cache were made up for");
        }
        deleted
    }

    fn owe(&self, key: &str, error: CacheError) -> Result<(), CacheError> {
        let until = after(self.clock.now(), self.limits.max_ttl);
        {
            let mut pending = self.pending();
            if pending.is_empty() {
                tracing::warn!(%error, "the cache could not delete; it is tried again until it does");
            }
            if let Some(invalidation) = pending.get_mut(key) {
                invalidation.until = until;
            } else if pending.len() < self.limits.keys {
                let key_lock = KeyLock::default();
                pending.insert(key.to_owned(), PendingInvalidation { until, key_lock });
            } else {
                return Err(error);
            }
        }
        self.added.notify_one();
        Ok(())
    }

    /// Forgets the debt that has this turn; a later one stays.
    fn resolve(&self, key: &str, key_lock: &KeyLock) {
        let mut pending = self.pending();
        if pending
            .get(key)
            .is_some_and(|invalidation| Arc::ptr_eq(&invalidation.key_lock, key_lock))
        {
            pending.remove(key);
        }
    }

    fn key_lock(&self, key: &str) -> Option<KeyLock> {
        self.pending()
            .get(key)
            .map(|invalidation| Arc::clone(&invalidation.key_lock))
    }

    fn pending(&self) -> MutexGuard<'_, HashMap<String, PendingInvalidation>> {
        // A panic in between leaves nothing half done.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Cache for InvalidationQueue {
    /// A new value takes the place of the one whose deletion is owed, and nothing is owed any
    /// more.
    async fn put(&self, key: &str, value: &str, ttl: Duration) -> Result<(), CacheError> {
        let Some(key_lock) = self.key_lock(key) else {
            return self.cache.put(key, value, ttl).await;
        };
        let _held = key_lock.lock().await;
        self.cache.put(key, value, ttl).await?;
        self.resolve(key, &key_lock);
        Ok(())
    }

    /// A value whose deletion is owed is not there.
    async fn get(&self, key: &str) -> Result<Option<String>, CacheError> {
        if self.key_lock(key).is_some() {
            return Ok(None);
        }
        self.cache.get(key).await
    }

    /// Fails only when more is owed already than may be.
    async fn delete(&self, key: &str) -> Result<(), CacheError> {
        let Some(key_lock) = self.key_lock(key) else {
            return match self.cache.delete(key).await {
                Ok(()) => Ok(()),
                Err(error) => self.owe(key, error),
            };
        };
        let _held = key_lock.lock().await;
        match self.cache.delete(key).await {
            Ok(()) => {
                self.resolve(key, &key_lock);
                Ok(())
            }
            Err(error) => self.owe(key, error),
        }
    }
}

#[cfg(test)]
mod tests;
