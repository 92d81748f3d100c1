//! The store in PostgreSQL: shared by many hosts, and as durable as its server.
//!
//! All writes of a process go through one [`writer`], which writes what many callers want with one
//! statement per kind of row ([`bulk`]); [`readers`] have connections of their own. INSERT and
//! UPDATE of a table number their parameters alike, so that one list of values serves both.
//!
//! A commit is made when the server says so. A server that is away, or takes no writes, is an error
//! within seconds, and it or its successor is found again without help: see [`primary`].

mod accounts;
mod attempts;
mod audit;
mod bulk;
mod checkup;
mod columns;
mod config;
mod deliveries;
mod delivery_revisions;
mod distributions;
mod due;
mod errors;
mod events;
mod idempotency;
mod journal;
mod mutations;
mod open;
mod outbox;
mod primary;
mod readers;
mod releases;
mod schema;
mod server;
mod session;
mod signals;
mod statement;
mod transaction;
mod writer;

use std::sync::Arc;

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
use tokio::task::AbortHandle;

pub use self::checkup::check_postgres;
pub use self::config::{PostgresConfig, is_postgres_address, redacted};
pub use self::open::OpenError;
use self::primary::Primary;
use self::readers::Readers;
use self::server::NoPrimary;
pub use self::signals::PostgresSignals;
use self::writer::WriterHandle;

/// The store in PostgreSQL.
pub struct PostgresStore {
    primary: Arc<Primary>,
    watch: AbortHandle,
    readers: Readers,
    writer: WriterHandle,
}

impl PostgresStore {
    /// Connects to the database at `url`, such as `postgres://user:password@host:5432/database`,
    /// and brings its tables up to date. Of processes that start at the same time one does so.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(url: &str, config: PostgresConfig) -> Result<Self, OpenError> {
        let (primary, session) = open::open(url, &config).await?;
        let readers = Readers::new(
            Arc::clone(&primary),
            config.readers(),
            config.acquire_timeout,
        );
        let writer = WriterHandle::spawn(Arc::clone(&primary), session);
        Ok(Self {
            watch: primary.watch(),
            primary,
            readers,
            writer,
        })
    }

    /// What the hosts on this database tell each other; `host` is this one.
    #[must_use]
    pub fn signals(&self, host: HolderId) -> PostgresSignals {
        PostgresSignals::new(Arc::clone(&self.primary), host)
    }
}

#[async_trait]
impl Store for PostgresStore {
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
        let taken = due::take_due(&self.readers, due).await?;
        if !taken.is_empty() {
            self.writer.count();
        }
        Ok(taken)
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
        let no_primary = |why: NoPrimary| StoreError(why.into());
        self.primary.accepts_writes().map_err(no_primary)
    }

    fn unreadable_rows(&self) -> usize {
        self.readers.unreadable_rows.count()
    }

    fn transactions(&self) -> u64 {
        self.writer.transactions()
    }

    async fn close(&self) {
        self.writer.finish().await;
        self.readers.close().await;
        self.watch.abort();
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

#[cfg(test)]
mod concurrency_tests;
#[cfg(test)]
mod failover_tests;
#[cfg(test)]
mod migration_tests;
#[cfg(test)]
mod outage_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
