//! One typed configuration, parsed once.
//!
//! Each section is the own type of the part that it is for, with each option's rule beside its field: see
//! [`baepo_domain::model::options`]. Here are only the sections that are put together from several parts, what reads them,
//! and what must fit together across them.

mod address;
mod aliases;
mod contradictions;
mod environment;
mod example;
mod file;
mod given;
mod keys;
mod load;
mod probe;
mod problem;
mod publish;
mod server;
mod services;

use baepo_domain::model::breaker::BreakerPolicy;
use baepo_domain::model::retry::RetryPolicy;
use baepo_runtime::RuntimeConfig;
use baepo_runtime::egress::EgressOptions;
use serde::Deserialize;

pub use self::address::{BusUrl, CacheUrl, InvalidAddress, KafkaServers, PrivateUrl, StoreUrl};
pub use self::load::{Flags, Loaded};
pub use self::problem::{ConfigError, Place, Problem};
pub use self::publish::PublishConfig;
pub use self::server::{Role, ServerConfig};
pub use self::services::{BusConfig, CacheConfig, DistributionConfig, StoreConfig};

/// Everything an operator can decide. An option that is left out has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub server: ServerConfig,
    pub store: StoreConfig,
    pub cache: CacheConfig,
    pub bus: BusConfig,
    pub distribution: DistributionConfig,
    pub publish: PublishConfig,
    /// How patiently `unavailable` and `rate-limited` are retried.
    pub retry: RetryPolicy,
    /// When a channel that fails again and again is left alone.
    pub breaker: BreakerPolicy,
    pub runtime: RuntimeConfig,
    /// Where requests of components go.
    pub egress: EgressOptions,
}

#[cfg(test)]
mod tests;
