//! Goes on with publishes that were interrupted by a crash or by a dependency that was down.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::id::EventId;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{EventStore, StoreError};
use baepo_domain::usecases::publish::{PublishError, Publisher};
use futures::{StreamExt as _, stream};
use tokio_util::sync::CancellationToken;

use super::polling::{OnFailure, poll};

/// Between two searches for publishes whose lease has expired.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// Publishes that are resumed at once: each may wait 10 s for an unreachable bus.
const MAX_CONCURRENT: usize = 128;
/// Publishes that one round reads.
const BATCH: u32 = 512;

/// Resumes interrupted publishes in the background.
pub struct Resumer {
    pub events: Arc<dyn EventStore>,
    pub publisher: Arc<Publisher>,
    pub clock: Arc<dyn Clock>,
}

impl Resumer {
    /// Works until `stopping`. The first round takes what an earlier process left, whatever its
    /// leases say, if no other process can be alive.
    pub async fn run(self, stopping: CancellationToken) {
        let mut first = Some(self.publisher.node.reclaimable(self.clock.now()));
        let on_failure = OnFailure {
            warning: "unfinished publishes wait for the store",
            retry_after: POLL_INTERVAL,
        };
        let round = || {
            let expired = || ReclaimScope::Before(self.clock.now());
            self.resume_all(first.take().unwrap_or_else(expired))
        };
        // A publish that is dropped here goes on at the next start.
        tokio::select! {
            () = poll(&*self.clock, &stopping, on_failure, round) => {}
            () = stopping.cancelled() => {}
        }
    }

    async fn resume_all(&self, scope: ReclaimScope) -> Result<Duration, StoreError> {
        let unfinished = self.events.unfinished_publishes(scope, BATCH).await?;
        stream::iter(unfinished)
            .for_each_concurrent(MAX_CONCURRENT, |event| self.resume(event))
            .await;
        Ok(POLL_INTERVAL)
    }

    async fn resume(&self, event: EventId) {
        match self.publisher.resume(event).await {
            Ok(Some(publication)) => {
                tracing::info!(%event, status = publication.status.as_str(), "resumed an interrupted publish");
            }
            Ok(None) => {}
            // The store has logged it.
            Err(PublishError::Store(error)) if error.unreadable().is_some() => {}
            Err(error) => {
                tracing::warn!(%event, %error, "a publish could not be resumed; retrying");
            }
        }
    }
}
