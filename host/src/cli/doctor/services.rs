//! The services that the configuration chooses: store, cache and bus.

use std::sync::Arc;

use baepo_adapters::{Check, SystemClock, check_kafka, check_postgres, check_redis, check_sqlite};

use crate::config::{CacheUrl, Config, StoreUrl};
use crate::data::DataFolder;

pub async fn check_store(config: Arc<Config>) -> Vec<Check> {
    match &config.store.url {
        StoreUrl::Sqlite => {
            let data = DataFolder::at(&config.server.data);
            check_sqlite(&data.database()).await
        }
        StoreUrl::Postgres(url) => {
            let postgres = &config.store.postgres;
            check_postgres(url.expose().as_str(), postgres, &SystemClock).await
        }
    }
}

pub async fn check_cache(config: Arc<Config>) -> Vec<Check> {
    match &config.cache.url {
        CacheUrl::Memory => {
            let found = format!("in memory, {} bytes at most", config.cache.bytes);
            vec![Check::good("cache", found)]
        }
        CacheUrl::Redis(url) => {
            let redis = &config.cache.redis;
            check_redis(url.expose().as_str(), redis, &SystemClock).await
        }
    }
}

pub async fn check_bus(config: Arc<Config>) -> Vec<Check> {
    match config.bus.kafka() {
        Some(kafka) => check_kafka(&kafka).await,
        None => {
            let found = "the outbox: messages are read at GET /api/admin/outbox";
            vec![Check::good("bus", found)]
        }
    }
}
