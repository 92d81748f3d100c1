//! The store itself; what it reads like every SQL database is in [`rows`](crate::rows).

use std::sync::Arc;

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::attribution::OtherPosts;
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::id::{DeliveryId, HolderId};
use baepo_domain::ports::{
    ClaimDue, CommitError, Mutation, Store, StoreError, StoreHealth, UnitOfWork,
};
use tokio::task::AbortHandle;

use super::primary::Primary;
use super::readers::Readers;
use super::server::NoPrimary;
use super::signals::PostgresSignals;
use super::{deliveries, due};
use crate::commit_queue::{CommitCounter, CommitQueue};
use crate::rows::{Read, SqlDatabase, SqlRow, SqlStore, UnreadableRows};

/// The store in PostgreSQL.
pub type PostgresStore = SqlStore<PostgresDatabase>;

/// One database in PostgreSQL.
pub struct PostgresDatabase {
    pub(super) primary: Arc<Primary>,
    pub(super) watch: AbortHandle,
    pub(super) readers: Readers,
    pub(super) writer: CommitQueue<Vec<Mutation>, (), ()>,
    pub(super) commits: CommitCounter,
}

impl PostgresStore {
    /// Signals to and from the other hosts on this database; `host` is this one.
    #[must_use]
    pub fn signals(&self, host: HolderId) -> PostgresSignals {
        PostgresSignals::new(Arc::clone(&self.primary), host)
    }
}

impl SqlDatabase for PostgresDatabase {
    async fn rows<R: SqlRow>(&self, read: Read) -> Result<Vec<R>, StoreError> {
        self.readers.read(read).await
    }

    fn unreadable_rows(&self) -> &UnreadableRows {
        &self.readers.unreadable_rows
    }

    async fn claim_due(&self, claim: ClaimDue) -> Result<Vec<DeliveryId>, StoreError> {
        let claimed = due::claim(&self.readers, claim).await?;
        if !claimed.is_empty() {
            self.commits.increment();
        }
        Ok(claimed)
    }

    async fn other_posts(
        &self,
        of: &Delivery,
        external_ids: &[String],
        since: Timestamp,
    ) -> Result<OtherPosts, StoreError> {
        deliveries::other_posts(&self.readers, of, external_ids, since).await
    }
}

#[async_trait]
impl UnitOfWork for PostgresStore {
    async fn commit(&self, mutations: Vec<Mutation>) -> Result<(), CommitError> {
        self.writer.commit(mutations).await
    }
}

impl StoreHealth for PostgresStore {
    fn accepts_writes(&self) -> Result<(), StoreError> {
        let no_primary = |why: NoPrimary| StoreError(why.into());
        self.primary.accepts_writes().map_err(no_primary)
    }

    fn unreadable_rows(&self) -> usize {
        self.readers.unreadable_rows.count()
    }

    fn commits(&self) -> u64 {
        self.commits.get()
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn close(&self) {
        self.writer.finish().await;
        self.readers.close().await;
        self.watch.abort();
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        self.watch.abort();
    }
}
