//! What only the roles `all` and `distribution` have: deliveries are driven here.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::ports::StoreError;
use baepo_domain::usecases::deliver::{Breakers, Deliverer};

use super::context::AppContext;
use crate::config::Config;
use crate::worker::local_distributor::{DistributorParts, LocalDistributor};
use crate::worker::timers::Timers;

/// The parts that drive deliveries.
pub(super) struct DeliveryRole {
    pub deliverer: Arc<Deliverer>,
    pub distributor: LocalDistributor,
}

impl DeliveryRole {
    /// Begins to drive what is due, and what an earlier process left unfinished.
    pub(super) async fn start(context: &AppContext, config: &Config) -> Result<Self, StoreError> {
        let deliverer = Arc::new(Deliverer {
            transitions: Arc::clone(&context.transitions),
            unit_of_work: Arc::clone(&context.store) as _,
            events: Arc::clone(&context.store) as _,
            deliveries: Arc::clone(&context.store) as _,
            attempts: Arc::clone(&context.store) as _,
            journals: Arc::clone(&context.store) as _,
            releases: Arc::clone(&context.store) as _,
            accounts: context.accounts.clone(),
            channels: Arc::clone(&context.runtime) as _,
            observer: Arc::clone(&context.delivery_feed) as _,
            in_progress: Arc::clone(&context.in_progress),
            clock: Arc::clone(&context.clock),
            ids: context.ids.clone(),
            node: context.node,
            retry: config.retry,
            breakers: Breakers::new(config.breaker),
        });
        let reclaimed = deliverer.reclaim_all().await?;
        if reclaimed > 0 {
            tracing::info!(reclaimed, "reclaimed interrupted deliveries");
        }
        let distributor = LocalDistributor::new(DistributorParts {
            deliverer: Arc::clone(&deliverer),
            distributions: Arc::clone(&context.store) as _,
            deliveries: Arc::clone(&context.store) as _,
            unit_of_work: Arc::clone(&context.store) as _,
            clock: Arc::clone(&context.clock),
            ids: context.ids.clone(),
            delivery_feed: Arc::clone(&context.delivery_feed),
            answer_within: Duration::from_millis(config.publish.answer_within_ms),
            tasks: context.tasks.clone(),
            stopping: context.stopping.clone(),
        });
        let timers = Timers {
            due: Arc::clone(&context.store) as _,
            clock: Arc::clone(&context.clock),
            node: context.node,
            delivery_feed: Arc::clone(&context.delivery_feed),
            distributor: distributor.clone(),
        };
        context.spawn(|stopping| timers.run(stopping));
        Ok(Self {
            deliverer,
            distributor,
        })
    }
}
