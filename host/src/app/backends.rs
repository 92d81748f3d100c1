//! The adapters that the configuration chooses: store, cache, bus and the signals between hosts.

use std::sync::Arc;

use baepo_adapters::{
    InvalidationLimits, InvalidationQueue, KafkaBus, MokaCache, OutboxBus, PostgresStore,
    RedisBudgets, RedisCache, RedisLink, RedisSignals, SqliteStore,
};
use baepo_domain::model::id::HolderId;
use baepo_domain::model::node_identity::Sharing;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{Budgets, Bus, Cache, Signals, Store};

use crate::config::{CacheUrl, Config, StoreUrl};
use crate::data::DataFolder;

/// The adapters that are open.
pub(super) struct Backends {
    pub store: Arc<dyn Store>,
    pub sharing: Sharing,
    pub cache: Arc<InvalidationQueue>,
    pub bus: Arc<dyn Bus>,
    /// Signals to and from the other hosts on the same store.
    pub signals: Vec<Arc<dyn Signals>>,
    /// Request budgets that all hosts share; none: each host has its own.
    pub budgets: Option<Arc<dyn Budgets>>,
}

impl Backends {
    /// Opens them. The store must answer; cache and bus may be unreachable.
    pub(super) async fn open(
        config: &Config,
        data: &DataFolder,
        holder: HolderId,
        clock: &Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let mut signals: Vec<Arc<dyn Signals>> = Vec::new();
        let (store, sharing) = match &config.store.url {
            StoreUrl::Sqlite => {
                let store = SqliteStore::open(&data.database()).await?;
                (Arc::new(store) as Arc<dyn Store>, Sharing::Alone)
            }
            StoreUrl::Postgres(url) => {
                let url = url.expose().as_str();
                let store = PostgresStore::open(url, config.store.postgres).await?;
                signals.push(Arc::new(store.signals(holder)));
                (Arc::new(store) as Arc<dyn Store>, Sharing::Shared)
            }
        };
        let mut budgets: Option<Arc<dyn Budgets>> = None;
        let cache: Arc<dyn Cache> = match &config.cache.url {
            CacheUrl::Memory => Arc::new(MokaCache::new(config.cache.bytes)),
            CacheUrl::Redis(url) => {
                let redis = config.cache.redis.clone();
                let link = RedisLink::open(url.expose().as_str(), redis, Arc::clone(clock))?;
                if sharing == Sharing::Shared {
                    signals.push(Arc::new(RedisSignals::new(link.clone(), holder)));
                }
                budgets = Some(Arc::new(RedisBudgets::new(link.clone())));
                Arc::new(RedisCache::new(link))
            }
        };
        let cache = InvalidationQueue::new(cache, Arc::clone(clock), InvalidationLimits::default());
        let bus: Arc<dyn Bus> = match config.bus.kafka() {
            Some(kafka) => Arc::new(KafkaBus::new(kafka)?),
            None => Arc::new(OutboxBus),
        };
        Ok(Self {
            store,
            sharing,
            cache: Arc::new(cache),
            bus,
            signals,
            budgets,
        })
    }
}
