//! Short-lived state that hosts may share. Losing it is never an error.

use std::time::Duration;

use async_trait::async_trait;

/// Short-lived values under a key. Losing them is never an error.
#[async_trait]
pub trait Cache: Send + Sync {
    async fn put(&self, key: &str, value: &str, ttl: Duration) -> Result<(), CacheError>;
    async fn get(&self, key: &str) -> Result<Option<String>, CacheError>;
    async fn delete(&self, key: &str) -> Result<(), CacheError>;
}

#[derive(Debug, thiserror::Error)]
#[error("the cache is not available: {0}")]
pub struct CacheError(pub String);

/// Requests per second that all hosts together may send to a provider.
#[async_trait]
pub trait Budgets: Send + Sync {
    /// Takes up to `most` requests from the budget `name`, which refills at `per_second` and holds
    /// at most one second's worth.
    async fn take(&self, name: &str, per_second: u32, most: u32)
    -> Result<BudgetGrant, CacheError>;
}

/// What there was in a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetGrant {
    /// Requests that may be sent now.
    pub requests: u32,
    /// When there are none: how long until there is one.
    pub wait: Duration,
}
