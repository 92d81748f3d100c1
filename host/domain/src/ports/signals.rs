//! Signals between hosts that share a store.

use async_trait::async_trait;

use crate::model::id::DistributionId;

/// Sends signals to the other hosts on the same store, so that they look at once instead of soon.
/// Losing a signal is never an error.
#[async_trait]
pub trait Signals: Send + Sync {
    /// Reaches every other host soon, or not at all. Does not wait.
    fn broadcast(&self, signal: Signal);
    /// The next from another host. [`Signal::Missed`] when some may have been lost.
    async fn receive(&self) -> Signal;
}

/// News from another host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Deliveries of this distribution moved.
    Moved(DistributionId),
    /// A release was installed, promoted or retired.
    Releases,
    /// Anything may have happened: the connection was away.
    Missed,
}
