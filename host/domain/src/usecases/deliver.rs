//! One delivery, driven step by step until it is settled: by this process, or by the next.

use std::sync::Arc;

use jiff::Timestamp;

use crate::model::delivery::{Delivery, DeliveryStatus};
use crate::model::id::DeliveryId;
use crate::model::node_identity::NodeIdentity;
use crate::model::retry::RetryPolicy;
use crate::ports::clock::Clock;
use crate::ports::id_generator::IdGenerator;
use crate::ports::{
    AttemptStore, Channels, DeliveryObserver, DeliveryStore, EventStore, JournalStore,
    ReleaseStore, StoreError, UnitOfWork,
};
use crate::usecases::accounts::AccountReader;
use crate::usecases::in_progress::InProgress;
use crate::usecases::transitions::Transitions;

mod begin;
mod breakers;
mod journal;
mod offer;
mod probe;
mod reclaim;
mod resume;
mod run;

pub use breakers::Breakers;

/// The use case, with what it needs.
pub struct Deliverer {
    pub transitions: Arc<Transitions>,
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub events: Arc<dyn EventStore>,
    pub deliveries: Arc<dyn DeliveryStore>,
    pub attempts: Arc<dyn AttemptStore>,
    pub journals: Arc<dyn JournalStore>,
    pub releases: Arc<dyn ReleaseStore>,
    pub accounts: AccountReader,
    pub channels: Arc<dyn Channels>,
    pub observer: Arc<dyn DeliveryObserver>,
    pub in_progress: Arc<InProgress>,
    pub clock: Arc<dyn Clock>,
    pub ids: IdGenerator,
    pub node: NodeIdentity,
    pub retry: RetryPolicy,
    pub breakers: Breakers,
}

/// What to do with a delivery after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// Nothing: it is settled, or somebody else drives it.
    Done,
    /// Come back at that time.
    At(Timestamp),
}

impl Deliverer {
    /// Does what is ordered or due: begins an attempt, goes on with one, or asks whether a post is out.
    /// Returns when the attempt has ended or sleeps. Within a process, one caller at a time.
    ///
    /// # Errors
    /// When the store cannot answer; calling again goes on.
    pub async fn step(self: &Arc<Self>, id: DeliveryId) -> Result<NextStep, StoreError> {
        let delivery = self.find(id).await?;
        if delivery.awaits_order() {
            return self.begin(delivery).await;
        }
        let Some(due_at) = delivery.due_at else {
            return self.reclaim_own(&delivery).await;
        };
        if self.clock.now() < due_at {
            return Ok(NextStep::At(due_at));
        }
        match (delivery.status, delivery.attempt) {
            (DeliveryStatus::Unknown, _) => self.probe(delivery).await,
            (_, Some(attempt)) => self.resume(delivery, attempt).await,
            (_, None) => self.begin(delivery).await,
        }
    }

    async fn find(&self, id: DeliveryId) -> Result<Delivery, StoreError> {
        let found = self.deliveries.delivery(id).await?;
        found.ok_or_else(|| StoreError::missing("delivery", id))
    }
}

fn next(delivery: &Delivery) -> NextStep {
    delivery.due_at.map_or(NextStep::Done, NextStep::At)
}
