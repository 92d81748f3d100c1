//! Distributions, their deliveries, and who watches these.

use async_trait::async_trait;
use jiff::Timestamp;

use super::store_error::StoreError;
use crate::model::attribution::OtherPosts;
use crate::model::delivery::Delivery;
use crate::model::delivery::revision::DeliveryRevision;
use crate::model::distribution::Distribution;
use crate::model::id::{DeliveryId, DistributionId};
use crate::model::lease::Lease;
use crate::model::node_identity::ReclaimScope;

#[async_trait]
pub trait DistributionStore: Send + Sync {
    async fn distribution(&self, id: DistributionId) -> Result<Option<Distribution>, StoreError>;
}

#[async_trait]
pub trait DeliveryStore: Send + Sync {
    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError>;
    /// In the order in which they were made.
    async fn deliveries(&self, distribution: DistributionId) -> Result<Vec<Delivery>, StoreError>;
    /// Deliveries whose lease is reclaimable, oldest lease first, at most `limit`.
    async fn reclaimable(
        &self,
        scope: ReclaimScope,
        limit: u32,
    ) -> Result<Vec<DeliveryId>, StoreError>;
    /// Deliveries that are not settled, that nobody has claimed, that are never due, and that no
    /// publish of their event will order: unchanged since before this time, longest first, at most
    /// `limit`.
    async fn orphaned(
        &self,
        unchanged_since: Timestamp,
        limit: u32,
    ) -> Result<Vec<DeliveryId>, StoreError>;
    /// What the other deliveries of the same account have to do with posts that the provider shows:
    /// which of them are theirs, and whether one of them may have a post that nobody has identified,
    /// because it is at work or has ended LIVE or UNKNOWN without an external id since that time.
    async fn other_posts(
        &self,
        of: &Delivery,
        external_ids: &[String],
        since: Timestamp,
    ) -> Result<OtherPosts, StoreError>;
}

/// What readers have seen of deliveries: each revision as it was.
#[async_trait]
pub trait RevisionStore: Send + Sync {
    /// In order, from this revision on; at most `limit`.
    async fn delivery_revisions(
        &self,
        delivery: DeliveryId,
        from_revision: i64,
        limit: u32,
    ) -> Result<Vec<DeliveryRevision>, StoreError>;
}

/// Deliveries by the time at which they are due.
#[async_trait]
pub trait DueQueue: Send + Sync {
    /// Claims deliveries whose time has come, longest due first, so that of many hosts that look at
    /// once each gets others. What is claimed is given to nobody else until its next transition, or until the
    /// claim expires; revisions stay as they are. It is no lease on the work: who works on a delivery
    /// acquires that, and a transition of a delivery that is claimed by another is as good as any.
    async fn claim_due(&self, claim: ClaimDue) -> Result<Vec<DeliveryId>, StoreError>;
    /// When the next delivery is due that nobody has claimed.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;
}

/// Who claims what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimDue {
    /// Deliveries that are due at this time.
    pub now: Timestamp,
    /// For whom, and until when nobody else is given them.
    pub lease: Lease,
    /// Earlier claims that do not count any more.
    pub scope: ReclaimScope,
    pub limit: u32,
}

/// Is notified of transitions.
pub trait DeliveryObserver: Send + Sync {
    /// Called after the commit.
    fn moved(&self, delivery: &Delivery);
    /// The store has not taken for long what must be written of this delivery. Called once.
    fn store_unavailable(&self, delivery: DeliveryId, error: &StoreError);
}
