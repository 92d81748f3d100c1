//! What the domain needs from the outside, named by role.

pub mod chance;
mod channels;
pub mod clock;
pub mod id_generator;
mod store;

use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::model::account::SealedSecret;
use crate::model::content::Content;
use crate::model::delivery::Delivery;
use crate::model::delivery::result::DeliveryResult;
use crate::model::id::{ChannelId, DeliveryId, DistributionId, EventId, MessageId, OwnerId};
use crate::model::outbox::OutboxRow;

pub use self::channels::{
    CallError, Channels, CheckInput, HeldRelease, Journal, JsonObject, LeaseLost, LoadError,
    LoadedRelease, NotLoaded, OptionalExports, ProbeInconclusive, ProbeRequest, RenewError,
    RenewedSecret, WithdrawError, WithdrawRequest,
};
pub use self::store::{ClaimDue, CommitError, Mutation, Page, Store, StoreError, Unreadable};

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

/// Where the outbox's messages go.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Returns when the bus has durably acknowledged each of them or said no, in the order given.
    /// Messages of one key arrive in that order; one that comes behind a message of its key that
    /// did not arrive may have arrived all the same.
    async fn send(&self, messages: &[OutboxRow]) -> Vec<Result<(), BusError>>;
}

#[derive(Debug, thiserror::Error)]
#[error("the bus is not available: {0}")]
pub struct BusError(pub String);

/// Carries messages from the outbox to the bus.
#[async_trait]
pub trait Relay: Send + Sync {
    /// There is something new in the outbox.
    fn wake(&self);
    /// Waits for the bus to acknowledge a message; `false` when it did not within that time.
    async fn acknowledged(&self, message: MessageId, within: Duration) -> bool;
}

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

/// What hosts that share a store tell each other, so that they look at once instead of soon. Losing
/// a signal is never an error.
#[async_trait]
pub trait Signals: Send + Sync {
    /// Soon heard by every other host, or not at all. Does not wait.
    fn broadcast(&self, signal: Signal);
    /// The next that another host told. [`Signal::Missed`] when some may have been lost.
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
    Unavailable { why: String, retry_after: Duration },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Hears of deliveries that moved.
pub trait DeliveryObserver: Send + Sync {
    /// Called after the commit.
    fn moved(&self, delivery: &Delivery);
    /// The store has not taken for long what must be written of this delivery. Called once.
    fn store_unavailable(&self, delivery: DeliveryId, error: &StoreError);
}

/// Encrypts secrets for storage.
pub trait Vault: Send + Sync {
    fn seal(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
        name: &str,
        secret: &SecretString,
    ) -> SealedSecret;
    /// `Err`: it was sealed for something else, changed, or with a key that is gone.
    fn open(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
        name: &str,
        sealed: &SealedSecret,
    ) -> Result<SecretString, VaultError>;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stored secret cannot be read: {0}")]
pub struct VaultError(pub String);
