//! Attempts and their journals.

use async_trait::async_trait;
use jiff::Timestamp;

use super::store_error::StoreError;
use crate::model::attempt::Attempt;
use crate::model::id::{AttemptId, DistributionId};
use crate::model::journal::Entry;

#[async_trait]
pub trait AttemptStore: Send + Sync {
    async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>, StoreError>;
    /// In the order in which they began.
    async fn attempts(&self, distribution: DistributionId) -> Result<Vec<Attempt>, StoreError>;
}

#[async_trait]
pub trait JournalStore: Send + Sync {
    /// An attempt's journal, in order.
    async fn journal(&self, attempt: AttemptId) -> Result<Vec<Entry>, StoreError>;
    /// Attempts that began before this time, have ended, and still have what they began with and
    /// their journal. At most `limit`, oldest first.
    async fn old_journals(
        &self,
        begun_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<AttemptId>, StoreError>;
}
