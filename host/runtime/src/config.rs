//! What an operator decides about the sandbox.

use std::path::PathBuf;
use std::time::Duration;

use baepo_domain::model::manifest::DeclaredLimits;
use serde::{Deserialize, Deserializer};

use crate::limits::Limits;

/// The runtime's settings. In TOML a key that is left out has the default given here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuntimeConfig {
    /// Attempts that run at the same time, over all channels; the others wait. Below
    /// `pool_instances`: what is left is for `check` and `preview`, which never wait behind
    /// attempts. Default 480.
    pub concurrency: u32,
    /// Instances that the pool has room for. Address space is reserved for all of them at start,
    /// about 130 MiB each and none of it resident before it is used. Default 512.
    pub pool_instances: u32,
    /// What a channel gets that declares nothing.
    #[serde(deserialize_with = "over_defaults")]
    pub default_limits: Limits,
    /// The most that a channel may declare. Its memory and table elements are also the size of a
    /// slot in the pool.
    #[serde(deserialize_with = "over_maximums")]
    pub maximum_limits: Limits,
    /// How long a request to a provider may take that asks for no time, in ms. Default 15,000.
    pub request_time_ms: u64,
    /// The longest time that a request may ask for, in ms. Default 60,000.
    pub longest_request_time_ms: u64,
    /// The longest sleep in which a component keeps its instance, in ms; a longer one ends it, and
    /// a fresh instance goes on from the journal. Default 5,000.
    pub short_sleep_ms: u64,
    /// The longest sleep of a component, in ms; one that is to be longer ends then. Not below a day,
    /// so that no component wakes in the night that was to sleep until the morning. Default
    /// 2,592,000,000, 30 days.
    pub longest_sleep_ms: u64,
    /// The largest component that is looked at, in bytes. Default 32 MiB.
    pub component_bytes: u64,
    /// Components that are compiled at the same time. Default 1.
    pub compile_concurrency: u32,
    /// A folder for compiled components, made with mode 0700. `None`, the default: every start
    /// compiles them again.
    pub cache_dir: Option<PathBuf>,
    /// The key that vouches for the folder's files, made with mode 0600 where it is missing.
    /// Default: beside `cache_dir`, with `.key` appended.
    pub cache_key: Option<PathBuf>,
    /// How often a running component makes room for others and looks at its time, in ms.
    /// Default 10.
    pub epoch_tick_ms: u64,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self {
            concurrency: 480,
            pool_instances: 512,
            default_limits: Limits::DEFAULT,
            maximum_limits: Limits::MAXIMUM,
            request_time_ms: 15_000,
            longest_request_time_ms: 60_000,
            short_sleep_ms: 5_000,
            longest_sleep_ms: 30 * 24 * 3_600 * 1_000,
            component_bytes: 32 << 20,
            compile_concurrency: 1,
            cache_dir: None,
            cache_key: None,
            epoch_tick_ms: 10,
        }
    }
}

impl RuntimeConfig {
    /// What is wrong with it, for the operator; `None` when it fits together.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        if let Some((name, ..)) = self.maximum_limits.first_exceeded(&self.default_limits) {
            return Some(format!(
                "default_limits.{name} is above maximum_limits.{name}"
            ));
        }
        if self.concurrency == 0 || self.concurrency >= self.pool_instances {
            return Some("concurrency must be at least 1 and below pool_instances".to_owned());
        }
        if self.request_time_ms > self.longest_request_time_ms {
            return Some("request_time_ms is above longest_request_time_ms".to_owned());
        }
        if self.compile_concurrency == 0 || self.epoch_tick_ms == 0 {
            return Some("compile_concurrency and epoch_tick_ms must be at least 1".to_owned());
        }
        None
    }

    /// How often a running component makes room for others.
    pub(crate) fn epoch_tick(&self) -> Duration {
        Duration::from_millis(self.epoch_tick_ms)
    }
}

fn over_defaults<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Limits, D::Error> {
    Ok(Limits::DEFAULT.with(&DeclaredLimits::deserialize(deserializer)?))
}

fn over_maximums<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Limits, D::Error> {
    Ok(Limits::MAXIMUM.with(&DeclaredLimits::deserialize(deserializer)?))
}
