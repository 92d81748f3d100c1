//! Renews the leases of the deliveries that this process works on, and reclaims deliveries that no
//! process works on any more, including its own.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::node_identity::NodeIdentity;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{CommitError, Mutation, StoreError, UnitOfWork};
use baepo_domain::usecases::deliver::Deliverer;
use baepo_domain::usecases::in_progress::InProgress;
use tokio_util::sync::CancellationToken;

use super::polling::{OnFailure, poll};

/// The longest time between two searches for deliveries to reclaim.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// Keeps and reclaims leases in the background.
pub struct LeaseKeeper {
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub clock: Arc<dyn Clock>,
    pub node: NodeIdentity,
    pub in_progress: Arc<InProgress>,
    /// None: this process does not drive deliveries, so it reclaims none.
    pub deliverer: Option<Arc<Deliverer>>,
}

impl LeaseKeeper {
    /// Works until `stopping`, then renews once more: what still runs keeps its lease while it ends.
    pub async fn run(self, stopping: CancellationToken) {
        let on_failure = OnFailure {
            warning: "leases could not be renewed; retrying",
            retry_after: self.interval(),
        };
        let round = || self.renew_and_reclaim();
        poll(&*self.clock, &stopping, on_failure, round).await;
        if let Err(error) = self.renew().await {
            tracing::warn!(%error, "leases could not be renewed for the stop");
        }
    }

    fn interval(&self) -> Duration {
        self.node.renew_every().min(POLL_INTERVAL)
    }

    async fn renew_and_reclaim(&self) -> Result<Duration, StoreError> {
        self.renew().await?;
        if let Some(deliverer) = &self.deliverer {
            let reclaimed = deliverer.reclaim_all().await?;
            if reclaimed > 0 {
                tracing::warn!(reclaimed, "reclaimed deliveries whose process is gone");
            }
        }
        Ok(self.interval())
    }

    async fn renew(&self) -> Result<(), StoreError> {
        let deliveries = self.in_progress.deliveries();
        if deliveries.is_empty() {
            return Ok(());
        }
        let lease = self.node.lease_from(self.clock.now());
        let renewal = Mutation::RenewLeases { deliveries, lease };
        match self.unit_of_work.commit(vec![renewal]).await {
            // It checks no revision, so it cannot conflict.
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
        }
    }
}
