//! One typed configuration, parsed once.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use baepo_domain::breaker::BreakerPolicy;
use baepo_domain::publish::PublishLimits;
use baepo_domain::retry::RetryPolicy;
use baepo_runtime::RuntimeConfig;
use serde::Deserialize;
use url::Url;

/// Everything an operator can decide. A key that is left out has its default.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub server: ServerConfig,
    pub publish: PublishConfig,
    pub retry: RetryConfig,
    pub breaker: BreakerConfig,
    pub runtime: RuntimeConfig,
    pub egress: EgressSection,
}

/// Where it listens and keeps its data.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Default 127.0.0.1:8080; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Database, keys and compiled components. Default `.baepo`.
    pub data: PathBuf,
    /// Components that are loaded at start. Default: none.
    pub channels: Option<PathBuf>,
    /// A JWKS file with the public keys of tokens. Default: tokens are signed with a key of the
    /// host's own, in the data folder.
    pub jwks: Option<PathBuf>,
    /// How long a stop waits for what is running, in ms. Default 30,000.
    pub drain_ms: u64,
    /// The cache's size, in bytes. Default 64 MiB.
    pub cache_bytes: u64,
}

/// How long the steps of a publish may take.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PublishConfig {
    /// The caller has its answer by then, in ms. Default 65,000: below the 70 s after which
    /// callers of the distribution give up.
    pub answer_within_ms: u64,
    /// For the bus to acknowledge an event, in ms. Default 10,000.
    pub acknowledgement_ms: u64,
    /// How long a delivery that nobody renews is kept for the host that works on it, in ms.
    /// Default 30,000.
    pub lease_ms: u64,
    /// How long the journal of an attempt is kept; then only how it ended. Default 30 days.
    pub journal_days: u32,
    /// How long a repeat with the same key waits for the first, in ms. Default 5,000.
    pub repeat_waits_ms: u64,
}

/// How patiently `unavailable` and `rate-limited` are retried.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryConfig {
    /// Attempts in all. Default 8.
    pub max_attempts: u32,
    /// Before the second attempt, in ms; doubles from there. Default 2,000.
    pub base_ms: u64,
    /// The longest wait, in ms. Default 600,000.
    pub cap_ms: u64,
}

/// When a channel that fails again and again is left alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerConfig {
    /// Failures in a row. Default 10.
    pub failures_to_open: u32,
    /// How long it stays open, in ms. Default 15,000.
    pub open_ms: u64,
}

/// Where requests of components go.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EgressSection {
    /// From a provider's origin to the base address of a local stand-in.
    pub rewrite: BTreeMap<Url, Url>,
}

impl Config {
    /// Reads a TOML file; without one everything has its default.
    ///
    /// # Errors
    /// Names the file, the line and what is allowed there.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let Some(file) = file else {
            return Ok(Self::default());
        };
        let name = file.display();
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
        let config: Self = toml::from_str(&text).with_context(|| format!("in {name}"))?;
        config.check().with_context(|| format!("in {name}"))?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.retry.max_attempts >= 1,
            "retry.max_attempts must be at least 1"
        );
        anyhow::ensure!(
            self.breaker.failures_to_open >= 1,
            "breaker.failures_to_open must be at least 1"
        );
        anyhow::ensure!(
            (1..=65_000).contains(&self.publish.answer_within_ms),
            "publish.answer_within_ms must be 1 to 65000: callers give up after 70 s"
        );
        anyhow::ensure!(
            self.publish.lease_ms >= 1_000,
            "publish.lease_ms must be at least 1000"
        );
        if let Some(problem) = self.runtime.problem() {
            anyhow::bail!("runtime: {problem}");
        }
        Ok(())
    }

    pub fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy {
            max_attempts: self.retry.max_attempts,
            base: Duration::from_millis(self.retry.base_ms),
            cap: Duration::from_millis(self.retry.cap_ms),
        }
    }

    pub fn breaker_policy(&self) -> BreakerPolicy {
        BreakerPolicy {
            failures_to_open: self.breaker.failures_to_open,
            open_for: Duration::from_millis(self.breaker.open_ms),
            ..BreakerPolicy::default()
        }
    }

    pub fn publish_limits(&self) -> PublishLimits {
        let acknowledgement = Duration::from_millis(self.publish.acknowledgement_ms);
        let answer = Duration::from_millis(self.publish.answer_within_ms);
        PublishLimits {
            acknowledgement,
            // Longer than both steps together, with room for the transactions around them.
            lease: acknowledgement + answer + Duration::from_secs(15),
            repeat_waits: Duration::from_millis(self.publish.repeat_waits_ms),
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data: PathBuf::from(".baepo"),
            channels: None,
            jwks: None,
            drain_ms: 30_000,
            cache_bytes: 64 << 20,
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
        }
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            max_attempts: 8,
            base_ms: 2_000,
            cap_ms: 600_000,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_its_place() {
        let error = toml::from_str::<Config>("[retry]\nmax_atempts = 3\n").expect_err("a typo");
        let text = error.to_string();
        assert!(
            text.contains("line 2") && text.contains("max_attempts"),
            "{text}"
        );
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        let config: Config = toml::from_str("").expect("nothing to refuse");
        assert_eq!(config.publish.answer_within_ms, 65_000);
        config.check().expect("the defaults fit together");
    }
}
