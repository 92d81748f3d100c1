//! Renews owners' secrets before they run out. Which host does it is the store's doing: whoever
//! begins says so in the account's own row.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::time::until;
use baepo_domain::ports::StoreError;
use baepo_domain::ports::clock::Clock;
use baepo_domain::usecases::credential_refresh::Renewer;
use tokio_util::sync::CancellationToken;

/// Secrets are renewed hours before they run out at the latest, so minutes are soon enough.
const POLL_INTERVAL: Duration = Duration::from_secs(600);
/// Accounts that are renewed at once: each is a request to a provider.
const BATCH: u32 = 16;

/// The worker's parts.
pub struct CredentialRefresh {
    pub renewer: Renewer,
    pub clock: Arc<dyn Clock>,
}

impl CredentialRefresh {
    /// Works until `stopping`; what a provider is being asked then is written down first.
    pub async fn run(&self, stopping: CancellationToken) {
        while !stopping.is_cancelled() {
            let wait = self.renew_due().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "secrets are not renewed for now; it is tried again");
                POLL_INTERVAL
            });
            tokio::select! {
                () = self.clock.sleep(wait) => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Renews what is due; how long until the next look.
    async fn renew_due(&self) -> Result<Duration, StoreError> {
        let now = self.clock.now();
        let next = self.renewer.renew_due(now, BATCH).await?;
        Ok(next.map_or(POLL_INTERVAL, |next| {
            until(self.clock.now(), next).min(POLL_INTERVAL)
        }))
    }
}
