//! The store itself; what it reads like every SQL database is in [`rows`](crate::rows).

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::attribution::OtherPosts;
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::id::DeliveryId;
use baepo_domain::ports::{
    ClaimDue, CommitError, Mutation, Store, StoreError, StoreHealth, UnitOfWork,
};
use sqlx::{Connection as _, SqliteConnection};

use super::statement::Readers;
use super::{deliveries, due};
use crate::commit_queue::{CommitCounter, CommitQueue};
use crate::rows::{Read, SqlDatabase, SqlRow, SqlStore, UnreadableRows};

/// The store in one SQLite file.
pub type SqliteStore = SqlStore<SqliteDatabase>;

/// One SQLite file.
pub struct SqliteDatabase {
    pub(super) readers: Readers,
    pub(super) writer: CommitQueue<Work, Vec<DeliveryId>, Option<SqliteConnection>>,
    pub(super) commits: CommitCounter,
}

/// What a caller wants of the writer.
pub enum Work {
    Mutations(Vec<Mutation>),
    /// Answered with the deliveries that were claimed.
    ClaimDue(ClaimDue),
}

impl SqlDatabase for SqliteDatabase {
    async fn rows<R: SqlRow>(&self, read: Read) -> Result<Vec<R>, StoreError> {
        self.readers.rows(read).await
    }

    fn unreadable_rows(&self) -> &UnreadableRows {
        &self.readers.unreadable_rows
    }

    async fn claim_due(&self, claim: ClaimDue) -> Result<Vec<DeliveryId>, StoreError> {
        // Nothing is due most of the time, which a read shows without a transaction.
        if !due::has_due(&self.readers, claim).await? {
            return Ok(Vec::new());
        }
        match self.writer.commit(Work::ClaimDue(claim)).await {
            Ok(claimed) => Ok(claimed),
            Err(CommitError::Store(error)) => Err(error),
            // There is nothing that it could conflict with.
            Err(CommitError::Conflict(_)) => Ok(Vec::new()),
        }
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
impl UnitOfWork for SqliteStore {
    async fn commit(&self, mutations: Vec<Mutation>) -> Result<(), CommitError> {
        let work = Work::Mutations(mutations);
        self.writer.commit(work).await.map(drop)
    }
}

impl StoreHealth for SqliteStore {
    fn accepts_writes(&self) -> Result<(), StoreError> {
        self.readers.health.accepts_writes()
    }

    fn unreadable_rows(&self) -> usize {
        self.readers.unreadable_rows.count()
    }

    fn commits(&self) -> u64 {
        self.commits.get()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn close(&self) {
        let last = self.writer.finish().await;
        self.readers.pool.close().await;
        // Last of all connections, so that SQLite folds the log into the file.
        if let Some(connection) = last.flatten() {
            let _ = connection.close().await;
        }
    }
}
