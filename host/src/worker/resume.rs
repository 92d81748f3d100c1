//! Goes on with publishes that were cut off: by a crash, or by a part that was down.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::clock::Clock;
use baepo_domain::id::EventId;
use baepo_domain::ports::{Store, StoreError};
use baepo_domain::publish::Publisher;
use tokio_util::sync::CancellationToken;

/// How often it looks for publishes whose lease has run out.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The worker's parts.
pub struct Resumer {
    pub store: Arc<dyn Store>,
    pub publisher: Arc<Publisher>,
    pub clock: Arc<dyn Clock>,
}

impl Resumer {
    /// Goes on with what an earlier process left, whatever its leases say.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn resume_all(&self) -> Result<usize, StoreError> {
        let unfinished = self.store.unfinished_publishes().await?;
        let count = unfinished.len();
        for event in unfinished {
            self.resume(event).await;
        }
        Ok(count)
    }

    /// Works until `stopping`.
    pub async fn run(&self, stopping: CancellationToken) {
        loop {
            tokio::select! {
                () = self.clock.sleep(LOOK_EVERY) => {}
                () = stopping.cancelled() => return,
            }
            if let Err(error) = self.resume_expired().await {
                tracing::warn!(%error, "unfinished publishes wait for the store");
            }
        }
    }

    async fn resume_expired(&self) -> Result<(), StoreError> {
        for id in self.store.unfinished_publishes().await? {
            let event = self.store.event(id).await?;
            let lease = event.and_then(|event| event.publishing);
            if lease.is_some_and(|lease| !lease.is_valid(self.clock.now())) {
                self.resume(id).await;
            }
        }
        Ok(())
    }

    async fn resume(&self, event: EventId) {
        match self.publisher.resume(event).await {
            Ok(Some(publication)) => {
                tracing::info!(%event, status = publication.status.as_str(), "went on with a publish that was cut off");
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%event, %error, "a publish could not go on; it is tried again");
            }
        }
    }
}
