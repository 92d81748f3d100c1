//! `[cache]`: what may be forgotten.

use std::path::PathBuf;

use anyhow::Context as _;
use baepo_adapters::RedisConfig;
use serde::Deserialize;

use super::{CacheUrl, ms};

/// Where values with a time to live are kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheConfig {
    /// `memory:`, `redis://…` or `rediss://…`. Default `memory:`.
    pub url: CacheUrl,
    /// The size of the cache in memory, in bytes, 65,536 to 1 TiB. Default 64 MiB.
    pub bytes: u64,
    /// How long a call to Redis may take, in ms, 10 to 5,000. Default 200.
    pub time_limit_ms: u64,
    /// How long making a connection to Redis may take, in ms, 10 to 60,000. Default 2,000.
    pub connect_limit_ms: u64,
    /// Calls that fail in a row before Redis is left alone, 1 to 1,000. Default 3.
    pub failures_to_rest: u32,
    /// How long it is left alone then, in ms, 10 to 600,000. Default 1,000.
    pub rest_ms: u64,
    /// In front of every key in Redis and of the names of its pub/sub channels, so that several
    /// installations can share one; at most 64 characters. Default `baepo:`.
    pub prefix: String,
    /// A PEM file of who vouches for Redis where TLS is spoken. Default: the system's
    /// authorities.
    pub root_certificate: Option<PathBuf>,
}

impl CacheConfig {
    /// What the adapter of Redis wants to know beside the address.
    ///
    /// # Errors
    /// When the file of `root_certificate` cannot be read.
    pub fn redis(&self) -> anyhow::Result<RedisConfig> {
        let read = |file: &PathBuf| {
            let name = file.display();
            std::fs::read(file)
                .with_context(|| format!("cannot read cache.root_certificate {name}"))
        };
        Ok(RedisConfig {
            prefix: self.prefix.clone(),
            time_limit: ms(self.time_limit_ms),
            connect_limit: ms(self.connect_limit_ms),
            failures_to_rest: self.failures_to_rest,
            rest: ms(self.rest_ms),
            root_certificate: self.root_certificate.as_ref().map(read).transpose()?,
        })
    }
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            url: CacheUrl::Memory,
            bytes: 64 << 20,
            time_limit_ms: 200,
            connect_limit_ms: 2_000,
            failures_to_rest: 3,
            rest_ms: 1_000,
            prefix: "baepo:".to_owned(),
            root_certificate: None,
        }
    }
}
