//! `[store]`, `[cache]`, `[bus]`, `[distribution]`: an address, which chooses the adapter, and that
//! adapter's own options beside it.

use std::path::PathBuf;

use baepo_adapters::{HttpDistributorConfig, KafkaConfig, PostgresConfig, RedisConfig};
use baepo_domain::model::options;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::address::{BusUrl, CacheUrl, StoreUrl};

/// Where events, distributions and journals are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// `sqlite:` for the file in the data folder, or `postgres://…`. Default `sqlite:`.
    pub url: StoreUrl,
    #[serde(rename = "")]
    pub postgres: PostgresConfig,
}

/// Where values with a time to live are kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheConfig {
    /// `memory:`, `redis://…` or `rediss://…`. Default `memory:`.
    pub url: CacheUrl,
    /// The size of the cache in memory. Default 64 MiB.
    #[serde(deserialize_with = "options::bytes::<65_536, 1_099_511_627_776, _, _>")]
    pub bytes: u64,
    #[serde(rename = "")]
    pub redis: RedisConfig,
}

/// Where `EventCreated` and `DistributionCompleted` go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusConfig {
    /// `outbox:`, or `kafka://host:9092,host:9092`. Default `outbox:`.
    pub url: BusUrl,
    /// Without the brokers, which the address names: see [`BusConfig::kafka`].
    #[serde(rename = "")]
    pub kafka: KafkaConfig,
}

/// The distribution service, for a process with the role `event`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DistributionConfig {
    /// Its address, `http://…` or `https://…`. Default: none.
    #[serde(deserialize_with = "service")]
    pub url: Option<Url>,
    /// A file with a token of the role `service`, read anew when it changes. Default: the process
    /// signs its own with its token key.
    #[serde(deserialize_with = "options::path")]
    pub token_file: Option<PathBuf>,
    #[serde(rename = "")]
    pub http: HttpDistributorConfig,
}

impl BusConfig {
    /// Kafka's options with its brokers; none where the outbox is the bus.
    #[must_use]
    pub fn kafka(&self) -> Option<KafkaConfig> {
        let BusUrl::Kafka(servers) = &self.url else {
            return None;
        };
        Some(KafkaConfig {
            brokers: servers.as_slice().to_vec(),
            ..self.kafka.clone()
        })
    }
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            url: CacheUrl::Memory,
            bytes: 64 << 20,
            redis: RedisConfig::default(),
        }
    }
}

fn service<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let allowed = "http://HOST:PORT or https://HOST:PORT, without user, password and query";
    options::private_text(deserializer, allowed, |text| {
        let url = Url::parse(text).ok()?;
        let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        let is_service = matches!(url.scheme(), "http" | "https") && url.host().is_some() && bare;
        is_service.then_some(Some(url))
    })
}
