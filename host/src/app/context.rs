//! The parts that the use cases of every role share, and the background work of every role.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use baepo_adapters::{CosignVerifier, InvalidationQueue, KeyringVault, OciRegistries, os_chance};
use baepo_domain::model::id::HolderId;
use baepo_domain::model::node_identity::{NodeIdentity, Sharing};
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::id_generator::IdGenerator;
use baepo_domain::ports::{Budgets, Channels, Signals, Store};
use baepo_domain::usecases::accounts::AccountReader;
use baepo_domain::usecases::in_progress::InProgress;
use baepo_domain::usecases::origins::Origins;
use baepo_domain::usecases::releases::Releases;
use baepo_domain::usecases::transitions::{TransitionBatcher, Transitions};
use baepo_runtime::Runtime;
use baepo_runtime::egress::{Egress, EgressConfig, Rewrite};
use baepo_sandbox::Sandbox;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::backends::Backends;
use super::channel_loading::load_channels;
use crate::config::Config;
use crate::data::DataFolder;
use crate::worker::delivery_feed::DeliveryFeed;
use crate::worker::peer_sync::PeerSync;
use crate::worker::relay::OutboxRelay;

/// The parts that every role uses.
pub(super) struct AppContext {
    pub store: Arc<dyn Store>,
    pub runtime: Arc<Runtime>,
    pub accounts: AccountReader,
    pub cache: Arc<InvalidationQueue>,
    pub relay: Arc<OutboxRelay>,
    pub delivery_feed: Arc<DeliveryFeed>,
    pub transitions: Arc<Transitions>,
    pub in_progress: Arc<InProgress>,
    pub releases: Arc<Releases>,
    pub clock: Arc<dyn Clock>,
    pub ids: IdGenerator,
    pub node: NodeIdentity,
    pub stopping: CancellationToken,
    pub tasks: TaskTracker,
    signals: Vec<Arc<dyn Signals>>,
    channels_folder: Option<PathBuf>,
}

impl AppContext {
    pub(super) async fn open(
        config: &Config,
        data: &DataFolder,
        sandbox: Option<&Sandbox>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let ids = IdGenerator::new(Arc::clone(&clock), Arc::new(os_chance()));
        let holder = HolderId(ids.next());
        let backends = Backends::open(config, data, holder, &clock).await?;
        let mut runtime_config = config.runtime.clone();
        runtime_config
            .cache_dir
            .get_or_insert_with(|| data.compiled());
        let egress = Egress::new(egress_config(config, sandbox, backends.budgets)?)?;
        let runtime = Runtime::new(runtime_config, egress, Arc::clone(&clock))?;
        let node = NodeIdentity {
            holder,
            lease: Duration::from_millis(config.publish.lease_ms),
            sharing: backends.sharing,
        };
        let relay = OutboxRelay::new(
            Arc::clone(&backends.store) as _,
            Arc::clone(&backends.store) as _,
            backends.bus,
            Arc::clone(&clock),
            node,
        );
        let releases = Releases {
            unit_of_work: Arc::clone(&backends.store) as _,
            releases: Arc::clone(&backends.store) as _,
            channels: Arc::clone(&runtime) as Arc<dyn Channels>,
            origins: origins(config)?,
            clock: Arc::clone(&clock),
            ids: ids.clone(),
            bundled: config.server.channels_are,
            others: backends.signals.clone(),
        };
        let relay = Arc::new(relay);
        let delivery_feed = Arc::new(DeliveryFeed::with_peers(backends.signals.clone()));
        let transitions = Transitions {
            unit_of_work: Arc::clone(&backends.store) as _,
            events: Arc::clone(&backends.store) as _,
            distributions: Arc::clone(&backends.store) as _,
            deliveries: Arc::clone(&backends.store) as _,
            relay: Arc::clone(&relay) as _,
            observer: Arc::clone(&delivery_feed) as _,
            clock: Arc::clone(&clock),
            ids: ids.clone(),
            node,
            batcher: TransitionBatcher::default(),
        };
        let vault = KeyringVault::load_or_create(&config.server.vault_key_file(data))?;
        let accounts = AccountReader {
            store: Arc::clone(&backends.store) as _,
            vault: Arc::new(vault),
        };
        Ok(Self {
            store: backends.store,
            runtime,
            accounts,
            cache: backends.cache,
            relay,
            delivery_feed,
            transitions: Arc::new(transitions),
            in_progress: Arc::default(),
            releases: Arc::new(releases),
            clock,
            ids,
            node,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            signals: backends.signals,
            channels_folder: config.server.channels.clone(),
        })
    }

    /// Loads the channels, and begins the background work of every role.
    pub(super) async fn start(&self) -> anyhow::Result<()> {
        load_channels(&self.releases, self.channels_folder.as_deref()).await?;
        let cache = Arc::clone(&self.cache);
        self.spawn(|stopping| async move {
            tokio::select! {
                () = cache.run() => {}
                () = stopping.cancelled() => {}
            }
        });
        if self.node.sharing == Sharing::Shared {
            let peer_sync = PeerSync {
                signals: self.signals.clone(),
                delivery_feed: Arc::clone(&self.delivery_feed),
                releases: Arc::clone(&self.releases),
                clock: Arc::clone(&self.clock),
            };
            self.spawn(|stopping| peer_sync.run(stopping));
        }
        Ok(())
    }

    /// Begins background work, which ends on its own once the host stops; the stop waits for it.
    pub(super) fn spawn<W>(&self, work: impl FnOnce(CancellationToken) -> W)
    where
        W: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(work(self.stopping.clone()));
    }
}

fn origins(config: &Config) -> anyhow::Result<Origins> {
    let registries = OciRegistries::new(&config.oci, config.runtime.component_bytes)?;
    Ok(Origins {
        source: Arc::new(registries),
        verifier: Arc::new(CosignVerifier::new(&config.signatures)?),
        policy: config.signatures.policy(),
    })
}

fn egress_config(
    config: &Config,
    sandbox: Option<&Sandbox>,
    budgets: Option<Arc<dyn Budgets>>,
) -> anyhow::Result<EgressConfig> {
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
        budgets,
        ..EgressConfig::default()
    })
}
