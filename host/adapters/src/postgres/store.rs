//! The store itself. The files of the tables implement the ports that read them.

use std::sync::Arc;

use async_trait::async_trait;
use baepo_domain::model::id::HolderId;
use baepo_domain::ports::{CommitError, Mutation, Store, StoreError, StoreHealth, UnitOfWork};
use tokio::task::AbortHandle;

use super::primary::Primary;
use super::readers::Readers;
use super::server::NoPrimary;
use super::signals::PostgresSignals;
use crate::commit_queue::{CommitCounter, CommitQueue};

/// The store in PostgreSQL.
pub struct PostgresStore {
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

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.watch.abort();
    }
}
