//! Releases and their components.

use std::collections::HashMap;

use async_trait::async_trait;

use super::store_error::StoreError;
use crate::model::id::{ChannelId, Digest};
use crate::model::release::Release;

#[async_trait]
pub trait ReleaseStore: Send + Sync {
    /// Every release of every channel, in the order of installation.
    async fn releases(&self) -> Result<Vec<Release>, StoreError>;
    /// How many attempts that are not over run or sleep on each release; a release without any is left out.
    async fn unfinished_attempts(&self) -> Result<HashMap<Digest, u64>, StoreError>;
    /// How many deliveries of a channel somebody will still work on: they run, are due at a time, or wait for their
    /// order.
    async fn unsettled_deliveries(&self, channel: &ChannelId) -> Result<u64, StoreError>;
    /// The bytes of a component.
    async fn component(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError>;
}
