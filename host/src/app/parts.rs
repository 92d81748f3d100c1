//! Adapters, runtime and use cases, put together.

use std::sync::Arc;
use std::time::Duration;

use baepo_adapters::{KeyringVault, MokaCache, OutboxBus, SqliteStore, SystemClock, os_chance};
use baepo_domain::check::Checker;
use baepo_domain::clock::Clock;
use baepo_domain::connect::Accounts;
use baepo_domain::distribute::{Breakers, Deliverer, Meetings};
use baepo_domain::edit::Editor;
use baepo_domain::id::{HolderId, Ids};
use baepo_domain::ports::{Abandoned, Cache, Channels, Store, Vault};
use baepo_domain::publish::Publisher;
use baepo_domain::recover::recover;
use baepo_domain::swap::Swap;
use baepo_runtime::Runtime;
use baepo_runtime::egress::{Egress, EgressConfig, Rewrite};
use baepo_sandbox::Sandbox;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::folder::bring_channels;
use crate::api::{ApiState, Readiness, Tokens};
use crate::config::Config;
use crate::data::DataFolder;
use crate::worker::changes::Changes;
use crate::worker::deliveries::LocalDistributor;
use crate::worker::leases;
use crate::worker::relay::OutboxRelay;
use crate::worker::resume::Resumer;
use crate::worker::retention::Retention;
use crate::worker::timers::Timers;

/// What the use cases share.
pub(super) struct Parts {
    pub store: Arc<SqliteStore>,
    pub runtime: Arc<Runtime>,
    pub vault: Arc<KeyringVault>,
    pub cache: Arc<MokaCache>,
    pub relay: Arc<OutboxRelay>,
    pub clock: Arc<dyn Clock>,
    pub stopping: CancellationToken,
    pub tasks: TaskTracker,
    keep_journals: Duration,
}

impl Parts {
    pub(super) async fn open(
        config: &Config,
        data: &DataFolder,
        sandbox: Option<&Sandbox>,
    ) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Arc::new(SqliteStore::open(&data.database()).await?);
        let egress = Egress::new(egress_config(config, sandbox)?)?;
        let mut runtime_config = config.runtime.clone();
        runtime_config
            .cache_dir
            .get_or_insert_with(|| data.compiled());
        let runtime = Runtime::new(runtime_config, egress, Arc::clone(&clock))?;
        let relay = OutboxRelay::new(
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::new(OutboxBus),
            Arc::clone(&clock),
        );
        Ok(Self {
            store,
            runtime,
            vault: Arc::new(KeyringVault::load_or_create(&data.vault_key())?),
            cache: Arc::new(MokaCache::new(config.server.cache_bytes)),
            relay: Arc::new(relay),
            clock,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            keep_journals: Duration::from_secs(u64::from(config.publish.journal_days) * 86_400),
        })
    }

    /// Puts the use cases together and lets them go on with what an earlier process left.
    pub(super) async fn assemble(
        &self,
        config: &Config,
        tokens: Arc<Tokens>,
        ready: &Arc<Readiness>,
    ) -> anyhow::Result<ApiState> {
        let store: Arc<dyn Store> = Arc::clone(&self.store) as _;
        let channels: Arc<dyn Channels> = Arc::clone(&self.runtime) as _;
        let vault: Arc<dyn Vault> = Arc::clone(&self.vault) as _;
        let cache: Arc<dyn Cache> = Arc::clone(&self.cache) as _;
        let clock = Arc::clone(&self.clock);
        let swap = Arc::new(Swap {
            store: Arc::clone(&store),
            channels: Arc::clone(&channels),
            clock: Arc::clone(&clock),
        });
        bring_channels(&swap, config.server.channels.as_deref()).await?;
        let changes = Arc::new(Changes::default());
        let chance = Arc::new(os_chance());
        let ids = Ids::new(Arc::clone(&clock), Arc::clone(&chance));
        let deliverer = Arc::new(Deliverer {
            store: Arc::clone(&store),
            channels: Arc::clone(&channels),
            vault: Arc::clone(&vault),
            relay: Arc::clone(&self.relay) as _,
            observer: Arc::clone(&changes) as _,
            clock: Arc::clone(&clock),
            chance,
            ids: ids.clone(),
            holder: HolderId(ids.next()),
            lease: Duration::from_millis(config.publish.lease_ms),
            retry: config.retry_policy(),
            breakers: Breakers::new(config.breaker_policy()),
            meetings: Meetings::default(),
        });
        let holder = deliverer.holder;
        // No other process works in this folder: whatever is claimed was left behind.
        let recovered = recover(&deliverer, Abandoned::NotOf(holder)).await?;
        if recovered > 0 {
            tracing::info!(recovered, "deliveries that were cut off go on");
        }
        let distributor = LocalDistributor::new(
            Arc::clone(&deliverer),
            Arc::clone(&changes),
            Duration::from_millis(config.publish.answer_within_ms),
            self.tasks.clone(),
            self.stopping.clone(),
        );
        self.spawn_workers(&deliverer, &changes, &distributor);
        let publisher = Arc::new(Publisher {
            store: Arc::clone(&store),
            cache: Arc::clone(&cache),
            relay: Arc::clone(&self.relay) as _,
            distributor: Arc::new(distributor),
            channels: Arc::clone(&channels),
            clock: Arc::clone(&clock),
            ids: ids.clone(),
            holder,
            limits: config.publish_limits(),
        });
        self.spawn_resumer(&publisher);
        let accounts = Arc::new(Accounts {
            store: Arc::clone(&store),
            channels: Arc::clone(&channels),
            vault: Arc::clone(&vault),
            clock: Arc::clone(&clock),
        });
        let checker = Checker {
            store: Arc::clone(&store),
            channels: Arc::clone(&channels),
            vault,
        };
        let editor = Editor {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids,
        };
        Ok(ApiState {
            store,
            publisher,
            swap,
            accounts,
            checker: Arc::new(checker),
            editor: Arc::new(editor),
            cache,
            channels,
            clock,
            tokens,
            ready: Arc::clone(ready),
            tasks: self.tasks.clone(),
        })
    }

    fn spawn_workers(
        &self,
        deliverer: &Arc<Deliverer>,
        changes: &Arc<Changes>,
        distributor: &LocalDistributor,
    ) {
        let timers = Timers {
            store: Arc::clone(&self.store) as _,
            clock: Arc::clone(&self.clock),
            changes: Arc::clone(changes),
            distributor: distributor.clone(),
        };
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move { timers.run(stopping).await });
        let retention = Retention {
            store: Arc::clone(&self.store) as _,
            clock: Arc::clone(&self.clock),
            keep: self.keep_journals,
        };
        let stopping = self.stopping.clone();
        self.tasks
            .spawn(async move { retention.run(stopping).await });
        let keeping = leases::keep(Arc::clone(deliverer), self.stopping.clone());
        self.tasks.spawn(keeping);
    }

    fn spawn_resumer(&self, publisher: &Arc<Publisher>) {
        let resumer = Resumer {
            store: Arc::clone(&self.store) as _,
            publisher: Arc::clone(publisher),
            clock: Arc::clone(&self.clock),
        };
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move {
            if let Err(error) = resumer.resume_all().await {
                tracing::warn!(%error, "unfinished publishes wait for the store");
            }
            resumer.run(stopping).await;
        });
    }
}

fn egress_config(config: &Config, sandbox: Option<&Sandbox>) -> anyhow::Result<EgressConfig> {
    let mut rewrites: Vec<Rewrite> = Vec::new();
    for (origin, to) in &config.egress.rewrite {
        rewrites.push(Rewrite {
            origin: origin.clone(),
            to: to.clone(),
        });
    }
    for (origin, to) in sandbox.map(Sandbox::rewrites).unwrap_or_default() {
        rewrites.push(Rewrite {
            origin: origin.parse()?,
            to: to.parse()?,
        });
    }
    Ok(EgressConfig {
        rewrites,
        ..EgressConfig::default()
    })
}
