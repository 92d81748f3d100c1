//! Renews what this process works on, and takes over what nobody works on any more.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::clock::after;
use baepo_domain::distribute::Deliverer;
use baepo_domain::ports::{Abandoned, Change, CommitError, StoreError};
use baepo_domain::recover::recover;
use tokio_util::sync::CancellationToken;

/// Of a lease's time: two renewals may fail before it runs out.
const RENEWALS_PER_LEASE: u32 = 3;

/// Works until `stopping`, and then once more: what still runs keeps its lease while it ends.
pub async fn keep(deliverer: Arc<Deliverer>, stopping: CancellationToken) {
    let every = deliverer.lease / RENEWALS_PER_LEASE;
    while !stopping.is_cancelled() {
        if let Err(error) = renew_and_recover(&deliverer).await {
            tracing::warn!(%error, "leases could not be renewed; it is tried again");
        }
        wait(&deliverer, every, &stopping).await;
    }
    if let Err(error) = renew(&deliverer).await {
        tracing::warn!(%error, "leases could not be renewed for the stop");
    }
}

async fn wait(deliverer: &Deliverer, every: Duration, stopping: &CancellationToken) {
    tokio::select! {
        () = deliverer.clock.sleep(every) => {}
        () = stopping.cancelled() => {}
    }
}

async fn renew_and_recover(deliverer: &Arc<Deliverer>) -> Result<(), StoreError> {
    renew(deliverer).await?;
    let expired = Abandoned::Before(deliverer.clock.now());
    let recovered = recover(deliverer, expired).await?;
    if recovered > 0 {
        tracing::warn!(recovered, "took over deliveries whose host is gone");
    }
    Ok(())
}

async fn renew(deliverer: &Deliverer) -> Result<(), StoreError> {
    let renewal = Change::RenewLeases {
        holder: deliverer.holder,
        until: after(deliverer.clock.now(), deliverer.lease),
    };
    match deliverer.store.commit(vec![renewal]).await {
        // There is nothing that it could conflict with.
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error),
    }
}
