//! `[store]`: where everything is kept.

use baepo_adapters::PostgresConfig;
use serde::Deserialize;

use super::{StoreUrl, ms};

/// Where events, distributions and journals are kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// `sqlite:` for the file in the data folder, or `postgres://…`. Default `sqlite:`.
    pub url: StoreUrl,
    /// Connections to PostgreSQL that this process may hold, 2 to 1,000, and four in any case.
    /// Default 16.
    pub max_connections: u32,
    /// After which PostgreSQL ends a statement, in ms, 100 to 600,000. Default 5,000.
    pub statement_timeout_ms: u64,
    /// How long a statement may wait for a free connection, in ms, 100 to 60,000. Default 3,000.
    pub acquire_timeout_ms: u64,
}

impl StoreConfig {
    /// What the adapter of PostgreSQL wants to know beside the address.
    #[must_use]
    pub fn postgres(&self) -> PostgresConfig {
        PostgresConfig {
            max_connections: self.max_connections,
            statement_timeout: ms(self.statement_timeout_ms),
            acquire_timeout: ms(self.acquire_timeout_ms),
        }
    }
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            url: StoreUrl::Sqlite,
            max_connections: 16,
            statement_timeout_ms: 5_000,
            acquire_timeout_ms: 3_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_adapter() {
        assert_eq!(StoreConfig::default().postgres(), PostgresConfig::default());
    }
}
