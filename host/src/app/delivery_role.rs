//! The part of a process that drives deliveries: the roles `all` and `distribution`.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::ports::StoreError;
use baepo_domain::usecases::deliver::{Breakers, Deliverer};
use baepo_domain::usecases::reclaim::recover;

use super::context::AppContext;
use crate::config::Config;
use crate::worker::local_distributor::LocalDistributor;
use crate::worker::timers::Timers;

/// What drives deliveries.
pub(super) struct DeliveryRole {
    pub deliverer: Arc<Deliverer>,
    pub distributor: LocalDistributor,
}

impl DeliveryRole {
    /// Begins to drive what is due, and what an earlier process left behind.
    pub(super) async fn start(context: &AppContext, config: &Config) -> Result<Self, StoreError> {
        let deliverer = Arc::new(Deliverer {
            transitions: Arc::clone(&context.transitions),
            channels: Arc::clone(&context.runtime) as _,
            vault: Arc::clone(&context.vault) as _,
            chance: Arc::clone(&context.chance),
            retry: config.retry,
            breakers: Breakers::new(config.breaker),
        });
        let reclaimed = recover(&deliverer).await?;
        if reclaimed > 0 {
            tracing::info!(reclaimed, "deliveries that were cut off go on");
        }
        let distributor = LocalDistributor::new(
            Arc::clone(&deliverer),
            Arc::clone(&context.delivery_feed),
            Duration::from_millis(config.publish.answer_within_ms),
            context.tasks.clone(),
            context.stopping.clone(),
        );
        let timers = Timers {
            deliverer: Arc::clone(&deliverer),
            delivery_feed: Arc::clone(&context.delivery_feed),
            distributor: distributor.clone(),
        };
        let stopping = context.stopping.clone();
        context
            .tasks
            .spawn(async move { timers.run(stopping).await });
        Ok(Self {
            deliverer,
            distributor,
        })
    }
}
