//! One delivery, driven step by step until it is settled: by this process, or by the next.

use std::sync::Arc;

use jiff::Timestamp;

use crate::chance::Chance;
use crate::delivery::{Delivery, DeliveryStatus};
use crate::id::DeliveryId;
use crate::moves::{Moves, Spot};
use crate::ports::{Abandoned, Channels, StoreError, Vault};
use crate::retry::RetryPolicy;

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
    pub moves: Arc<Moves>,
    pub channels: Arc<dyn Channels>,
    pub vault: Arc<dyn Vault>,
    pub chance: Arc<Chance>,
    pub retry: RetryPolicy,
    pub breakers: Breakers,
}

/// What to do with a delivery after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
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
    pub async fn step(self: &Arc<Self>, id: DeliveryId) -> Result<Next, StoreError> {
        let delivery = self.find(id).await?;
        if delivery.waits_for_its_order() {
            return self.begin(delivery).await;
        }
        let Some(due_at) = delivery.due_at else {
            return self.let_go(&delivery).await;
        };
        if self.moves.clock.now() < due_at {
            return Ok(Next::At(due_at));
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
    pub async fn abandon(&self, id: DeliveryId, claims: Abandoned) -> Result<(), StoreError> {
        let delivery = self.find(id).await?;
        let abandon = move |delivery: Delivery, now| match delivery.lease {
            Some(lease) if claims.include(lease) => Ok(delivery.abandon(now)),
            Some(_) | None => Err(delivery.lost()),
        };
        self.moves
            .change(Spot::from(&delivery), Arc::new(abandon), Vec::new())
            .await?;
        Ok(())
    }

    /// Takes up what nobody has claimed and nobody would come back to: it is due at once. The bus has
    /// its event, or the event's publish would not be over.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn adopt(&self, id: DeliveryId) -> Result<(), StoreError> {
        let delivery = self.find(id).await?;
        let adopt = move |delivery: Delivery, now| {
            if delivery.is_orphan() {
                Ok(delivery.sleep(now, now))
            } else {
                Err(delivery.lost())
            }
        };
        self.moves
            .change(Spot::from(&delivery), Arc::new(adopt), Vec::new())
            .await?;
        Ok(())
    }

    async fn find(&self, id: DeliveryId) -> Result<Delivery, StoreError> {
        let found = self.moves.store.delivery(id).await?;
        found.ok_or_else(|| StoreError::missing("delivery", id))
    }

    /// A claim of this process that nobody works on: the store had said no to it and had written it
    /// all the same.
    async fn let_go(&self, delivery: &Delivery) -> Result<Next, StoreError> {
        let holder = self.moves.member.holder;
        let is_own = delivery.lease.is_some_and(|lease| lease.holder == holder);
        if !is_own || self.moves.in_progress.contains(delivery.id) {
            return Ok(Next::Done);
        }
        let let_go = move |delivery: Delivery, now| match delivery.lease {
            Some(lease) if lease.holder == holder => Ok(delivery.abandon(now)),
            Some(_) | None => Err(delivery.lost()),
        };
        let changed = self
            .moves
            .change(Spot::from(delivery), Arc::new(let_go), Vec::new())
            .await?;
        Ok(changed.as_ref().map_or(Next::Done, next))
    }
}

fn next(delivery: &Delivery) -> Next {
    delivery.due_at.map_or(Next::Done, Next::At)
}
