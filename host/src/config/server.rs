//! `[server]`: what this process does, where it listens and keeps its data.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use baepo_domain::model::options;
use baepo_domain::usecases::releases::Bundled;
use clap::ValueEnum;
use serde::{Deserialize, Deserializer};

use crate::api::ConcurrencyLimits;
use crate::data::DataFolder;
use crate::server::ConnectionLimits;

/// Where it listens and keeps its data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// `all`, `event` or `distribution`. Default `all`.
    pub role: Role,
    /// An address and a port; port 0 picks a free one. Default 127.0.0.1:8080.
    #[serde(deserialize_with = "listen")]
    pub listen: SocketAddr,
    /// A folder for the database, keys and compiled components. Default `.baepo`.
    #[serde(deserialize_with = "options::path")]
    pub data: PathBuf,
    /// A folder of components that are loaded at start. Default: none.
    #[serde(deserialize_with = "options::path")]
    pub channels: Option<PathBuf>,
    /// `strange`: what the components in that folder ask for waits for an operator's approval. `trusted`: it is
    /// approved. Default `strange`.
    pub channels_are: Bundled,
    /// How long an upload that was refused is kept with its reason. Default 7.
    #[serde(deserialize_with = "options::days::<1, 3_650, _, _>")]
    pub rejected_days: u32,
    /// A JWKS file with the public keys of tokens. Default: tokens are signed with `token_key`.
    #[serde(deserialize_with = "options::path")]
    pub jwks: Option<PathBuf>,
    /// The file with the HS256 key that signs tokens, made with mode 0600 where there is none.
    /// Default: `token.key` in the data folder.
    #[serde(deserialize_with = "options::path")]
    pub token_key: Option<PathBuf>,
    /// The file with the keys that seal the owners' secrets, made with mode 0600 where there is
    /// none. Hosts that share a store must share it. Default: `vault.key` in the data folder.
    #[serde(deserialize_with = "options::path")]
    pub vault_key: Option<PathBuf>,
    /// Listeners that follow distributions at once. Default 1,000.
    #[serde(deserialize_with = "options::count::<1, 100_000, _, _>")]
    pub max_listeners: u32,
    /// Of these, those of one owner. Default: a quarter.
    #[serde(deserialize_with = "options::optional_count::<1, 100_000, _, _>")]
    pub listeners_per_owner: Option<u32>,
    #[serde(rename = "")]
    pub connections: ConnectionLimits,
    /// How long a stop waits for what is running, in ms. Default 30,000.
    #[serde(deserialize_with = "options::ms::<0, 3_600_000, _, _>")]
    pub drain_ms: u64,
}

/// What one process does of the work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Takes events and distributes them.
    #[default]
    All,
    /// Takes events and calls a distribution service.
    Event,
    /// Is the distribution service; any number of replicas.
    Distribution,
}

impl Role {
    /// Its name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Event => "event",
            Self::Distribution => "distribution",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ServerConfig {
    /// How many may follow distributions at once.
    #[must_use]
    pub fn listeners(&self) -> ConcurrencyLimits {
        ConcurrencyLimits::new(self.max_listeners, self.listeners_per_owner)
    }

    /// How long an upload that was refused is kept.
    #[must_use]
    pub fn rejected_kept(&self) -> Duration {
        Duration::from_secs(u64::from(self.rejected_days) * 86_400)
    }

    /// The file with the key that signs tokens.
    #[must_use]
    pub fn token_key_file(&self, data: &DataFolder) -> PathBuf {
        self.token_key.clone().unwrap_or_else(|| data.token_key())
    }

    /// The file with the keys that seal the owners' secrets.
    #[must_use]
    pub fn vault_key_file(&self, data: &DataFolder) -> PathBuf {
        self.vault_key.clone().unwrap_or_else(|| data.vault_key())
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            role: Role::All,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data: PathBuf::from(".baepo"),
            channels: None,
            channels_are: Bundled::default(),
            rejected_days: 7,
            jwks: None,
            token_key: None,
            vault_key: None,
            max_listeners: 1_000,
            listeners_per_owner: None,
            connections: ConnectionLimits::default(),
            drain_ms: 30_000,
        }
    }
}

fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let allowed = "an address and a port, such as 127.0.0.1:8080";
    options::text(deserializer, allowed, |text| text.parse().ok())
}
