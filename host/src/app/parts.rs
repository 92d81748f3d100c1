//! What the use cases of every role share.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use baepo_adapters::{KeyringVault, OwedDeletions, os_chance};
use baepo_domain::chance::Chance;
use baepo_domain::clock::Clock;
use baepo_domain::id::{HolderId, Ids};
use baepo_domain::membership::{Membership, Sharing};
use baepo_domain::moves::{Meetings, Moves};
use baepo_domain::ports::{Budgets, Channels, Signals, Store};
use baepo_domain::swap::Swap;
use baepo_runtime::Runtime;
use baepo_runtime::egress::{Egress, EgressConfig, Rewrite};
use baepo_sandbox::Sandbox;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::backends::Backends;
use super::folder::bring_channels;
use crate::config::Config;
use crate::data::DataFolder;
use crate::worker::changes::Changes;
use crate::worker::neighbours::Neighbours;
use crate::worker::relay::OutboxRelay;

/// What the use cases share.
pub(super) struct Parts {
    pub store: Arc<dyn Store>,
    pub runtime: Arc<Runtime>,
    pub vault: Arc<KeyringVault>,
    pub cache: Arc<OwedDeletions>,
    pub relay: Arc<OutboxRelay>,
    pub changes: Arc<Changes>,
    pub moves: Arc<Moves>,
    pub swap: Arc<Swap>,
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<Chance>,
    pub ids: Ids,
    pub member: Membership,
    pub stopping: CancellationToken,
    pub tasks: TaskTracker,
    signals: Vec<Arc<dyn Signals>>,
    channels_folder: Option<PathBuf>,
}

impl Parts {
    pub(super) async fn open(
        config: &Config,
        data: &DataFolder,
        sandbox: Option<&Sandbox>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let chance = Arc::new(os_chance());
        let ids = Ids::new(Arc::clone(&clock), Arc::clone(&chance));
        let holder = HolderId(ids.next());
        let backends = Backends::open(config, data, holder, &clock).await?;
        let mut runtime_config = config.runtime.clone();
        runtime_config
            .cache_dir
            .get_or_insert_with(|| data.compiled());
        let egress = Egress::new(egress_config(config, sandbox, backends.budgets)?)?;
        let runtime = Runtime::new(runtime_config, egress, Arc::clone(&clock))?;
        let member = Membership {
            holder,
            lease: Duration::from_millis(config.publish.lease_ms),
            sharing: backends.sharing,
        };
        let relay = OutboxRelay::new(
            Arc::clone(&backends.store),
            backends.bus,
            Arc::clone(&clock),
            member,
        );
        let swap = Swap {
            store: Arc::clone(&backends.store),
            channels: Arc::clone(&runtime) as Arc<dyn Channels>,
            clock: Arc::clone(&clock),
            ids: ids.clone(),
            others: backends.signals.clone(),
        };
        let relay = Arc::new(relay);
        let changes = Arc::new(Changes::shared(backends.signals.clone()));
        let moves = Moves {
            store: Arc::clone(&backends.store),
            relay: Arc::clone(&relay) as _,
            observer: Arc::clone(&changes) as _,
            clock: Arc::clone(&clock),
            ids: ids.clone(),
            member,
            meetings: Meetings::default(),
            in_progress: Arc::default(),
        };
        let vault = KeyringVault::load_or_create(&config.server.vault_key_file(data))?;
        Ok(Self {
            store: backends.store,
            runtime,
            vault: Arc::new(vault),
            cache: backends.cache,
            relay,
            changes,
            moves: Arc::new(moves),
            swap: Arc::new(swap),
            clock,
            chance,
            ids,
            member,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            signals: backends.signals,
            channels_folder: config.server.channels.clone(),
        })
    }

    /// Loads the channels, and begins what every role does in the background.
    pub(super) async fn begin(&self) -> anyhow::Result<()> {
        bring_channels(&self.swap, self.channels_folder.as_deref()).await?;
        let (cache, stopping) = (Arc::clone(&self.cache), self.stopping.clone());
        self.tasks.spawn(async move {
            tokio::select! {
                () = cache.run() => {}
                () = stopping.cancelled() => {}
            }
        });
        if self.member.sharing == Sharing::Shared {
            let neighbours = Neighbours {
                signals: self.signals.clone(),
                changes: Arc::clone(&self.changes),
                swap: Arc::clone(&self.swap),
                clock: Arc::clone(&self.clock),
            };
            let stopping = self.stopping.clone();
            self.tasks
                .spawn(async move { neighbours.run(stopping).await });
        }
        Ok(())
    }
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
