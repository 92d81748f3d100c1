//! Forgets old journals: of an attempt that is long over only its end is kept.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::Timestamp;
use baepo_domain::model::time::before;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{CommitError, Mutation, Store, StoreError};
use tokio_util::sync::CancellationToken;

/// Days are kept, so hours are soon enough.
const POLL_INTERVAL: Duration = Duration::from_secs(3_600);
/// Journals in one transaction: small, so that nobody waits for it.
const BATCH: u32 = 100;

/// The worker's parts.
pub struct Retention {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    /// How long a journal is kept after its attempt began.
    pub keep: Duration,
}

impl Retention {
    /// Works until `stopping`.
    pub async fn run(&self, stopping: CancellationToken) {
        while !stopping.is_cancelled() {
            if let Err(error) = self.delete_old(&stopping).await {
                tracing::warn!(%error, "old journals are kept for now; it is tried again");
            }
            tokio::select! {
                () = self.clock.sleep(POLL_INTERVAL) => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    async fn delete_old(&self, stopping: &CancellationToken) -> Result<(), StoreError> {
        let started_before = self.started_before();
        while !stopping.is_cancelled() {
            let old = self.store.old_journals(started_before, BATCH).await?;
            if old.is_empty() {
                break;
            }
            match self.store.commit(vec![Mutation::ForgetJournals(old)]).await {
                // There is nothing that it could conflict with.
                Ok(()) | Err(CommitError::Conflict(_)) => {}
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
        Ok(())
    }

    fn started_before(&self) -> Timestamp {
        before(self.clock.now(), self.keep)
    }
}
