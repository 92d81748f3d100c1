//! The store itself. The files of the tables implement the ports that read them.

use async_trait::async_trait;
use baepo_domain::model::id::DeliveryId;
use baepo_domain::ports::{
    ClaimDue, CommitError, Mutation, Store, StoreError, StoreHealth, UnitOfWork,
};
use sqlx::{Connection as _, SqliteConnection};

use super::statement::Readers;
use crate::commit_queue::{CommitCounter, CommitQueue};

/// The store in one SQLite file.
pub struct SqliteStore {
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
