//! Messages on their way: from the outbox through the relay to the bus.

use std::time::Duration;

use async_trait::async_trait;

use super::page::Page;
use super::store_error::StoreError;
use crate::model::id::{HolderId, MessageId};
use crate::model::outbox::OutboxRow;

#[async_trait]
pub trait OutboxStore: Send + Sync {
    /// Messages under `holder`'s lease that the bus has not acknowledged, in order of sequence.
    async fn unsent(&self, holder: HolderId, limit: u32) -> Result<Vec<OutboxRow>, StoreError>;
    async fn message(&self, id: MessageId) -> Result<Option<OutboxRow>, StoreError>;
    /// In order of sequence, after `page.after`.
    async fn outbox(&self, page: Page<i64>) -> Result<Vec<OutboxRow>, StoreError>;
}

/// Carries messages from the outbox to the bus.
#[async_trait]
pub trait Relay: Send + Sync {
    /// There is something new in the outbox.
    fn wake(&self);
    /// Waits for the bus to acknowledge a message; `false` when it did not within that time.
    async fn acknowledged(&self, message: MessageId, within: Duration) -> bool;
}

/// Where the outbox's messages go.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Returns when the bus has durably acknowledged or refused each of them, in the order given.
    /// Messages of one key arrive in that order; one that comes behind a message of its key that
    /// did not arrive may have arrived all the same.
    async fn send(&self, messages: &[OutboxRow]) -> Vec<Result<(), BusError>>;
}

#[derive(Debug, thiserror::Error)]
#[error("the bus is not available: {0}")]
pub struct BusError(pub String);
