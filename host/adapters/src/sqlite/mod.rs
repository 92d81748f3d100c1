//! The store in one SQLite file: for one process, and as durable as its disk.
//!
//! Write-ahead log with `synchronous=FULL`: what is committed survives a power cut. Reads have
//! connections of their own and never wait for writes; all writes go through one [`writer`].
//! Parameters are `$1`, `$2`, … as PostgreSQL has them, and INSERT and UPDATE of a table number
//! theirs alike, so that one list of values serves both.

mod accounts;
mod attempts;
mod audit;
mod checkup;
mod deliveries;
mod delivery_revisions;
mod distributions;
mod due;
mod events;
mod health;
mod idempotency;
mod journal;
mod open;
mod outbox;
mod releases;
mod statement;
mod writer;

use std::path::Path;

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::account::Account;
use baepo_domain::model::attempt::Attempt;
use baepo_domain::model::attribution::OtherPosts;
use baepo_domain::model::audit::AuditEntry;
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::delivery::revision::DeliveryRevision;
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::{
    AttemptId, AuditId, ChannelId, DeliveryId, Digest, DistributionId, EventId, HolderId,
    IdempotencyKey, MessageId, OwnerId,
};
use baepo_domain::model::idempotency::IdempotencyRecord;
use baepo_domain::model::journal::Entry;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::model::outbox::OutboxRow;
use baepo_domain::model::release::Release;
use baepo_domain::ports::{ClaimDue, CommitError, Mutation, Page, Store, StoreError};

pub use self::checkup::check_sqlite;
pub use self::open::OpenError;
use self::statement::Readers;
use self::writer::WriterHandle;

/// The store in one SQLite file.
pub struct SqliteStore {
    readers: Readers,
    writer: WriterHandle,
}

impl SqliteStore {
    /// Opens the file at `path`, makes it when there is none (for its owner alone), and brings
    /// its tables up to date. The folder must be there.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let (readers, writer) = open::open(path).await?;
        let writer = WriterHandle::spawn(writer);
        Ok(Self { readers, writer })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, mutations: Vec<Mutation>) -> Result<(), CommitError> {
        self.writer.commit(mutations).await
    }

    async fn event(&self, id: EventId) -> Result<Option<Event>, StoreError> {
        events::by_id(&self.readers, id).await
    }

    async fn events(&self, owner: &OwnerId, page: Page<EventId>) -> Result<Vec<Event>, StoreError> {
        events::of_owner(&self.readers, owner, page).await
    }

    async fn unfinished_publishes(
        &self,
        claims: ReclaimScope,
        limit: u32,
    ) -> Result<Vec<EventId>, StoreError> {
        events::unfinished(&self.readers, claims, limit).await
    }

    async fn scheduled(&self, until: Timestamp, limit: u32) -> Result<Vec<EventId>, StoreError> {
        events::scheduled(&self.readers, until, limit).await
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, StoreError> {
        events::next_scheduled(&self.readers).await
    }

    async fn idempotency(
        &self,
        owner: &OwnerId,
        key: &IdempotencyKey,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        idempotency::by_key(&self.readers, owner, key).await
    }

    async fn distribution(&self, id: DistributionId) -> Result<Option<Distribution>, StoreError> {
        distributions::by_id(&self.readers, id).await
    }

    async fn deliveries(&self, distribution: DistributionId) -> Result<Vec<Delivery>, StoreError> {
        deliveries::of_distribution(&self.readers, distribution).await
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        deliveries::by_id(&self.readers, id).await
    }

    async fn delivery_changes(
        &self,
        delivery: DeliveryId,
        from_revision: i64,
        limit: u32,
    ) -> Result<Vec<DeliveryRevision>, StoreError> {
        delivery_revisions::of_delivery(&self.readers, delivery, from_revision, limit).await
    }

    async fn reclaimable(
        &self,
        claims: ReclaimScope,
        limit: u32,
    ) -> Result<Vec<DeliveryId>, StoreError> {
        deliveries::reclaimable(&self.readers, claims, limit).await
    }

    async fn orphaned(
        &self,
        unchanged_since: Timestamp,
        limit: u32,
    ) -> Result<Vec<DeliveryId>, StoreError> {
        deliveries::orphaned(&self.readers, unchanged_since, limit).await
    }

    async fn other_posts(
        &self,
        of: &Delivery,
        external_ids: &[String],
        since: Timestamp,
    ) -> Result<OtherPosts, StoreError> {
        deliveries::other_posts(&self.readers, of, external_ids, since).await
    }

    async fn take_due(&self, due: ClaimDue) -> Result<Vec<DeliveryId>, StoreError> {
        // Nothing is due most of the time, which a read tells without a transaction.
        if !due::has_due(&self.readers, due).await? {
            return Ok(Vec::new());
        }
        self.writer.take_due(due).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        due::next_due(&self.readers).await
    }

    async fn journal(&self, attempt: AttemptId) -> Result<Vec<Entry>, StoreError> {
        journal::of_attempt(&self.readers, attempt).await
    }

    async fn old_journals(
        &self,
        begun_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<AttemptId>, StoreError> {
        journal::old(&self.readers, begun_before, limit).await
    }

    async fn attempts(&self, distribution: DistributionId) -> Result<Vec<Attempt>, StoreError> {
        attempts::of_distribution(&self.readers, distribution).await
    }

    async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
        attempts::by_id(&self.readers, id).await
    }

    async fn unsent(&self, holder: HolderId, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        outbox::unsent(&self.readers, holder, limit).await
    }

    async fn message(&self, id: MessageId) -> Result<Option<OutboxRow>, StoreError> {
        outbox::by_id(&self.readers, id).await
    }

    async fn outbox(&self, page: Page<i64>) -> Result<Vec<OutboxRow>, StoreError> {
        outbox::after(&self.readers, page).await
    }

    async fn account(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<Option<Account>, StoreError> {
        accounts::by_channel(&self.readers, owner, channel).await
    }

    async fn accounts(&self, owner: &OwnerId) -> Result<Vec<Account>, StoreError> {
        accounts::of_owner(&self.readers, owner).await
    }

    async fn accounts_to_renew(
        &self,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OwnerId, ChannelId)>, StoreError> {
        accounts::to_renew(&self.readers, until, limit).await
    }

    async fn audit(
        &self,
        owner: Option<&OwnerId>,
        page: Page<AuditId>,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        audit::page(&self.readers, owner, page).await
    }

    async fn releases(&self) -> Result<Vec<Release>, StoreError> {
        releases::all(&self.readers).await
    }

    async fn component(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        releases::component(&self.readers, digest).await
    }

    fn accepts_writes(&self) -> Result<(), StoreError> {
        self.readers.health.accepts_writes()
    }

    fn unreadable_rows(&self) -> usize {
        self.readers.unreadable_rows.count()
    }

    fn transactions(&self) -> u64 {
        self.writer.transactions()
    }

    async fn close(&self) {
        let last = self.writer.finish().await;
        self.readers.pool.close().await;
        // Last of all connections, so that SQLite folds the log into the file.
        if let Some(mut writer) = last {
            writer.disconnect().await;
        }
    }
}

#[cfg(test)]
mod migration_tests;
#[cfg(test)]
mod tests;
