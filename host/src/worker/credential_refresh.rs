//! Renews owners' secrets before they expire. Only one host renews an account: it claims the
//! account's row in the store before it asks the provider.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::time::until;
use baepo_domain::ports::StoreError;
use baepo_domain::ports::clock::Clock;
use baepo_domain::usecases::credential_refresh::Renewer;
use tokio_util::sync::CancellationToken;

use super::polling::{OnFailure, poll};

/// Secrets are renewed hours before they expire, so minutes are soon enough.
const POLL_INTERVAL: Duration = Duration::from_secs(600);
/// Accounts that are renewed at once: each is a request to a provider.
const BATCH: u32 = 16;

/// Renews owners' secrets in the background.
pub struct CredentialRefresh {
    pub renewer: Renewer,
    pub clock: Arc<dyn Clock>,
}

impl CredentialRefresh {
    /// Works until `stopping`; a request to a provider that has begun is finished and stored first.
    pub async fn run(self, stopping: CancellationToken) {
        let on_failure = OnFailure {
            warning: "secrets are not renewed while the store fails; retrying",
            retry_after: POLL_INTERVAL,
        };
        poll(&*self.clock, &stopping, on_failure, || self.renew_due()).await;
    }

    /// Renews what is due; returns how long until the next round.
    async fn renew_due(&self) -> Result<Duration, StoreError> {
        let now = self.clock.now();
        let next = self.renewer.renew_due(now, BATCH).await?;
        Ok(next.map_or(POLL_INTERVAL, |next| {
            until(self.clock.now(), next).min(POLL_INTERVAL)
        }))
    }
}
