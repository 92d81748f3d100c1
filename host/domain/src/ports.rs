//! What the domain needs from the outside, named by role.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

use crate::account::{Account, Sealed};
use crate::attempt::{AccountView, Attempt, Job, Receipt, Report};
use crate::content::{Content, Finding};
use crate::delivery::Delivery;
use crate::distribution::Distribution;
use crate::event::{Event, Lease};
use crate::id::{
    AttemptId, ChannelId, DeliveryId, Digest, DistributionId, EventId, HolderId, IdempotencyKey,
    MessageId, OwnerId,
};
use crate::idempotency::IdempotencyRecord;
use crate::journal::Entry;
use crate::manifest::{DeclaredLimits, Manifest};
use crate::outbox::{Message, OutboxRow};
use crate::publish::DeliveryResult;
use crate::release::Release;

/// Keeps everything. Reads see what was committed; writes go through [`Store::commit`] alone.
#[async_trait]
pub trait Store: Send + Sync {
    /// All of the changes, or none.
    async fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError>;

    async fn event(&self, id: EventId) -> Result<Option<Event>, StoreError>;
    /// Newest first.
    async fn events(&self, owner: &OwnerId, page: Page<EventId>) -> Result<Vec<Event>, StoreError>;
    /// Events whose publish was begun and not finished, and that nobody works on any more. At most
    /// `limit`, oldest lease first.
    async fn unfinished_publishes(
        &self,
        claims: Abandoned,
        limit: u32,
    ) -> Result<Vec<EventId>, StoreError>;
    async fn idempotency(
        &self,
        owner: &OwnerId,
        key: &IdempotencyKey,
    ) -> Result<Option<IdempotencyRecord>, StoreError>;

    async fn distribution(&self, id: DistributionId) -> Result<Option<Distribution>, StoreError>;
    /// In the order in which they were made.
    async fn deliveries(&self, distribution: DistributionId) -> Result<Vec<Delivery>, StoreError>;
    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError>;
    /// Deliveries that are claimed by a lease that ran out before `now`, or by anybody but
    /// `holder`: what somebody must go on with. Oldest lease first, at most `limit`.
    async fn abandoned(&self, claims: Abandoned, limit: u32)
    -> Result<Vec<DeliveryId>, StoreError>;
    /// Takes deliveries whose time has come, longest due first, so that of many hosts that look at
    /// once each gets others. What is taken is given to nobody else until it moves, or until the
    /// taking runs out; revisions stay as they are. It is no claim: whoever works on a delivery
    /// claims it, and a move of a delivery that somebody else took is as good as any.
    async fn take_due(&self, taking: Taking) -> Result<Vec<DeliveryId>, StoreError>;
    /// When the next delivery is due that nobody has taken.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;
    /// An attempt's journal, in order.
    async fn journal(&self, attempt: AttemptId) -> Result<Vec<Entry>, StoreError>;
    /// Attempts that began before this time, have ended, and still have what they began with and
    /// their journal. At most `limit`, oldest first.
    async fn old_journals(
        &self,
        begun_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<AttemptId>, StoreError>;
    /// In the order in which they began.
    async fn attempts(&self, distribution: DistributionId) -> Result<Vec<Attempt>, StoreError>;
    async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>, StoreError>;

    /// Messages under `holder`'s lease that the bus has not acknowledged, in order of sequence.
    async fn unsent(&self, holder: HolderId, limit: u32) -> Result<Vec<OutboxRow>, StoreError>;
    async fn message(&self, id: MessageId) -> Result<Option<OutboxRow>, StoreError>;
    /// In order of sequence, after `page.after`.
    async fn outbox(&self, page: Page<i64>) -> Result<Vec<OutboxRow>, StoreError>;

    async fn account(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<Option<Account>, StoreError>;
    async fn accounts(&self, owner: &OwnerId) -> Result<Vec<Account>, StoreError>;

    /// Every release of every channel, in the order of installation.
    async fn releases(&self) -> Result<Vec<Release>, StoreError>;
    /// The bytes of a component.
    async fn component(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError>;

    /// How many transactions this process has committed since it opened the store: with many
    /// callers at once far fewer than commits were asked for.
    fn transactions(&self) -> u64;
    /// Writes what was asked for until now, refuses what comes later, and lets go of the database.
    /// Once is enough; again does nothing.
    async fn close(&self);
}

/// One write. `Put…` inserts when the revision is 0 and otherwise replaces the row that still has
/// this revision; the stored row's revision is one higher.
#[derive(Debug, Clone)]
pub enum Change {
    PutEvent(Event),
    PutDistribution(Distribution),
    PutDelivery(Delivery),
    PutAttempt(Attempt),
    /// Only while `holder` has the lease of the attempt's delivery, and that delivery is still in
    /// this attempt; else the conflict `lease`. An entry that is there already stays as it is.
    AppendEntries {
        attempt: AttemptId,
        delivery: DeliveryId,
        holder: HolderId,
        entries: Vec<Entry>,
    },
    /// Of attempts that have ended: what they began with and their journals. Their ends stay.
    ForgetJournals(Vec<AttemptId>),
    /// Of every delivery and unsent message that `holder` has. Revisions stay as they are.
    RenewLeases {
        holder: HolderId,
        until: Timestamp,
    },
    /// Of a publish, while the lease's holder has it; else the conflict `lease`. The event's
    /// revision stays as it is.
    RenewPublish {
        event: EventId,
        lease: Lease,
    },
    /// Inserts, or replaces the record of the same owner and key that is still running.
    PutIdempotency(IdempotencyRecord),
    /// Whoever holds the lease sends it.
    AddMessage {
        message: Message,
        lease: Lease,
    },
    /// Unsent messages that nobody sends any more are `lease.holder`'s from now on, at most `limit`
    /// of them, in order of sequence.
    TakeMessages {
        claims: Abandoned,
        lease: Lease,
        limit: u32,
    },
    MarkSent {
        sequences: Vec<i64>,
        at: Timestamp,
    },
    PutAccount(Account),
    DeleteAccount {
        owner: OwnerId,
        channel: ChannelId,
    },
    /// The component's bytes are stored once per digest.
    PutRelease {
        release: Release,
        component: Option<Vec<u8>>,
    },
}

/// Whose claims nobody works on any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abandoned {
    /// Those whose lease ran out before this time.
    Before(Timestamp),
    /// Everybody's but this holder's: when no other process can be alive.
    NotOf(HolderId),
}

impl Abandoned {
    /// Whether a claim under this lease is among them.
    #[must_use]
    pub fn include(&self, lease: Lease) -> bool {
        match self {
            Self::Before(time) => lease.until < *time,
            Self::NotOf(holder) => lease.holder != *holder,
        }
    }
}

/// Who takes what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taking {
    /// Deliveries that are due at this time.
    pub now: Timestamp,
    /// For whom, and until when nobody else is given them.
    pub lease: Lease,
    /// Earlier takings that do not count any more.
    pub claims: Abandoned,
    pub limit: u32,
}

/// A part of a list, keyset-paged.
#[derive(Debug, Clone, Copy)]
pub struct Page<K> {
    /// The last key of the page before.
    pub after: Option<K>,
    pub limit: u32,
}

/// Why a commit did not happen.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Somebody else was faster, and nothing was written: read again and decide again.
    #[error("the data changed meanwhile ({0})")]
    Conflict(&'static str),
    /// Nothing was written, or everything: a store may fail after it has made the commit and before
    /// it says so. Whoever repeats the commit meets its own rows then. Revisions make that a
    /// conflict, on which they read again; `AppendEntries` and `RenewLeases` do the same twice.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The store cannot answer now.
#[derive(Debug, thiserror::Error)]
#[error("the store is not available: {0}")]
pub struct StoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

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
    async fn take(&self, name: &str, per_second: u32, most: u32) -> Result<Grant, CacheError>;
}

/// What there was in a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
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
    fn tell(&self, signal: Signal);
    /// The next that another host told. [`Signal::Missed`] when some may have been lost.
    async fn hear(&self) -> Signal;
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
pub trait Observer: Send + Sync {
    /// Called after the commit.
    fn moved(&self, delivery: &Delivery);
}

/// Encrypts secrets for storage.
pub trait Vault: Send + Sync {
    fn seal(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
        name: &str,
        secret: &SecretString,
    ) -> Sealed;
    /// `Err`: it was sealed for something else, changed, or with a key that is gone.
    fn open(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
        name: &str,
        sealed: &Sealed,
    ) -> Result<SecretString, VaultError>;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stored secret cannot be read: {0}")]
pub struct VaultError(pub String);

/// The channels that this host has loaded.
#[async_trait]
pub trait Channels: Send + Sync {
    /// Compiles a component and keeps it ready; answers from memory when it is loaded already.
    /// Never runs on the path of a request that publishes.
    async fn load(&self, component: Vec<u8>) -> Result<Arc<LoadedRelease>, LoadError>;
    /// New attempts of the channel run on this release from now on. One pointer is swapped.
    fn activate(&self, channel: &ChannelId, digest: Digest) -> Result<(), NotLoaded>;
    /// The active releases, by channel id.
    fn active(&self) -> Vec<Arc<LoadedRelease>>;
    /// Takes hold of the channel's active release: it stays as long as it is held.
    fn hold(&self, channel: &ChannelId) -> Option<Box<dyn HeldRelease>>;
    /// Takes hold of a loaded release, active or not.
    fn hold_release(&self, digest: Digest) -> Option<Box<dyn HeldRelease>>;
    /// How many attempts hold a release.
    fn holders(&self, digest: Digest) -> usize;
}

/// What is known of a loaded component.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedRelease {
    pub digest: Digest,
    pub bytes: u64,
    pub manifest: Manifest,
    pub abilities: Abilities,
}

/// The optional exports that a component has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Abilities {
    pub preview: bool,
    pub probe: bool,
    pub withdraw: bool,
}

/// A release in use: dropping it lets go of it.
#[async_trait]
pub trait HeldRelease: Send + Sync {
    fn release(&self) -> &LoadedRelease;

    /// Checks settings against the channel's schema and fills in its defaults. Findings point
    /// into the settings.
    fn settings(&self, given: &serde_json::Value) -> Result<JsonObject, Vec<Finding>>;
    /// The same for what the owner chose for one event.
    fn options(&self, given: &serde_json::Value) -> Result<JsonObject, Vec<Finding>>;

    /// The limits that an attempt begins with, all of them.
    fn limits(&self) -> DeclaredLimits;

    /// Runs `distribute` until it ends or sleeps for long. Limits, traps and failures are in the
    /// report.
    async fn run(&self, job: Job, journal: Arc<dyn Journal>) -> Report;
    /// Runs `probe`: `None` when the component does not export it.
    async fn probe(&self, question: Question) -> Option<Result<Option<Receipt>, CannotTell>>;
    /// Runs `check`.
    async fn check(&self, draft: CheckInput<'_>) -> Result<Vec<Finding>, CallError>;
    /// Runs `preview.render`; `None` when the component does not export it.
    async fn preview(&self, draft: CheckInput<'_>) -> Result<Option<String>, CallError>;
}

pub type JsonObject = serde_json::Map<String, serde_json::Value>;

/// What `probe` is asked about.
#[derive(Debug, Clone)]
pub struct Question {
    pub idempotency_key: String,
    pub event: EventId,
    pub account: AccountView,
}

/// A probe that found nothing out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CannotTell(pub String);

/// What `check` and `preview` look at.
#[derive(Debug, Clone, Copy)]
pub struct CheckInput<'a> {
    pub content: &'a Content,
    pub options: &'a JsonObject,
    pub account: &'a AccountView,
}

/// Where a running attempt's journal is kept.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Durable when it returns. It waits as long as the store is away.
    async fn commit(&self, entries: Vec<Entry>) -> Result<(), LostLease>;
}

/// Another host has the delivery now: this attempt must not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another host has taken the delivery over")]
pub struct LostLease;

/// Why a component was not loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The author changes the component.
    #[error("{0}")]
    Rejected(String),
    /// The operator looks at the host.
    #[error("the host could not load the component: {0}")]
    Host(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("release {} is not loaded for this channel", .0.short())]
pub struct NotLoaded(pub Digest);

/// Why a short call into a component gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CallError(pub crate::attempt::Death);
