//! `[server]`: what this process does, where it listens and keeps its data.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use serde::Deserialize;

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
    pub listen: SocketAddr,
    /// A folder for the database, keys and compiled components. Default `.baepo`.
    pub data: PathBuf,
    /// A folder of components that are loaded at start. Default: none.
    pub channels: Option<PathBuf>,
    /// A JWKS file with the public keys of tokens. Default: tokens are signed with `token_key`.
    pub jwks: Option<PathBuf>,
    /// The file with the HS256 key that signs tokens, made with mode 0600 where there is none.
    /// Default: `token.key` in the data folder.
    pub token_key: Option<PathBuf>,
    /// The file with the keys that seal the owners' secrets, made with mode 0600 where there is
    /// none. Hosts that share a store must share it. Default: `vault.key` in the data folder.
    pub vault_key: Option<PathBuf>,
    /// Listeners that follow distributions at once, 1 to 100,000. Default 1,000.
    pub max_listeners: u32,
    /// Of these, those of one owner, 1 to 100,000. Default: a quarter.
    pub listeners_per_owner: Option<u32>,
    /// Connections to the API at once, 1 to 1,000,000. Default 4,096; never more than half of the files
    /// that the process may open.
    pub max_connections: u32,
    /// How long the header of a connection's first request may take, in ms, 100 to 600,000. Default
    /// 10,000.
    pub header_ms: u64,
    /// How long a connection may have no request, and the header of its next one take, in ms, 100 to
    /// 3,600,000. Default 120,000: longer than clients keep connections.
    pub idle_ms: u64,
    /// How long a request's body may take, and how long nothing of an answer may be taken, in ms, 100 to
    /// 3,600,000. Default 60,000.
    pub body_ms: u64,
    /// How long a stop waits for what is running, in ms, 0 to 3,600,000. Default 30,000.
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

    /// What bounds the connections to the API.
    #[must_use]
    pub fn connections(&self) -> ConnectionLimits {
        ConnectionLimits {
            most: self.max_connections as usize,
            header: Duration::from_millis(self.header_ms),
            idle: Duration::from_millis(self.idle_ms),
            body: Duration::from_millis(self.body_ms),
        }
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
            jwks: None,
            token_key: None,
            vault_key: None,
            max_listeners: 1_000,
            listeners_per_owner: None,
            max_connections: 4_096,
            header_ms: 10_000,
            idle_ms: 120_000,
            body_ms: 60_000,
            drain_ms: 30_000,
        }
    }
}
