//! A process: starts adapters, runtime, use cases and router in this order, and stops them in reverse.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use baepo_adapters::SystemClock;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{Distributor, Store, StoreHealth};
use baepo_runtime::{PoolUse, Runtime};
use baepo_sandbox::Sandbox;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::context::AppContext;
use self::delivery_role::DeliveryRole;
use crate::api::{ApiLimits, Readiness, ServiceState, Surface, Tokens, router};
use crate::config::{Config, Role};
use crate::data::{DataFolder, Lock};
use crate::server::{ConnectionLimits, serve, within_file_limit};
use crate::worker::leases::LeaseKeeper;
use crate::worker::relay::OutboxRelay;
use crate::worker::retention::Retention;

mod backends;
mod channel_loading;
mod context;
mod delivery_role;
mod event_role;

/// A running host.
pub struct App {
    api: SocketAddr,
    sandbox: Option<Sandbox>,
    store: Arc<dyn Store>,
    runtime: Arc<Runtime>,
    ready: Arc<Readiness>,
    server: JoinHandle<()>,
    stopping: CancellationToken,
    relay_stopping: CancellationToken,
    tasks: TaskTracker,
    relay: JoinHandle<()>,
    drain: Duration,
    _lock: Lock,
}

impl App {
    /// Starts everything and returns when it serves. `sandbox`: where the stand-ins listen, which
    /// then get every request to the providers; none: requests go to the providers.
    ///
    /// # Errors
    /// Names what could not be started and what to do about it.
    pub async fn start(config: Config, sandbox: Option<SocketAddr>) -> anyhow::Result<Self> {
        Self::start_with_clock(config, sandbox, Arc::new(SystemClock)).await
    }

    /// [`App::start`] with another clock.
    ///
    /// # Errors
    /// As [`App::start`].
    pub async fn start_with_clock(
        config: Config,
        sandbox: Option<SocketAddr>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let data = DataFolder::open(&config.server.data)?;
        let lock = data.lock()?;
        // Before anything else: a port that is taken is reported at once.
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
        let context = AppContext::open(&config, &data, sandbox.as_ref(), clock).await?;
        let tokens = Arc::new(match &config.server.jwks {
            Some(file) => Tokens::from_jwks(file)?,
            None => Tokens::load_or_create(&config.server.token_key_file(&data))?,
        });
        let relay_stopping = CancellationToken::new();
        let relay = spawn_relay(&context.relay, relay_stopping.clone());
        let ready = Arc::new(Readiness::of(Arc::clone(&context.store) as _));
        let surface = assemble(&context, &config, &tokens, &ready).await?;
        let limits = connection_limits(&config);
        let bodies = ApiLimits {
            body_timeout: limits.body,
            ..ApiLimits::default()
        };
        let router = router(surface, bodies);
        let server = serve(listener, router, limits, context.stopping.clone());
        ready.set_ready();
        Ok(Self {
            api,
            sandbox,
            store: context.store,
            runtime: context.runtime,
            ready,
            server,
            stopping: context.stopping,
            relay_stopping,
            tasks: context.tasks,
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

    /// How much of the runtime's pool of instances is in use now.
    #[must_use]
    pub fn pool_in_use(&self) -> PoolUse {
        self.runtime.pool_in_use()
    }

    /// What an operator watches of the store.
    #[must_use]
    pub fn store_health(&self) -> &dyn StoreHealth {
        self.store.as_ref()
    }

    /// Refuses new requests, lets what runs end within the drain time, sends and stores what is
    /// left to send and store, and stops.
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
            Ok(served) => served.context("the server")?,
            Err(_) => tracing::warn!(
                drain_ms = self.drain.as_millis(),
                "stopped with work unfinished; the next start goes on with it"
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

/// The use cases of this process's role, with their background work.
async fn assemble(
    context: &AppContext,
    config: &Config,
    tokens: &Arc<Tokens>,
    ready: &Arc<Readiness>,
) -> anyhow::Result<Surface> {
    context.start().await?;
    let delivery_role = match config.server.role {
        Role::All | Role::Distribution => Some(DeliveryRole::start(context, config).await?),
        Role::Event => None,
    };
    spawn_housekeeping(context, config, delivery_role.as_ref());
    let local = delivery_role.map(|delivery_role| Arc::new(delivery_role.distributor));
    let distributor_for_publisher: Option<Arc<dyn Distributor>> = match (config.server.role, &local)
    {
        (Role::Distribution, _) => None,
        (_, Some(local)) => Some(Arc::clone(local) as _),
        (_, None) => {
            let remote = event_role::remote_distributor(context, config, tokens)?;
            Some(Arc::new(remote))
        }
    };
    let public = distributor_for_publisher
        .map(|distributor| event_role::start(context, config, distributor, Arc::clone(tokens)));
    let service = local.map(|local| ServiceState {
        events: Arc::clone(&context.store) as _,
        distributor: local,
        clock: Arc::clone(&context.clock),
        tokens: Arc::clone(tokens),
        tasks: context.tasks.clone(),
    });
    Ok(Surface {
        public,
        service,
        ready: Arc::clone(ready),
    })
}

fn spawn_housekeeping(context: &AppContext, config: &Config, delivery_role: Option<&DeliveryRole>) {
    let leases = LeaseKeeper {
        unit_of_work: Arc::clone(&context.store) as _,
        clock: Arc::clone(&context.clock),
        node: context.node,
        in_progress: Arc::clone(&context.in_progress),
        deliverer: delivery_role.map(|delivery_role| Arc::clone(&delivery_role.deliverer)),
    };
    context.spawn(|stopping| leases.run(stopping));
    let retention = Retention {
        journals: Arc::clone(&context.store) as _,
        unit_of_work: Arc::clone(&context.store) as _,
        clock: Arc::clone(&context.clock),
        keep: config.publish.journals_kept(),
        releases: Arc::clone(&context.releases),
        keep_rejected: config.server.rejected_kept(),
    };
    context.spawn(|stopping| retention.run(stopping));
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

/// As configured, but at most what the limit of open files allows.
fn connection_limits(config: &Config) -> ConnectionLimits {
    let limits = config.server.connections;
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let most = within_file_limit(limits.most, files);
    if most < limits.most {
        tracing::warn!(
            connections = most,
            configured = limits.most,
            files,
            "fewer connections than server.max_connections: half of the files that this process may open"
        );
    }
    ConnectionLimits { most, ..limits }
}
