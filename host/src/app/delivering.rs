//! The part of a process that drives deliveries: the roles `all` and `distribution`.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::distribute::{Breakers, Deliverer};
use baepo_domain::ports::StoreError;
use baepo_domain::recover::recover;

use super::parts::Parts;
use crate::config::Config;
use crate::worker::deliveries::LocalDistributor;
use crate::worker::timers::Timers;

/// What drives deliveries.
pub(super) struct Delivering {
    pub deliverer: Arc<Deliverer>,
    pub distributor: LocalDistributor,
}

impl Delivering {
    /// Begins to drive what is due, and what an earlier process left behind.
    pub(super) async fn begin(parts: &Parts, config: &Config) -> Result<Self, StoreError> {
        let deliverer = Arc::new(Deliverer {
            moves: Arc::clone(&parts.moves),
            channels: Arc::clone(&parts.runtime) as _,
            vault: Arc::clone(&parts.vault) as _,
            chance: Arc::clone(&parts.chance),
            retry: config.retry,
            breakers: Breakers::new(config.breaker),
        });
        let recovered = recover(&deliverer).await?;
        if recovered > 0 {
            tracing::info!(recovered, "deliveries that were cut off go on");
        }
        let distributor = LocalDistributor::new(
            Arc::clone(&deliverer),
            Arc::clone(&parts.changes),
            Duration::from_millis(config.publish.answer_within_ms),
            parts.tasks.clone(),
            parts.stopping.clone(),
        );
        let timers = Timers {
            deliverer: Arc::clone(&deliverer),
            changes: Arc::clone(&parts.changes),
            distributor: distributor.clone(),
        };
        let stopping = parts.stopping.clone();
        parts.tasks.spawn(async move { timers.run(stopping).await });
        Ok(Self {
            deliverer,
            distributor,
        })
    }
}
