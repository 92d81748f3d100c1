//! One typed configuration, parsed once.

mod address;
mod bus;
mod cache;
mod contradictions;
mod distribution;
mod environment;
mod example;
mod file;
mod given;
mod keys;
mod load;
mod probe;
mod problem;
mod publish;
mod rules;
mod secret;
mod server;
mod store;

use std::collections::BTreeMap;
use std::time::Duration;

use baepo_runtime::RuntimeConfig;
use serde::Deserialize;
use url::Url;

pub use self::address::{BusUrl, CacheUrl, InvalidAddress, KafkaServers, PrivateUrl, StoreUrl};
pub use self::bus::{BusConfig, BusMechanism, BusProtocol, BusSasl, BusSecurity, BusTls};
pub use self::cache::CacheConfig;
pub use self::contradictions::Contradiction;
pub use self::distribution::DistributionConfig;
pub use self::load::Flags;
pub use self::problem::{ConfigError, Place, Problem};
pub use self::publish::{BreakerConfig, PublishConfig, RetryConfig};
pub use self::secret::Secret;
pub use self::server::{Role, ServerConfig};
pub use self::store::StoreConfig;

/// Everything an operator can decide. A key that is left out has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub server: ServerConfig,
    pub store: StoreConfig,
    pub cache: CacheConfig,
    pub bus: BusConfig,
    pub distribution: DistributionConfig,
    pub publish: PublishConfig,
    pub retry: RetryConfig,
    pub breaker: BreakerConfig,
    pub runtime: RuntimeConfig,
    pub egress: EgressSection,
}

/// Where requests of components go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EgressSection {
    /// From a provider's origin to the base address of a local stand-in.
    pub rewrite: BTreeMap<Url, Url>,
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[cfg(test)]
mod tests;
