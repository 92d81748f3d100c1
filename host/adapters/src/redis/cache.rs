//! The cache that all hosts share.

use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::ports::{Cache, CacheError};

use super::link::RedisLink;

/// Keeps values in Redis under the domain's keys, which are a contract with other services.
#[derive(Debug, Clone)]
pub struct RedisCache {
    link: RedisLink,
}

impl RedisCache {
    /// A cache behind this link.
    #[must_use]
    pub fn new(link: RedisLink) -> Self {
        Self { link }
    }
}

#[async_trait]
impl Cache for RedisCache {
    async fn put(&self, key: &str, value: &str, ttl: Duration) -> Result<(), CacheError> {
        // Redis refuses a time of nothing, and keeps a value for ever that has no time.
        let millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        let mut set = redis::cmd("SET");
        set.arg(self.link.config().shared(key)).arg(value);
        set.arg("PX").arg(millis);
        self.link
            .call(&set)
            .await
            .map_err(|e| self.link.cache_error(&e))
    }

    async fn get(&self, key: &str) -> Result<Option<String>, CacheError> {
        let mut get = redis::cmd("GET");
        get.arg(self.link.config().shared(key));
        self.link
            .call(&get)
            .await
            .map_err(|e| self.link.cache_error(&e))
    }

    async fn delete(&self, key: &str) -> Result<(), CacheError> {
        let mut delete = redis::cmd("DEL");
        delete.arg(self.link.config().every_shared(key));
        self.link
            .call(&delete)
            .await
            .map_err(|e| self.link.cache_error(&e))
    }
}
