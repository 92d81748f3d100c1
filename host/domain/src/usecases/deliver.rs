//! One delivery, driven step by step until it is settled: by this process, or by the next.

use std::sync::Arc;

use jiff::Timestamp;

use crate::model::delivery::{Delivery, DeliveryStatus};
use crate::model::id::DeliveryId;
use crate::model::node_identity::ReclaimScope;
use crate::model::retry::RetryPolicy;
use crate::ports::chance::Chance;
use crate::ports::{Channels, StoreError, Vault};
use crate::usecases::transitions::{DeliveryRef, Transitions};

mod begin;
mod breakers;
mod journal;
mod offer;
mod probe;
mod resume;
mod run;

pub use breakers::Breakers;

/// The use case, with what it needs.
pub struct Deliverer {
    pub transitions: Arc<Transitions>,
    pub channels: Arc<dyn Channels>,
    pub vault: Arc<dyn Vault>,
    pub chance: Arc<Chance>,
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
            return self.reclaim_stale_claim(&delivery).await;
        };
        if self.transitions.clock.now() < due_at {
            return Ok(NextStep::At(due_at));
        }
        match (delivery.status, delivery.attempt) {
            (DeliveryStatus::Unknown, _) => self.probe(delivery).await,
            (_, Some(attempt)) => self.resume(delivery, attempt).await,
            (_, None) => self.begin(delivery).await,
        }
    }

    /// Takes over what nobody works on any more: it is due at once.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn reclaim(&self, id: DeliveryId, claims: ReclaimScope) -> Result<(), StoreError> {
        let delivery = self.find(id).await?;
        let reclaim = move |delivery: Delivery, now| match delivery.lease {
            Some(lease) if claims.include(lease) => Ok(delivery.reclaim(now)),
            Some(_) | None => Err(delivery.stale_transition()),
        };
        self.transitions
            .apply(DeliveryRef::from(&delivery), Arc::new(reclaim), Vec::new())
            .await?;
        Ok(())
    }

    /// Takes up what nobody has claimed and nobody would come back to: it is due at once. The bus has
    /// its event, or the event's publish would not be over.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn reclaim_orphan(&self, id: DeliveryId) -> Result<(), StoreError> {
        let delivery = self.find(id).await?;
        let reclaim_orphan = move |delivery: Delivery, now| {
            if delivery.is_orphan() {
                Ok(delivery.sleep(now, now))
            } else {
                Err(delivery.stale_transition())
            }
        };
        self.transitions
            .apply(
                DeliveryRef::from(&delivery),
                Arc::new(reclaim_orphan),
                Vec::new(),
            )
            .await?;
        Ok(())
    }

    async fn find(&self, id: DeliveryId) -> Result<Delivery, StoreError> {
        let found = self.transitions.store.delivery(id).await?;
        found.ok_or_else(|| StoreError::missing("delivery", id))
    }

    /// A claim of this process that nobody works on: the store had said no to it and had written it
    /// all the same.
    async fn reclaim_stale_claim(&self, delivery: &Delivery) -> Result<NextStep, StoreError> {
        let holder = self.transitions.node.holder;
        let is_own = delivery.lease.is_some_and(|lease| lease.holder == holder);
        if !is_own || self.transitions.in_progress.contains(delivery.id) {
            return Ok(NextStep::Done);
        }
        let reclaim_stale_claim = move |delivery: Delivery, now| match delivery.lease {
            Some(lease) if lease.holder == holder => Ok(delivery.reclaim(now)),
            Some(_) | None => Err(delivery.stale_transition()),
        };
        let changed = self
            .transitions
            .apply(
                DeliveryRef::from(delivery),
                Arc::new(reclaim_stale_claim),
                Vec::new(),
            )
            .await?;
        Ok(changed.as_ref().map_or(NextStep::Done, next))
    }
}

fn next(delivery: &Delivery) -> NextStep {
    delivery.due_at.map_or(NextStep::Done, NextStep::At)
}
