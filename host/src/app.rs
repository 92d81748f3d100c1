//! Adapters → runtime → use cases → router, and back again in order when it stops.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use baepo_adapters::{KeyringVault, MokaCache, OutboxBus, SqliteStore, SystemClock, os_chance};
use baepo_domain::check::Checker;
use baepo_domain::clock::Clock;
use baepo_domain::connect::Accounts;
use baepo_domain::distribute::{Breakers, Deliverer, Meetings};
use baepo_domain::edit::Editor;
use baepo_domain::id::{HolderId, Ids};
use baepo_domain::ports::{Cache, Channels, Store, Vault};
use baepo_domain::publish::Publisher;
use baepo_domain::recover::recover;
use baepo_domain::swap::Swap;
use baepo_runtime::Runtime;
use baepo_runtime::egress::{Egress, EgressConfig, Rewrite};
use baepo_sandbox::Sandbox;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::{ApiLimits, ApiState, Readiness, Tokens, router};
use crate::config::Config;
use crate::data::{DataFolder, Lock};
use crate::worker::changes::Changes;
use crate::worker::deliveries::LocalDistributor;
use crate::worker::relay::OutboxRelay;
use crate::worker::resume::Resumer;

/// A host that serves.
pub struct App {
    api: SocketAddr,
    sandbox: Option<Sandbox>,
    store: Arc<SqliteStore>,
    runtime: Arc<Runtime>,
    ready: Arc<Readiness>,
    server: JoinHandle<std::io::Result<()>>,
    stopping: CancellationToken,
    relay_stopping: CancellationToken,
    tasks: TaskTracker,
    relay: JoinHandle<()>,
    drain: Duration,
    _lock: Lock,
}

/// What the use cases share.
struct Parts {
    store: Arc<SqliteStore>,
    runtime: Arc<Runtime>,
    vault: Arc<KeyringVault>,
    cache: Arc<MokaCache>,
    relay: Arc<OutboxRelay>,
    clock: Arc<dyn Clock>,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl App {
    /// Starts everything and returns when it serves. `sandbox`: where the stand-ins listen, for
    /// requests to the providers they stand in for; none: requests go to the providers.
    ///
    /// # Errors
    /// Says what could not be started and what to do about it.
    pub async fn start(config: Config, sandbox: Option<SocketAddr>) -> anyhow::Result<Self> {
        let data = DataFolder::open(&config.server.data)?;
        let lock = data.lock()?;
        // First of all, so that a taken port is the first thing one hears of.
        let listener = listen(config.server.listen).await?;
        let api = listener.local_addr()?;
        let sandbox = match sandbox {
            Some(address) => Some(
                Sandbox::start(address)
                    .await
                    .context("the sandbox providers")?,
            ),
            None => None,
        };
        let parts = Parts::open(&config, &data, sandbox.as_ref()).await?;
        let tokens = Arc::new(Tokens::load_or_create(&data.token_key())?);
        let relay_stopping = CancellationToken::new();
        let ready = Arc::new(Readiness::default());
        let state = parts.assemble(&config, tokens, &ready).await?;
        let relay = spawn_relay(&parts.relay, relay_stopping.clone());
        let server = serve(
            listener,
            router(state, ApiLimits::default()),
            parts.stopping.clone(),
        );
        ready.set_ready();
        Ok(Self {
            api,
            sandbox,
            store: parts.store,
            runtime: parts.runtime,
            ready,
            server,
            stopping: parts.stopping,
            relay_stopping,
            tasks: parts.tasks,
            relay,
            drain: Duration::from_millis(config.server.drain_ms),
            _lock: lock,
        })
    }

    /// Where the API listens.
    #[must_use]
    pub fn api(&self) -> SocketAddr {
        self.api
    }

    /// Where the sandbox providers listen.
    #[must_use]
    pub fn sandbox(&self) -> Option<SocketAddr> {
        self.sandbox.as_ref().map(Sandbox::address)
    }

    /// The channels' runtime, for those who look at its pool.
    #[must_use]
    pub fn runtime(&self) -> &Arc<Runtime> {
        &self.runtime
    }

    /// The store, for those who count its commits.
    #[must_use]
    pub fn store(&self) -> &Arc<SqliteStore> {
        &self.store
    }

    /// Takes no new requests, lets what runs come to its end within the drain time, writes what
    /// there is to write, and stops.
    ///
    /// # Errors
    /// When the server ended with an error before.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.ready.set_draining();
        self.stopping.cancel();
        self.tasks.close();
        let drained = tokio::time::timeout(self.drain, async {
            let served = self.server.await;
            self.tasks.wait().await;
            served
        });
        match drained.await {
            Ok(served) => served.context("the server")?.context("the server")?,
            Err(_) => tracing::warn!(
                drain_ms = self.drain.as_millis(),
                "stopped with work under way; the next start goes on with it"
            ),
        }
        self.relay_stopping.cancel();
        self.relay.await.context("the relay")?;
        self.store.close().await;
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
        Ok(())
    }
}

impl Parts {
    async fn open(
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
        })
    }

    /// Puts the use cases together and lets them go on with what an earlier process left.
    async fn assemble(
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
            retry: config.retry_policy(),
            breakers: Breakers::new(config.breaker_policy()),
            meetings: Meetings::default(),
        });
        let due = recover(&deliverer).await?;
        let distributor = LocalDistributor::new(
            deliverer,
            changes,
            Duration::from_millis(config.publish.answer_within_ms),
            self.tasks.clone(),
            self.stopping.clone(),
        );
        for delivery in due {
            distributor.drive(delivery);
        }
        let publisher = Arc::new(Publisher {
            store: Arc::clone(&store),
            cache: Arc::clone(&cache),
            relay: Arc::clone(&self.relay) as _,
            distributor: Arc::new(distributor),
            channels: Arc::clone(&channels),
            clock: Arc::clone(&clock),
            ids: ids.clone(),
            holder: HolderId(ids.next()),
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

/// Active releases from the store, then components from the operator's folder. One that cannot
/// be loaded is reported and left out, never a reason not to start.
async fn bring_channels(swap: &Swap, folder: Option<&Path>) -> anyhow::Result<()> {
    for left_out in swap.restore().await? {
        tracing::error!(
            channel = %left_out.channel,
            release = %left_out.digest.short(),
            error = %left_out.error,
            "a release could not be brought back and is left out"
        );
    }
    let Some(folder) = folder else {
        return Ok(());
    };
    for file in components_in(folder)? {
        let adopted = match tokio::fs::read(&file).await {
            Ok(component) => swap.adopt(component).await.map_err(anyhow::Error::from),
            Err(error) => Err(error.into()),
        };
        let file = file.display();
        match adopted {
            Ok(release) => tracing::info!(
                channel = %release.channel,
                release = %release.digest.short(),
                state = release.state.as_str(),
                "channel loaded"
            ),
            Err(error) => {
                tracing::error!(%file, error = %format!("{error:#}"), "a component was left out");
            }
        }
    }
    Ok(())
}

fn components_in(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let name = folder.display();
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the channels' folder {name}"))?;
    let mut files = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "wasm")
    });
    files.sort();
    Ok(files)
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

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}: choose another address with --listen")
    })
}

fn spawn_relay(relay: &Arc<OutboxRelay>, stopping: CancellationToken) -> JoinHandle<()> {
    let relay = Arc::clone(relay);
    tokio::spawn(async move { relay.run(stopping).await })
}

fn serve(
    listener: TcpListener,
    router: axum::Router,
    stopping: CancellationToken,
) -> JoinHandle<std::io::Result<()>> {
    tokio::spawn(async move {
        axum::serve(listener, router)
            .with_graceful_shutdown(async move { stopping.cancelled().await })
            .await
    })
}
