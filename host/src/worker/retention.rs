//! Deletes what is old: of an attempt that ended long ago only its outcome is kept, and of an upload that was
//! refused nothing.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::time::before;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{CommitError, JournalStore, Mutation, StoreError, UnitOfWork};
use baepo_domain::usecases::releases::Releases;
use tokio_util::sync::CancellationToken;

use super::polling::{OnFailure, poll};

/// Days are kept, so hours are soon enough.
const POLL_INTERVAL: Duration = Duration::from_secs(3_600);
/// Journals in one transaction: few, so that it does not hold up other commits.
const BATCH: u32 = 100;

/// Deletes what is old in the background.
pub struct Retention {
    pub journals: Arc<dyn JournalStore>,
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub clock: Arc<dyn Clock>,
    /// How long a journal is kept after its attempt began.
    pub keep: Duration,
    pub releases: Arc<Releases>,
    /// How long an upload that was refused is kept with its reason.
    pub keep_rejected: Duration,
}

impl Retention {
    /// Works until `stopping`.
    pub async fn run(self, stopping: CancellationToken) {
        let on_failure = OnFailure {
            warning: "old journals and refused uploads are kept while the store fails; retrying",
            retry_after: POLL_INTERVAL,
        };
        let round = || self.delete_old(&stopping);
        poll(&*self.clock, &stopping, on_failure, round).await;
    }

    async fn delete_old(&self, stopping: &CancellationToken) -> Result<Duration, StoreError> {
        let started_before = before(self.clock.now(), self.keep);
        while !stopping.is_cancelled() {
            let old = self.journals.old_journals(started_before, BATCH).await?;
            if old.is_empty() {
                break;
            }
            match self
                .unit_of_work
                .commit(vec![Mutation::ForgetJournals(old)])
                .await
            {
                // It checks no revision, so it cannot conflict.
                Ok(()) | Err(CommitError::Conflict(_)) => {}
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
        self.releases.expire(self.keep_rejected).await?;
        Ok(POLL_INTERVAL)
    }
}
