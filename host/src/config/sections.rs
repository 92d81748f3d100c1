//! All sections.

use baepo_adapters::{OciConfig, SignatureConfig};
use baepo_domain::model::breaker::BreakerPolicy;
use baepo_domain::model::retry::RetryPolicy;
use baepo_runtime::RuntimeConfig;
use baepo_runtime::egress::EgressOptions;
use serde::Deserialize;

use super::publish::PublishConfig;
use super::server::ServerConfig;
use super::services::{BusConfig, CacheConfig, DistributionConfig, StoreConfig};

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
    /// Who may sign components.
    pub signatures: SignatureConfig,
    /// How registries are reached that components are pulled from.
    pub oci: OciConfig,
}
