//! Goes on with publishes that were cut off: by a crash, or by a part that was down.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::id::EventId;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{Store, StoreError};
use baepo_domain::usecases::publish::{PublishError, Publisher};
use futures::{StreamExt as _, stream};
use tokio_util::sync::CancellationToken;

use super::failure_latch::FailureLatch;

/// How often it looks for publishes whose lease has run out.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// Publishes that go on at once: each may wait ten seconds for a bus that is away.
const MAX_CONCURRENT: usize = 128;
/// Publishes between two looks at the store.
const BATCH: u32 = 512;

/// The worker's parts.
pub struct Resumer {
    pub store: Arc<dyn Store>,
    pub publisher: Arc<Publisher>,
    pub clock: Arc<dyn Clock>,
}

impl Resumer {
    /// Works until `stopping`. Begins with what an earlier process left, whatever its leases say
    /// when no other can be alive.
    pub async fn run(&self, stopping: CancellationToken) {
        let mut claims = self.publisher.node.reclaimable(self.clock.now());
        let failure_latch = FailureLatch::default();
        while !stopping.is_cancelled() {
            let round = async {
                match self.resume_all(claims).await {
                    Ok(()) => {
                        failure_latch.record_success();
                    }
                    Err(error) if failure_latch.record_failure() => {
                        tracing::warn!(%error, "unfinished publishes wait for the store");
                    }
                    Err(_) => {}
                }
                self.clock.sleep(POLL_INTERVAL).await;
            };
            // A publish that is dropped goes on at the next start.
            tokio::select! {
                () = round => {}
                () = stopping.cancelled() => return,
            }
            claims = ReclaimScope::Before(self.clock.now());
        }
    }

    async fn resume_all(&self, claims: ReclaimScope) -> Result<(), StoreError> {
        let unfinished = self.store.unfinished_publishes(claims, BATCH).await?;
        stream::iter(unfinished)
            .for_each_concurrent(MAX_CONCURRENT, |event| self.resume(event))
            .await;
        Ok(())
    }

    async fn resume(&self, event: EventId) {
        match self.publisher.resume(event).await {
            Ok(Some(publication)) => {
                tracing::info!(%event, status = publication.status.as_str(), "went on with a publish that was cut off");
            }
            Ok(None) => {}
            // The store has reported it.
            Err(PublishError::Store(error)) if error.unreadable().is_some() => {}
            Err(error) => {
                tracing::warn!(%event, %error, "a publish could not go on; it is tried again");
            }
        }
    }
}
