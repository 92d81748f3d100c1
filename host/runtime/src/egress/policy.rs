//! On whose behalf a request is sent, and within which limits.

use std::collections::BTreeMap;
use std::time::Duration;

use baepo_domain::model::id::ChannelId;
use baepo_domain::model::manifest::{Grant, TokenSpec};
use secrecy::SecretString;

/// Called when the turn of a request has come, just before it is sent; `Err` is why it may not be.
pub type SendGuard<'a> = dyn Fn() -> Result<(), &'static str> + Sync + 'a;

/// On whose behalf a request is sent, and what it may do.
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
    /// Bytes of URL, header fields, names of credentials and body together.
    pub request_bytes: u64,
    /// Bytes of header fields and body together, as they came over the wire.
    pub response_bytes: u64,
    /// The whole exchange (waiting for its turn, connecting, sending, receiving) of a request that
    /// names no time.
    pub request_time: Duration,
    /// The most that a request may ask for.
    pub longest_request_time: Duration,
    /// Per channel and origin, of all hosts together where they share budgets; 0 counts as 1.
    pub requests_per_second: u32,
}

impl EgressLimits {
    /// How long a request may take that asks for `timeout_ms`.
    pub(super) fn time(&self, timeout_ms: Option<u64>) -> Duration {
        let requested = timeout_ms.map_or(self.request_time, Duration::from_millis);
        requested.min(self.longest_request_time)
    }
}
