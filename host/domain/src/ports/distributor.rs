//! The way from a publish to its deliveries.

use std::time::Duration;

use async_trait::async_trait;

use super::store_error::StoreError;
use crate::model::content::Content;
use crate::model::delivery::result::DeliveryResult;
use crate::model::id::{ChannelId, DistributionId, EventId, OwnerId};
use crate::model::text::Localized;

/// Drives the deliveries of a distribution.
#[async_trait]
pub trait Distributor: Send + Sync {
    /// Starts what is due and waits until every delivery is answered, or for the answer's time
    /// limit; the rest goes on. One result per delivery of the distribution. Idempotent by
    /// distribution.
    async fn distribute(
        &self,
        order: DistributionOrder,
    ) -> Result<Vec<DeliveryResult>, DistributorError>;
}

/// What to distribute.
#[derive(Debug, Clone)]
pub struct DistributionOrder {
    pub distribution: DistributionId,
    pub event: EventId,
    pub owner: OwnerId,
    pub channels: Vec<ChannelId>,
    /// None where the event has lost it; its deliveries say so.
    pub content: Option<Content>,
}

#[derive(Debug, thiserror::Error)]
pub enum DistributorError {
    #[error("no such distribution")]
    NotFound,
    /// It goes on by itself later.
    #[error("the distribution service is not available: {why}")]
    Unavailable {
        why: Localized,
        retry_after: Duration,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
}
