//! The cache inside the process.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use baepo_domain::ports::{Cache, CacheError};
use moka::Expiry;

/// Keeps values in memory up to a number of bytes; beyond it the least useful ones go first.
#[derive(Debug, Clone)]
pub struct MokaCache {
    entries: moka::future::Cache<String, Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    value: String,
    ttl: Duration,
}

impl MokaCache {
    /// A cache of at most `max_bytes` of keys and values together.
    #[must_use]
    pub fn new(max_bytes: u64) -> Self {
        let entries = moka::future::Cache::builder()
            .max_capacity(max_bytes)
            .weigher(|key: &String, entry: &Entry| {
                u32::try_from(key.len() + entry.value.len()).unwrap_or(u32::MAX)
            })
            .expire_after(PerEntryTtl)
            .build();
        Self { entries }
    }
}

#[async_trait]
impl Cache for MokaCache {
    async fn put(&self, key: &str, value: &str, ttl: Duration) -> Result<(), CacheError> {
        let value = value.to_owned();
        self.entries
            .insert(key.to_owned(), Entry { value, ttl })
            .await;
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Option<String>, CacheError> {
        Ok(self.entries.get(key).await.map(|entry| entry.value))
    }

    async fn delete(&self, key: &str) -> Result<(), CacheError> {
        self.entries.invalidate(key).await;
        Ok(())
    }
}

/// Every entry lives as long as its writer said, counted from the last write.
struct PerEntryTtl;

impl Expiry<String, Entry> for PerEntryTtl {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(
        &self,
        _: &String,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.ttl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemClock;

    async fn open() -> ((), MokaCache) {
        ((), MokaCache::new(1 << 20))
    }

    baepo_contract::cache_contract!(open, SystemClock);

    #[tokio::test]
    async fn the_cache_stays_within_its_size_limit() {
        let cache = MokaCache::new(1_000);
        for index in 0..100 {
            let key = format!("key-{index:02}");
            cache
                .put(&key, &"x".repeat(94), Duration::from_secs(60))
                .await
                .unwrap();
        }
        cache.entries.run_pending_tasks().await;
        assert!(cache.entries.weighted_size() <= 1_000);
    }
}
