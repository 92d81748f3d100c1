//! Renews the leases of the deliveries that this process works on, and takes over those that nobody
//! works on any more: also its own.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::node_identity::NodeIdentity;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{CommitError, Mutation, Store, StoreError};
use baepo_domain::usecases::deliver::Deliverer;
use baepo_domain::usecases::in_progress::InProgress;
use baepo_domain::usecases::reclaim::recover;
use tokio_util::sync::CancellationToken;

use super::failure_latch::FailureLatch;

/// The longest time between two looks at what others have left.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// The worker's parts.
pub struct LeaseKeeper {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub node: NodeIdentity,
    pub in_progress: Arc<InProgress>,
    /// None: this process takes no deliveries over.
    pub deliverer: Option<Arc<Deliverer>>,
}

impl LeaseKeeper {
    /// Works until `stopping`, and then once more: what still runs keeps its lease while it ends.
    pub async fn keep(&self, stopping: CancellationToken) {
        let every = self.node.renew_every().min(POLL_INTERVAL);
        let failure_latch = FailureLatch::default();
        while !stopping.is_cancelled() {
            match self.renew_and_reclaim().await {
                Ok(()) => {
                    failure_latch.record_success();
                }
                Err(error) if failure_latch.record_failure() => {
                    tracing::warn!(%error, "leases could not be renewed; it is tried again");
                }
                Err(_) => {}
            }
            tokio::select! {
                () = self.clock.sleep(every) => {}
                () = stopping.cancelled() => {}
            }
        }
        if let Err(error) = self.renew().await {
            tracing::warn!(%error, "leases could not be renewed for the stop");
        }
    }

    async fn renew_and_reclaim(&self) -> Result<(), StoreError> {
        self.renew().await?;
        if let Some(deliverer) = &self.deliverer {
            let reclaimed = recover(deliverer).await?;
            if reclaimed > 0 {
                tracing::warn!(reclaimed, "took over deliveries that nobody worked on");
            }
        }
        Ok(())
    }

    async fn renew(&self) -> Result<(), StoreError> {
        let deliveries = self.in_progress.deliveries();
        if deliveries.is_empty() {
            return Ok(());
        }
        let lease = self.node.lease_from(self.clock.now());
        let renewal = Mutation::RenewLeases { deliveries, lease };
        match self.store.commit(vec![renewal]).await {
            // There is nothing that it could conflict with.
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
        }
    }
}
