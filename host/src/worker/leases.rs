//! Renews the leases of the deliveries that this process works on, and takes over those that nobody
//! works on any more: also its own.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::clock::Clock;
use baepo_domain::distribute::Deliverer;
use baepo_domain::in_progress::InProgress;
use baepo_domain::membership::Membership;
use baepo_domain::ports::{Change, CommitError, Store, StoreError};
use baepo_domain::recover::recover;
use tokio_util::sync::CancellationToken;

use super::trouble::Trouble;

/// The longest time between two looks at what others have left.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The worker's parts.
pub struct Leases {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub member: Membership,
    pub in_progress: Arc<InProgress>,
    /// None: this process takes no deliveries over.
    pub deliverer: Option<Arc<Deliverer>>,
}

impl Leases {
    /// Works until `stopping`, and then once more: what still runs keeps its lease while it ends.
    pub async fn keep(&self, stopping: CancellationToken) {
        let every = self.member.renew_every().min(LOOK_EVERY);
        let trouble = Trouble::default();
        while !stopping.is_cancelled() {
            match self.renew_and_recover().await {
                Ok(()) => {
                    trouble.is_over();
                }
                Err(error) if trouble.is_new() => {
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

    async fn renew_and_recover(&self) -> Result<(), StoreError> {
        self.renew().await?;
        if let Some(deliverer) = &self.deliverer {
            let recovered = recover(deliverer).await?;
            if recovered > 0 {
                tracing::warn!(recovered, "took over deliveries that nobody worked on");
            }
        }
        Ok(())
    }

    async fn renew(&self) -> Result<(), StoreError> {
        let deliveries = self.in_progress.deliveries();
        if deliveries.is_empty() {
            return Ok(());
        }
        let lease = self.member.lease_from(self.clock.now());
        let renewal = Change::RenewLeases { deliveries, lease };
        match self.store.commit(vec![renewal]).await {
            // There is nothing that it could conflict with.
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
        }
    }
}
