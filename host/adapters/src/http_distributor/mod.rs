//! Distributions that another process drives: `POST /api/distribution/distribute`.
//!
//! The call is idempotent by distribution, so that whatever does not come back – a time-out, a
//! dropped connection, a service that is down – only means that it is asked again later. A breaker
//! keeps publishes from waiting for a service that is known to be away.

mod breaker_guard;
mod config;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::model::breaker::{BreakerPolicy, State};
use baepo_domain::model::delivery::result::DeliveryResult;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{DistributionOrder, Distributor, DistributorError};
use reqwest::header::RETRY_AFTER;
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use self::breaker_guard::GuardedBreaker;
pub use self::config::HttpDistributorConfig;
use self::wire::{DistributedBody, OrderBody};

/// A token of the role `service`, asked for before each call, or why there is none.
pub type ServiceToken = Arc<dyn Fn() -> Result<SecretString, String> + Send + Sync>;

/// How long to connect; much less than a call may take, so that another replica's turn comes soon.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// When nothing else says when to come back.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(5);

/// The distributor over HTTP.
pub struct HttpDistributor {
    http: reqwest::Client,
    address: Url,
    token: ServiceToken,
    clock: Arc<dyn Clock>,
    slow_call: Duration,
    breaker: GuardedBreaker,
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum HttpDistributorError {
    /// The operator changes `distribution.url`.
    #[error("{0} is no base address of a distribution service")]
    Address(Url),
    #[error("the HTTP client cannot be made")]
    Client(#[source] reqwest::Error),
}

impl HttpDistributor {
    /// A client of the service at this base address, such as `http://distribution:8080`, with a
    /// closed breaker; connects when it is first needed.
    ///
    /// # Errors
    /// See [`HttpDistributorError`].
    pub fn new(
        url: &Url,
        config: &HttpDistributorConfig,
        token: ServiceToken,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, HttpDistributorError> {
        let mut address = url.clone();
        address
            .path_segments_mut()
            .map_err(|()| HttpDistributorError::Address(url.clone()))?
            .pop_if_empty()
            .extend(["api", "distribution", "distribute"]);
        // Another client in this process may have installed it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(config.time_limit)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(HttpDistributorError::Client)?;
        let policy = BreakerPolicy {
            failures_to_open: config.failures_to_open,
            open_for: config.open_for,
            // A trial ends with its call; one whose end nobody reported is lost soon after.
            trial_for: config.time_limit + CONNECT_TIMEOUT,
        };
        Ok(Self {
            http,
            address,
            token,
            clock,
            slow_call: config.slow_call,
            breaker: GuardedBreaker::new(policy),
        })
    }

    /// What the breaker does now.
    #[must_use]
    pub fn breaker(&self) -> State {
        self.breaker.state()
    }

    async fn call(&self, order: &DistributionOrder) -> Result<Vec<DeliveryResult>, CallFailure> {
        let token = (self.token)().map_err(CallFailure::down)?;
        let response = self
            .http
            .post(self.address.clone())
            .bearer_auth(token.expose_secret())
            .json(&OrderBody::from(order))
            .send()
            .await
            .map_err(|error| CallFailure::down(describe(&error)))?;
        if !response.status().is_success() {
            return Err(CallFailure::refused(&response));
        }
        let body: DistributedBody = response
            .json()
            .await
            .map_err(|error| CallFailure::down(describe(&error)))?;
        let results = body.distribution_results.into_iter();
        Ok(results.map(DeliveryResult::from).collect())
    }
}

#[async_trait]
impl Distributor for HttpDistributor {
    async fn distribute(
        &self,
        order: DistributionOrder,
    ) -> Result<Vec<DeliveryResult>, DistributorError> {
        let begin = self.clock.now();
        let mut passage = match self.breaker.enter(begin) {
            Ok(passage) => passage,
            Err(retry_after) => {
                let why = "the distribution service fails again and again; its breaker is open";
                return Err(unavailable(why.to_owned(), retry_after));
            }
        };
        let called = self.call(&order).await;
        let now = self.clock.now();
        let took = Duration::try_from(now.duration_since(begin)).unwrap_or_default();
        match called {
            Ok(results) if took <= self.slow_call => {
                passage.succeeded();
                Ok(results)
            }
            Ok(results) => {
                passage.failed(now, "it is slow");
                Ok(results)
            }
            Err(CallFailure::NotFound) => {
                passage.succeeded();
                Err(DistributorError::NotFound)
            }
            Err(CallFailure::Down { why, retry_after }) => {
                passage.failed(now, &why);
                let why = format!("{why}; what it has begun goes on");
                Err(unavailable(why, retry_after))
            }
        }
    }
}

/// Why a call gave no results.
enum CallFailure {
    NotFound,
    Down { why: String, retry_after: Duration },
}

impl CallFailure {
    fn down(why: String) -> Self {
        let retry_after = DEFAULT_RETRY_AFTER;
        Self::Down { why, retry_after }
    }

    fn refused(response: &Response) -> Self {
        let status = response.status();
        if status == StatusCode::NOT_FOUND {
            return Self::NotFound;
        }
        let seconds = response.headers().get(RETRY_AFTER);
        let seconds = seconds.and_then(|value| value.to_str().ok()?.parse().ok());
        let why = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                format!("it refuses this host's token ({status})")
            }
            status => format!("it answered {status}"),
        };
        Self::Down {
            why,
            retry_after: seconds.map_or(DEFAULT_RETRY_AFTER, Duration::from_secs),
        }
    }
}

fn unavailable(why: String, retry_after: Duration) -> DistributorError {
    let why = Localized::verbatim(why);
    DistributorError::Unavailable { why, retry_after }
}

/// Without the address, which may be an internal one.
fn describe(error: &reqwest::Error) -> String {
    if error.is_timeout() && !error.is_connect() {
        "it did not answer in time".to_owned()
    } else if error.is_connect() {
        "it cannot be reached".to_owned()
    } else if error.is_decode() {
        "its answer cannot be read".to_owned()
    } else {
        "the connection to it broke".to_owned()
    }
}

#[cfg(test)]
mod tests;
