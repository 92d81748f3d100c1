//! The addresses of other services. They may hold passwords: none of them prints one.

use std::fmt;

use baepo_adapters::{is_postgres_address, is_redis_address};
use baepo_domain::model::options;
use serde::{Deserialize, Deserializer};
use url::Url;

/// An address that may hold a password. Printed, it shows neither user nor password nor query.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateUrl(Url);

/// The store: `sqlite:` or `postgres://…`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum StoreUrl {
    /// The file in the data folder.
    #[default]
    Sqlite,
    Postgres(PrivateUrl),
}

/// The cache: `memory:`, `redis://…` or `rediss://…`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CacheUrl {
    /// Inside the process.
    #[default]
    Memory,
    Redis(PrivateUrl),
}

/// The bus: `outbox:` or `kafka://host:9092,host:9092`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum BusUrl {
    /// The store's outbox is all there is: messages are read over the API.
    #[default]
    Outbox,
    Kafka(KafkaServers),
}

/// `host:port` of one Kafka broker or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaServers(Vec<String>);

/// Why a text is not such an address. Never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not such an address")]
pub struct InvalidAddress;

impl PrivateUrl {
    /// The address with everything in it, for code that connects.
    #[must_use]
    pub fn expose(&self) -> &Url {
        &self.0
    }

    /// An address that the adapter takes too: nothing is left for it to refuse.
    fn parse(
        text: &str,
        schemes: &[&str],
        is_known: fn(&str) -> bool,
    ) -> Result<Self, InvalidAddress> {
        let url = Url::parse(text).map_err(|_| InvalidAddress)?;
        let has_host = url.host_str().is_some_and(|host| !host.is_empty());
        if schemes.contains(&url.scheme()) && has_host && is_known(url.as_str()) {
            return Ok(Self(url));
        }
        Err(InvalidAddress)
    }
}

impl fmt::Display for PrivateUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (url, host) = (&self.0, self.0.host_str().unwrap_or_default());
        write!(f, "{}://{host}", url.scheme())?;
        if let Some(port) = url.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(url.path())
    }
}

impl fmt::Debug for PrivateUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl KafkaServers {
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl std::str::FromStr for StoreUrl {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        match text {
            "sqlite:" => Ok(Self::Sqlite),
            text => PrivateUrl::parse(text, &["postgres", "postgresql"], is_postgres_address)
                .map(Self::Postgres),
        }
    }
}

impl std::str::FromStr for CacheUrl {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        match text {
            "memory:" => Ok(Self::Memory),
            text => {
                PrivateUrl::parse(text, &["redis", "rediss"], is_redis_address).map(Self::Redis)
            }
        }
    }
}

impl std::str::FromStr for BusUrl {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        if text == "outbox:" {
            return Ok(Self::Outbox);
        }
        let servers = text.strip_prefix("kafka://").ok_or(InvalidAddress)?;
        if !servers.split(',').all(is_host_and_port) {
            return Err(InvalidAddress);
        }
        let servers = servers.split(',').map(ToOwned::to_owned);
        Ok(Self::Kafka(KafkaServers(servers.collect())))
    }
}

/// `localhost:9092`, `10.0.0.1:9092` or `[::1]:9092`, and nothing before or behind it.
fn is_host_and_port(text: &str) -> bool {
    let url = Url::parse(&format!("kafka://{text}"));
    url.is_ok_and(|url| {
        let host = url.host_str().unwrap_or_default();
        let port = url.port().unwrap_or_default();
        !host.is_empty() && port != 0 && text == format!("{host}:{port}")
    })
}

impl<'de> Deserialize<'de> for StoreUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let allowed = "sqlite: or postgres://USER:PASSWORD@HOST:PORT/DATABASE";
        options::private_text(deserializer, allowed, |text| text.parse().ok())
    }
}

impl<'de> Deserialize<'de> for CacheUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let allowed = "memory:, redis://USER:PASSWORD@HOST:PORT/NUMBER, or the same with rediss://";
        options::private_text(deserializer, allowed, |text| text.parse().ok())
    }
}

impl<'de> Deserialize<'de> for BusUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let allowed = "outbox: or kafka://HOST:PORT,HOST:PORT";
        options::private_text(deserializer, allowed, |text| text.parse().ok())
    }
}
