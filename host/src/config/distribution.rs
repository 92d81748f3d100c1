//! `[distribution]`: how the event service calls the distribution service.

use std::path::PathBuf;

use baepo_adapters::HttpDistributorConfig;
use serde::Deserialize;
use url::Url;

use super::ms;

/// The distribution service, for a process with the role `event`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DistributionConfig {
    /// Its address, `http://…` or `https://…`. Default: none.
    pub url: Option<Url>,
    /// A file with a token of the role `service`, read anew when it changes. Default: the process
    /// signs its own with its token key.
    pub token_file: Option<PathBuf>,
    /// After which a call is given up, in ms, at most 70,000. Default 70,000.
    pub time_limit_ms: u64,
    /// A call that takes longer counts as a failure for the breaker, in ms, below
    /// `time_limit_ms`. Default 66,000: the service itself answers within 65 s.
    pub slow_call_ms: u64,
    /// Failures in a row before the service is left alone, 1 to 10,000. Default 5.
    pub failures_to_open: u32,
    /// How long it is left alone then, in ms, 100 to 3,600,000. Default 15,000.
    pub open_ms: u64,
}

impl DistributionConfig {
    /// What the adapter wants to know; none without an address.
    #[must_use]
    pub fn http(&self) -> Option<HttpDistributorConfig> {
        Some(HttpDistributorConfig {
            url: self.url.clone()?,
            time_limit: ms(self.time_limit_ms),
            slow_call: ms(self.slow_call_ms),
            failures_to_open: self.failures_to_open,
            open_for: ms(self.open_ms),
        })
    }
}

impl Default for DistributionConfig {
    fn default() -> Self {
        Self {
            url: None,
            token_file: None,
            time_limit_ms: 70_000,
            slow_call_ms: 66_000,
            failures_to_open: 5,
            open_ms: 15_000,
        }
    }
}
