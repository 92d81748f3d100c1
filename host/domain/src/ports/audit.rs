//! The audit log.

use async_trait::async_trait;

use super::page::Page;
use super::store_error::StoreError;
use crate::model::audit::AuditEntry;
use crate::model::id::{AuditId, OwnerId};

#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Newest first; of one owner, or of all.
    async fn audit(
        &self,
        owner: Option<&OwnerId>,
        page: Page<AuditId>,
    ) -> Result<Vec<AuditEntry>, StoreError>;
}
