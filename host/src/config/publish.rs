//! `[publish]`, `[retry]`, `[breaker]`: how patient the work on an event is.

use std::time::Duration;

use baepo_domain::model::breaker::BreakerPolicy;
use baepo_domain::model::retry::RetryPolicy;
use baepo_domain::usecases::publish::PublishLimits;
use serde::Deserialize;

use super::ms;
use crate::api::ConcurrencyLimits;

/// How long the steps of a publish may take.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PublishConfig {
    /// The caller has its answer by then, in ms, 1 to 65,000. Default 65,000: below the 70 s
    /// after which callers of the distribution give up.
    pub answer_within_ms: u64,
    /// For the bus to acknowledge an event, in ms, 100 to 60,000. Default 10,000.
    pub acknowledgement_ms: u64,
    /// How long work that nobody renews is kept for the host that does it, in ms, 1,000 to
    /// 600,000. Default 30,000.
    pub lease_ms: u64,
    /// How long the journal of an attempt is kept; then only how it ended. In days, 1 to 3,650.
    /// Default 30.
    pub journal_days: u32,
    /// How long a repeat with the same key waits for the first, in ms, 0 to 60,000. Default
    /// 5,000.
    pub repeat_waits_ms: u64,
    /// Calls at once that run channels: to publish, check or withdraw, 1 to 100,000. Default 1,000.
    pub max_running: u32,
    /// Of these, those of one owner, 1 to 100,000. Default: a quarter.
    pub running_per_owner: Option<u32>,
}

/// How patiently `unavailable` and `rate-limited` are retried.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryConfig {
    /// Attempts in all, 1 to 1,000. Default 8.
    pub max_attempts: u32,
    /// Before the second attempt, in ms, 1 to 3,600,000; doubles from there. Default 2,000.
    pub base_ms: u64,
    /// The longest wait, in ms, `base_ms` to 86,400,000. Default 600,000.
    pub cap_ms: u64,
    /// The longest wait that a provider can ask for, in ms, 1,000 to 2,592,000,000. Default
    /// 86,400,000, a day.
    pub longest_asked_ms: u64,
}

/// When a channel that fails again and again is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerConfig {
    /// Failures in a row, 1 to 10,000. Default 10.
    pub failures_to_open: u32,
    /// How long it is left alone then, in ms, 100 to 3,600,000. Default 15,000.
    pub open_ms: u64,
}

impl PublishConfig {
    pub fn limits(&self) -> PublishLimits {
        PublishLimits {
            acknowledgement: ms(self.acknowledgement_ms),
            repeat_waits: ms(self.repeat_waits_ms),
        }
    }

    /// How many calls may run channels at once.
    pub fn running(&self) -> ConcurrencyLimits {
        ConcurrencyLimits::new(self.max_running, self.running_per_owner)
    }

    /// How long the journal of an attempt is kept.
    pub fn journals_kept(&self) -> Duration {
        Duration::from_secs(u64::from(self.journal_days) * 86_400)
    }
}

impl RetryConfig {
    pub fn policy(&self) -> RetryPolicy {
        RetryPolicy {
            max_attempts: self.max_attempts,
            base: ms(self.base_ms),
            cap: ms(self.cap_ms),
            longest_asked: ms(self.longest_asked_ms),
        }
    }
}

impl BreakerConfig {
    pub fn policy(&self) -> BreakerPolicy {
        BreakerPolicy {
            failures_to_open: self.failures_to_open,
            open_for: ms(self.open_ms),
            ..BreakerPolicy::default()
        }
    }
}

impl Default for PublishConfig {
    fn default() -> Self {
        Self {
            answer_within_ms: 65_000,
            acknowledgement_ms: 10_000,
            lease_ms: 30_000,
            journal_days: 30,
            repeat_waits_ms: 5_000,
            max_running: 1_000,
            running_per_owner: None,
        }
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            max_attempts: 8,
            base_ms: 2_000,
            cap_ms: 600_000,
            longest_asked_ms: 86_400_000,
        }
    }
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            failures_to_open: 10,
            open_ms: 15_000,
        }
    }
}
