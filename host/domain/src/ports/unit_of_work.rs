//! The only way to write: several changes, all or nothing.

use async_trait::async_trait;
use jiff::Timestamp;

use super::store_error::StoreError;
use crate::model::account::Account;
use crate::model::attempt::Attempt;
use crate::model::audit::AuditEntry;
use crate::model::delivery::Delivery;
use crate::model::distribution::Distribution;
use crate::model::event::Event;
use crate::model::id::{AttemptId, ChannelId, DeliveryId, EventId, HolderId, OwnerId};
use crate::model::idempotency::IdempotencyRecord;
use crate::model::journal::Entry;
use crate::model::lease::Lease;
use crate::model::node_identity::ReclaimScope;
use crate::model::outbox::Message;
use crate::model::release::Release;

/// Writes rows of any aggregate in one transaction. Reads see what was committed.
#[async_trait]
pub trait UnitOfWork: Send + Sync {
    /// All of the mutations, or none.
    async fn commit(&self, mutations: Vec<Mutation>) -> Result<(), CommitError>;
}

/// One write. `Put…` inserts when the revision is 0 and otherwise replaces the row that still has
/// this revision; the stored row's revision is one higher.
#[derive(Debug, Clone)]
pub enum Mutation {
    PutEvent(Event),
    PutDistribution(Distribution),
    /// Also keeps what a reader sees of it from now on, see [`RevisionStore`](super::RevisionStore).
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
    /// Of attempts that have ended: what they began with, their journals, and the earlier revisions of
    /// their deliveries. Their ends and the deliveries' last revisions stay.
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
    /// The holder of the lease sends it.
    AddMessage {
        message: Message,
        lease: Lease,
    },
    /// Acquires reclaimable unsent messages for `lease.holder`, at most `limit` of them, in order of
    /// sequence.
    ReclaimMessages {
        scope: ReclaimScope,
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
    /// The component's bytes stay until [`Mutation::DeleteUnusedComponents`].
    DeleteRelease(Release),
    /// Deletes the bytes of components that no release has and no unfinished attempt runs on.
    DeleteUnusedComponents,
}

/// Why a commit did not happen.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Another commit was faster, and nothing was written: read again and decide again.
    #[error("the data changed meanwhile ({0})")]
    Conflict(&'static str),
    /// Nothing was written, or everything: a store may fail after the commit and before its answer.
    /// When the commit is repeated then, its revisions make that a conflict, after which the caller
    /// reads again; `AppendEntries` and `RenewLeases` may be repeated.
    #[error(transparent)]
    Store(#[from] StoreError),
}
