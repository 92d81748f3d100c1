//! The only way from a component to the outside: `http.send`, and nothing but what was granted.
//!
//! What a request passes, in this order, is the table of contents of this module:
//! 1. `request`: its shape: size, URL (`urls`), header fields (`fields`);
//! 2. `addresses`: no private address in any spelling, whatever a grant says;
//! 3. `grants`: scheme, host, port, method and path, and the secrets that may go along;
//! 4. `tokens`: those that it names are there, or obtained with the account's secrets;
//! 5. `rewrite`: an operator may have an origin answered by a local stand-in;
//! 6. `credentials`: secrets are attached; `crate::redact` removes them from whatever comes back;
//! 7. `rate_limiter`: requests per second to one origin, of this host or of all hosts together;
//! 8. `names` and `transport`: a name is resolved once, and only checked addresses are connected to;
//! 9. `exchange`: all of it in its time, and again for every redirect.
//!
//! A request comes as the journal has it and is turned into one for the wire once (`request`); the
//! outcome is the journal's too. What the host sends for itself (`tokens`, `renewal`) goes to URLs
//! that the manifest declares, and passes everything but the grants.
//!
//! Every refusal names its rule (`refusal`). No error of this module contains a secret, and none is
//! [`RequestOutcome::NotSent`] unless the provider cannot have seen a byte of the request.

mod addresses;
mod credentials;
mod error;
mod exchange;
mod fields;
mod grants;
mod names;
mod options;
mod policy;
mod rate_limiter;
mod refusal;
mod renewal;
mod request;
mod rewrite;
#[cfg(test)]
mod tests;
mod tokens;
mod transport;
mod urls;

use std::fmt;
use std::sync::Arc;

use baepo_domain::model::journal::{Request, RequestOutcome, Response};
use baepo_domain::model::manifest::RefreshSpec;
use baepo_domain::ports::{Budgets, RenewError, RenewedSecret};
use tokio::time::Instant;

use self::error::{SendError, redacted};
use self::exchange::{RequestContext, Wire, authorize};
use self::names::AddressRule;
use self::rate_limiter::RateLimiter;
use self::request::ParsedRequest;
use self::rewrite::Rewrites;
use self::tokens::{InstantSource, TokenCache};
use self::transport::Transport;

pub(crate) use self::credentials::Credential;
pub use self::error::EgressError;
pub use self::names::{Resolver, SystemResolver};
pub use self::options::EgressOptions;
pub use self::policy::{EgressLimits, EgressPolicy, SendGuard};
pub use self::rewrite::Rewrite;

/// The way out, shared by all channels: one pool of connections.
#[derive(Clone)]
pub struct Egress(Arc<Inner>);

struct Inner {
    wire: Wire,
    tokens: TokenCache,
}

/// What an operator decides about the way out.
#[derive(Clone)]
pub struct EgressConfig {
    /// Origins that local stand-ins answer for.
    pub rewrites: Vec<Rewrite>,
    /// Resolves names to addresses; the system's by default.
    pub resolver: Arc<dyn Resolver>,
    /// What all hosts together may send to an origin; by default each host counts for itself.
    /// They must limit the time that they take: a request waits for them.
    pub budgets: Option<Arc<dyn Budgets>>,
}

impl Default for EgressConfig {
    fn default() -> Self {
        Self {
            rewrites: Vec::new(),
            resolver: Arc::new(SystemResolver),
            budgets: None,
        }
    }
}

impl fmt::Debug for EgressConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EgressConfig")
            .field("rewrites", &self.rewrites)
            .field("resolver", &self.resolver)
            .field("budgets", &self.budgets.as_ref().map(|_| "shared"))
            .finish()
    }
}

impl Egress {
    /// The way out with an operator's decisions. A machine without certificate authorities has
    /// one too, but not for https: then each request to an https URL is refused with that reason.
    ///
    /// # Errors
    /// [`EgressError::Rewrite`] when a rewrite is not between web addresses,
    /// [`EgressError::Client`] when TLS cannot be set up.
    pub fn new(config: EgressConfig) -> Result<Self, EgressError> {
        Self::with_rule(config, addresses::not_public)
    }

    /// With another rule for addresses, because what is public cannot be reached in a test.
    fn with_rule(config: EgressConfig, forbids: AddressRule) -> Result<Self, EgressError> {
        Self::with_time(config, forbids, Arc::new(Instant::now))
    }

    /// With another time for how long a token is good.
    fn with_time(
        config: EgressConfig,
        forbids: AddressRule,
        time: InstantSource,
    ) -> Result<Self, EgressError> {
        Ok(Self(Arc::new(Inner {
            wire: Wire {
                rewrites: Rewrites::new(config.rewrites)?,
                rate_limiter: RateLimiter::new(config.budgets),
                transport: Transport::new(config.resolver, forbids)?,
            },
            tokens: TokenCache::new(time),
        })))
    }

    /// Sends `request` if every rule allows it, and reads the whole response. A text of the outcome
    /// names the rule or the limit that was hit, or the host that failed; nothing of it contains a
    /// secret.
    pub async fn send(&self, policy: EgressPolicy<'_>, request: &Request) -> RequestOutcome {
        match self.exchange(policy, request).await {
            Ok(response) => RequestOutcome::Response(response),
            Err(error) => error.into(),
        }
    }

    async fn exchange(
        &self,
        policy: EgressPolicy<'_>,
        request: &Request,
    ) -> Result<Response, SendError> {
        redacted(
            self.authorized_exchange(policy, request).await,
            policy.secrets,
        )
    }

    async fn authorized_exchange(
        &self,
        policy: EgressPolicy<'_>,
        request: &Request,
    ) -> Result<Response, SendError> {
        let time = policy.limits.time(request.timeout_ms);
        let request = ParsedRequest::read(request, &policy)?;
        let granted = authorize(&policy, &request)?;
        for credential in &request.credentials {
            granted.check(credential)?;
        }
        let context = RequestContext::new(&self.0.wire, policy, time);
        tokens::send(&self.0.tokens, &context, request).await
    }

    /// Exchanges the account's `secret` for a newer one.
    ///
    /// # Errors
    /// See [`RenewError`]; no text contains a secret, neither the old one nor a new one.
    pub async fn renew(
        &self,
        policy: EgressPolicy<'_>,
        secret: &str,
        spec: &RefreshSpec,
    ) -> Result<RenewedSecret, RenewError> {
        let time = policy.limits.request_time;
        renewal::renew(
            RequestContext::new(&self.0.wire, policy, time),
            secret,
            spec,
        )
        .await
    }
}
