//! Events, and answers to requests that may be repeated.

use async_trait::async_trait;
use jiff::Timestamp;

use super::page::Page;
use super::store_error::StoreError;
use crate::model::event::Event;
use crate::model::id::{EventId, IdempotencyKey, OwnerId};
use crate::model::idempotency::IdempotencyRecord;
use crate::model::node_identity::ReclaimScope;

#[async_trait]
pub trait EventStore: Send + Sync {
    async fn event(&self, id: EventId) -> Result<Option<Event>, StoreError>;
    /// Newest first.
    async fn events(&self, owner: &OwnerId, page: Page<EventId>) -> Result<Vec<Event>, StoreError>;
    /// Events whose publish has begun and not finished, and whose lease is reclaimable. At most
    /// `limit`, oldest lease first.
    async fn unfinished_publishes(
        &self,
        scope: ReclaimScope,
        limit: u32,
    ) -> Result<Vec<EventId>, StoreError>;
    /// Events whose publish is to begin by itself until this time, earliest first, at most `limit`.
    async fn scheduled(&self, until: Timestamp, limit: u32) -> Result<Vec<EventId>, StoreError>;
    /// When the next publish is to begin by itself.
    async fn next_scheduled(&self) -> Result<Option<Timestamp>, StoreError>;
}

#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    async fn idempotency(
        &self,
        owner: &OwnerId,
        key: &IdempotencyKey,
    ) -> Result<Option<IdempotencyRecord>, StoreError>;
}
