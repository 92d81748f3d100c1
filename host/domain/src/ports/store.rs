//! Where everything is kept.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::model::account::Account;
use crate::model::attempt::Attempt;
use crate::model::attribution::OtherPosts;
use crate::model::audit::AuditEntry;
use crate::model::delivery::Delivery;
use crate::model::delivery::revision::DeliveryRevision;
use crate::model::distribution::Distribution;
use crate::model::event::Event;
use crate::model::id::{
    AttemptId, AuditId, ChannelId, DeliveryId, Digest, DistributionId, EventId, HolderId,
    IdempotencyKey, MessageId, OwnerId,
};
use crate::model::idempotency::IdempotencyRecord;
use crate::model::journal::Entry;
use crate::model::lease::Lease;
use crate::model::node_identity::ReclaimScope;
use crate::model::outbox::{Message, OutboxRow};
use crate::model::release::Release;

/// Keeps everything. Reads see what was committed; writes go through [`Store::commit`] alone.
///
/// A row that cannot be read ([`Unreadable`]) is left out of lists and fails what is about it alone; an
/// attempt's journal is read whole or not at all.
#[async_trait]
pub trait Store: Send + Sync {
    /// All of the changes, or none.
    async fn commit(&self, changes: Vec<Mutation>) -> Result<(), CommitError>;

    async fn event(&self, id: EventId) -> Result<Option<Event>, StoreError>;
    /// Newest first.
    async fn events(&self, owner: &OwnerId, page: Page<EventId>) -> Result<Vec<Event>, StoreError>;
    /// Events whose publish was begun and not finished, and that nobody works on any more. At most
    /// `limit`, oldest lease first.
    async fn unfinished_publishes(
        &self,
        claims: ReclaimScope,
        limit: u32,
    ) -> Result<Vec<EventId>, StoreError>;
    /// Events whose publish is to begin by itself until this time, earliest first, at most `limit`.
    async fn scheduled(&self, until: Timestamp, limit: u32) -> Result<Vec<EventId>, StoreError>;
    /// When the next publish is to begin by itself.
    async fn next_scheduled(&self) -> Result<Option<Timestamp>, StoreError>;
    async fn idempotency(
        &self,
        owner: &OwnerId,
        key: &IdempotencyKey,
    ) -> Result<Option<IdempotencyRecord>, StoreError>;

    async fn distribution(&self, id: DistributionId) -> Result<Option<Distribution>, StoreError>;
    /// In the order in which they were made.
    async fn deliveries(&self, distribution: DistributionId) -> Result<Vec<Delivery>, StoreError>;
    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError>;
    /// A delivery's moves from the one that gave it this revision on, in order; at most `limit`.
    async fn delivery_changes(
        &self,
        delivery: DeliveryId,
        from_revision: i64,
        limit: u32,
    ) -> Result<Vec<DeliveryRevision>, StoreError>;
    /// Deliveries whose claims nobody works on any more: what somebody must go on with. Oldest lease
    /// first, at most `limit`.
    async fn reclaimable(
        &self,
        claims: ReclaimScope,
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
    /// Takes deliveries whose time has come, longest due first, so that of many hosts that look at
    /// once each gets others. What is taken is given to nobody else until it moves, or until the
    /// taking runs out; revisions stay as they are. It is no claim: whoever works on a delivery
    /// claims it, and a move of a delivery that somebody else took is as good as any.
    async fn take_due(&self, taking: ClaimDue) -> Result<Vec<DeliveryId>, StoreError>;
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

    /// Accounts with a secret that somebody must renew until this time, earliest first, at most
    /// `limit`.
    async fn accounts_to_renew(
        &self,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OwnerId, ChannelId)>, StoreError>;

    /// What was done, newest first; of one owner, or of all.
    async fn audit(
        &self,
        owner: Option<&OwnerId>,
        page: Page<AuditId>,
    ) -> Result<Vec<AuditEntry>, StoreError>;

    /// Every release of every channel, in the order of installation.
    async fn releases(&self) -> Result<Vec<Release>, StoreError>;
    /// The bytes of a component.
    async fn component(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError>;

    /// Whether writes are taken, as far as is known without asking; `Err` says why not. Reads and
    /// commits fail then.
    fn accepts_writes(&self) -> Result<(), StoreError>;
    /// How many rows were met since the store was opened that are there and cannot be read.
    fn unreadable_rows(&self) -> usize;
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
pub enum Mutation {
    PutEvent(Event),
    PutDistribution(Distribution),
    /// Also keeps what a reader sees of it from now on, see [`Store::delivery_changes`].
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
    /// Of attempts that have ended: what they began with, their journals, and the earlier moves of
    /// their deliveries. Their ends and the deliveries' last moves stay.
    ForgetJournals(Vec<AttemptId>),
    /// Of those of these deliveries that the lease's holder still has. Revisions stay as they are.
    RenewLeases {
        deliveries: Vec<DeliveryId>,
        lease: Lease,
    },
    /// Of unsent messages, by their sequences, while the lease's holder has all of them; else the
    /// conflict `lease`.
    RenewMessages {
        sequences: Vec<i64>,
        lease: Lease,
    },
    /// Of a publish, while the lease's holder has it; else the conflict `lease`. The event's
    /// revision stays as it is.
    RenewPublish {
        event: EventId,
        lease: Lease,
    },
    /// Inserts, or replaces the record of the same owner and key that is still running.
    PutIdempotency(IdempotencyRecord),
    /// Replaces the record of the same owner, key and request whose answer is `earlier`: one that was
    /// not the last word. Any other is a conflict.
    ReplaceAnswer {
        record: IdempotencyRecord,
        earlier: serde_json::Value,
    },
    /// Whoever holds the lease sends it.
    AddMessage {
        message: Message,
        lease: Lease,
    },
    /// Unsent messages that nobody sends any more are `lease.holder`'s from now on, at most `limit`
    /// of them, in order of sequence.
    TakeMessages {
        claims: ReclaimScope,
        lease: Lease,
        limit: u32,
    },
    MarkSent {
        sequences: Vec<i64>,
        at: Timestamp,
    },
    AddAudit(AuditEntry),
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

/// Who takes what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimDue {
    /// Deliveries that are due at this time.
    pub now: Timestamp,
    /// For whom, and until when nobody else is given them.
    pub lease: Lease,
    /// Earlier takings that do not count any more.
    pub claims: ReclaimScope,
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

/// A row that is there and cannot be read: a newer Baepo has written it, or somebody by hand. The
/// adapter has reported it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the row {row} of {table} cannot be read: {why}")]
pub struct Unreadable {
    pub table: &'static str,
    /// Its key.
    pub row: String,
    pub why: String,
}

impl From<Unreadable> for StoreError {
    fn from(unreadable: Unreadable) -> Self {
        Self(Box::new(unreadable))
    }
}

impl StoreError {
    /// What is set aside, if the store answers and only this one row cannot be read: asking again
    /// does not help.
    #[must_use]
    pub fn unreadable(&self) -> Option<&Unreadable> {
        self.0.downcast_ref()
    }

    /// `None` for what is set aside.
    ///
    /// # Errors
    /// The others.
    pub fn skip_unreadable<T>(result: Result<T, Self>) -> Result<Option<T>, Self> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.unreadable().is_some() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A row is not there that somebody works on. Rows are never deleted: so the store has lost it, or
    /// is another one than before, and nothing may be concluded from that.
    #[must_use]
    pub fn missing(what: &str, id: impl std::fmt::Display) -> Self {
        Self(format!("the {what} {id} is missing, and must be there").into())
    }
}
