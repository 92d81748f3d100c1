//! How patient a caller of the distribution service is: options of `[distribution]`.

use std::time::Duration;

use baepo_domain::model::options::{self, Contradiction};
use serde::Deserialize;

/// What an operator decides about calls of the distribution service, beside its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpDistributorConfig {
    /// Of a call in all. Default 70 s.
    #[serde(rename = "time_limit_ms")]
    #[serde(deserialize_with = "options::duration::<2, 70_000, _>")]
    pub time_limit: Duration,
    /// A call that takes longer counts as a failure for the breaker though it succeeds. Default 66 s:
    /// the service answers within 65 s.
    #[serde(rename = "slow_call_ms")]
    #[serde(deserialize_with = "options::duration::<1, 69_999, _>")]
    pub slow_call: Duration,
    /// Failures in a row that open the breaker. Default 5.
    #[serde(deserialize_with = "options::count::<1, 10_000, _, _>")]
    pub failures_to_open: u32,
    /// How long it stays open before one call may try. Default 15 s.
    #[serde(rename = "open_ms")]
    #[serde(deserialize_with = "options::duration::<100, 3_600_000, _>")]
    pub open_for: Duration,
}

impl Default for HttpDistributorConfig {
    fn default() -> Self {
        Self {
            time_limit: Duration::from_secs(70),
            slow_call: Duration::from_secs(66),
            failures_to_open: 5,
            open_for: Duration::from_secs(15),
        }
    }
}

impl HttpDistributorConfig {
    /// What does not fit together, as the options of `section`.
    #[must_use]
    pub fn contradictions(&self, section: &str) -> Vec<Contradiction> {
        let slow_call = format!("{section}.slow_call_ms");
        let time_limit = format!("{section}.time_limit_ms");
        let found = Contradiction::unless_below(
            (&slow_call, self.slow_call),
            (&time_limit, self.time_limit),
            "no call would ever count as slow",
        );
        found.into_iter().collect()
    }
}
