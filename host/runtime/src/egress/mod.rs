//! The only way from a component to the outside: `http.send`, and nothing but what was granted.
//!
//! What a request passes, in this order, is the table of contents of this module:
//! 1. `parsed_request`: its shape: address, header fields, size;
//! 2. `addresses`: no private address in any spelling, whatever a grant says;
//! 3. `grants`: scheme, host, port, method and path, and the secrets that may go along;
//! 4. `rewrite`: an operator may have an origin answered by a local stand-in;
//! 5. `tokens`: those that it names are there, or obtained with the account's secrets;
//! 6. `credentials`: secrets are attached; `redaction`: and struck out of whatever comes back;
//! 7. `rate_limiter`: requests per second to one origin, of this host or of all hosts together;
//! 8. `names` and `transport`: a name is resolved once, and only checked addresses are connected to;
//! 9. `exchange`: all of it in its time, and again for every redirect.
//!
//! What the host asks for itself (`tokens`, `renewal`) goes to addresses that the manifest declares,
//! and passes everything but the grants.
//!
//! Every refusal names its rule. No error of this module contains a secret, and none says
//! [`SendError::NotSent`] unless the provider cannot have seen a byte of the request.

mod addresses;
mod credentials;
mod exchange;
mod grants;
mod names;
mod options;
mod parsed_request;
mod rate_limiter;
mod redaction;
mod refusal;
mod renewal;
mod rewrite;
#[cfg(test)]
mod tests;
mod tokens;
mod transport;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::id::ChannelId;
use baepo_domain::model::manifest::{Grant, TokenSpec};
use baepo_domain::ports::Budgets;
use secrecy::SecretString;
use tokio::time::Instant;
use url::Url;

use self::names::AddressRule;
use self::rate_limiter::RateLimiter;
use self::redaction::Redaction;
use self::rewrite::Rewrites;
use self::tokens::{InstantSource, TokenCache};
use self::transport::Transport;

pub use self::names::{Resolver, SystemResolver};
pub use self::options::EgressOptions;

/// The way out, shared by all channels: one pool of connections.
#[derive(Clone)]
pub struct Egress(Arc<Inner>);

struct Inner {
    rewrites: Rewrites,
    rate_limiter: RateLimiter,
    tokens: TokenCache,
    transport: Transport,
}

/// What an operator decides about the way out.
#[derive(Clone)]
pub struct EgressConfig {
    /// Origins that local stand-ins answer for.
    pub rewrites: Vec<Rewrite>,
    /// Tells the addresses of names; the system's by default.
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

/// An origin and the base address of the stand-in that answers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// Such as `https://graph.facebook.com`; its path is not looked at.
    pub origin: Url,
    /// Such as `http://127.0.0.1:7080/instagram`; path and query of the request are appended.
    pub to: Url,
}

/// Why there is no way out.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The operator corrects the configuration.
    #[error("egress.rewrite: {0}")]
    Rewrite(String),
    /// This machine cannot make connections.
    #[error("no way to make connections: {0}")]
    Client(String),
}

/// What a component wants to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingRequest {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    pub credentials: Vec<Credential>,
    pub repeat: Repeat,
    /// How long it waits for the whole answer; never longer than [`EgressLimits::request_time`].
    pub timeout: Option<Duration>,
}

/// What HTTP calls a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

/// What may happen if the request reaches the provider twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Nothing changes at the provider.
    Safe,
    /// The provider recognises the repeat.
    Idempotent,
    /// It would act twice.
    Unsafe,
}

/// Where the value of a secret goes; the strings are names of secrets or tokens, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// `authorization: Bearer <secret>`
    Bearer(String),
    /// Name of the header field, name of the secret.
    Header(String, String),
    /// Name of the query field, name of the secret.
    Query(String, String),
    /// Names of the secrets that are user and password.
    Basic(String, String),
}

/// What the provider answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingResponse {
    pub status: u16,
    /// Names in lower case; without `set-cookie`.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Why there is no answer, by what the sender may do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// A rule refused it; nothing that acts has left. The text begins with the rule's name.
    #[error("{0}")]
    Denied(String),
    /// It never reached the provider.
    #[error("{0}")]
    NotSent(String),
    /// It may have reached the provider.
    #[error("{0}")]
    InDoubt(String),
    /// The answer was longer than this many bytes.
    #[error("limit \"response bytes\": the answer is over {0} bytes")]
    TooLarge(u64),
}

/// Asked when the turn of a request has come, just before it leaves; `Err` says why it may not.
pub type SendGuard<'a> = dyn Fn() -> Result<(), &'static str> + Sync + 'a;

/// On whose behalf a request leaves, and how far that goes.
#[derive(Clone, Copy)]
pub struct EgressPolicy<'a> {
    pub channel: &'a ChannelId,
    pub grants: &'a [Grant],
    /// What credentials may name beside the account's secrets.
    pub tokens: &'a [TokenSpec],
    /// The account's secrets by name.
    pub secrets: &'a BTreeMap<String, SecretString>,
    pub send_guard: &'a SendGuard<'a>,
    pub limits: EgressLimits,
}

/// Limits of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EgressLimits {
    /// Bytes of address, header fields, names of credentials and body together.
    pub request_bytes: u64,
    /// Bytes of header fields and body together, as they came over the wire.
    pub response_bytes: u64,
    /// The whole exchange: waiting for its turn, connecting, sending, receiving.
    pub request_time: Duration,
    /// Per channel and origin, of all hosts together where they share budgets; 0 counts as 1.
    pub requests_per_second: u32,
}

impl Method {
    /// The name in a request and in a grant.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn to_http(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Head => reqwest::Method::HEAD,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
            Self::Delete => reqwest::Method::DELETE,
        }
    }
}

impl Egress {
    /// The way out with an operator's decisions. A machine without certificate authorities has
    /// one too, but not for https: then sending says so.
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
            rewrites: Rewrites::new(config.rewrites)?,
            rate_limiter: RateLimiter::new(config.budgets),
            tokens: TokenCache::new(time),
            transport: Transport::new(config.resolver, forbids)?,
        })))
    }

    /// Sends `request` if every rule allows it, and reads the whole answer.
    ///
    /// # Errors
    /// See [`SendError`]. Each text names the rule or the limit that was hit, or the host that
    /// failed, and none contains a secret.
    pub async fn send(
        &self,
        policy: EgressPolicy<'_>,
        request: OutgoingRequest,
    ) -> Result<IncomingResponse, SendError> {
        let redaction = Redaction::of(policy.secrets);
        redaction.result(self.0.exchange(policy, request).await)
    }
}
