//! A delivery never moves alone: what moves with it is in the same transaction.

use std::sync::Arc;

use jiff::Timestamp;

use self::batcher::{PendingTransition, TransitionRequest, TransitionResult};
use crate::model::attempt::Attempt;
use crate::model::delivery::{Delivery, DeliveryStatus};
use crate::model::distribution::Distribution;
use crate::model::event::Event;
use crate::model::id::MessageId;
use crate::model::node_identity::NodeIdentity;
use crate::model::outbox;
use crate::ports::clock::Clock;
use crate::ports::id_generator::IdGenerator;
use crate::ports::{CommitError, DeliveryObserver, Mutation, Relay, Store, StoreError};
use crate::usecases::conflict_backoff::ConflictBackoff;
use crate::usecases::in_progress::InProgress;

mod batcher;

pub use batcher::{DeliveryRef, Transition, TransitionBatcher};

/// Moves deliveries, with everything that moves with them.
pub struct Transitions {
    pub store: Arc<dyn Store>,
    pub relay: Arc<dyn Relay>,
    pub observer: Arc<dyn DeliveryObserver>,
    pub clock: Arc<dyn Clock>,
    pub ids: IdGenerator,
    pub node: NodeIdentity,
    pub batcher: TransitionBatcher,
    pub in_progress: Arc<InProgress>,
}

impl From<&Delivery> for DeliveryRef {
    fn from(delivery: &Delivery) -> Self {
        Self {
            delivery: delivery.id,
            distribution: delivery.distribution,
            event: delivery.event,
        }
    }
}

impl From<&Attempt> for DeliveryRef {
    fn from(attempt: &Attempt) -> Self {
        Self {
            delivery: attempt.delivery,
            distribution: attempt.distribution,
            event: attempt.beginning.event,
        }
    }
}

impl Transitions {
    /// Moves a delivery and everything that moves with it, in one transaction; `first` goes before
    /// all of it. `None`: the move is not possible any more.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn apply(
        &self,
        delivery_ref: DeliveryRef,
        to: Transition,
        first: Vec<Mutation>,
    ) -> TransitionResult {
        let batch = self.batcher.of(delivery_ref.distribution);
        let delivery = delivery_ref.delivery;
        let mut answered = batch.join(TransitionRequest {
            delivery,
            to,
            first,
        });
        let _turn = batch.turn().await;
        // Whoever had the turn before may have done it along with their own.
        if let Ok(Some(answer)) = answered.try_recv() {
            return answer;
        }
        self.apply_batch(delivery_ref, batch.take()).await;
        let gone = |_| Err(StoreError("whoever wrote it down has stopped".into()));
        answered.await.unwrap_or_else(gone)
    }

    async fn apply_batch(&self, delivery_ref: DeliveryRef, pending: Vec<PendingTransition>) {
        let request: Vec<&TransitionRequest> =
            pending.iter().map(|pending| &pending.request).collect();
        match self.try_apply(delivery_ref, &request).await {
            Ok(moved) => {
                for (pending, moved) in pending.into_iter().zip(moved) {
                    pending.answer(Ok(moved));
                }
            }
            // One of them was too late, or another host was faster: each by itself.
            Err(CommitError::Conflict(_)) => {
                for pending in pending {
                    let answer = self.apply_single(delivery_ref, &pending.request).await;
                    pending.answer(answer);
                }
            }
            Err(CommitError::Store(error)) => {
                let why = error.to_string();
                for pending in pending {
                    pending.answer(Err(StoreError(why.clone().into())));
                }
            }
        }
    }

    async fn apply_single(
        &self,
        delivery_ref: DeliveryRef,
        request: &TransitionRequest,
    ) -> TransitionResult {
        let mut contention = self.contention();
        loop {
            match self.try_apply(delivery_ref, &[request]).await {
                Ok(moved) => return Ok(moved.into_iter().next().flatten()),
                Err(CommitError::Conflict(_)) => contention.pause().await?,
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
    }

    pub(crate) fn contention(&self) -> ConflictBackoff<'_> {
        ConflictBackoff::new(self.clock.as_ref(), self.ids.chance())
    }

    /// Reads, decides and commits, once. The deliveries as they are then, where they could move.
    async fn try_apply(
        &self,
        delivery_ref: DeliveryRef,
        request: &[&TransitionRequest],
    ) -> Result<Vec<Option<Delivery>>, CommitError> {
        // The distribution first: whatever its revision vouches for is in the deliveries then. Read
        // the other way round, a delivery that settles in between is missed and not conflicted with.
        let both = async {
            let distribution = self.store.distribution(delivery_ref.distribution).await?;
            let deliveries = self.store.deliveries(delivery_ref.distribution).await?;
            Ok((distribution, deliveries))
        };
        let (event, (distribution, mut deliveries)) =
            futures::try_join!(self.store.event(delivery_ref.event), both)?;
        let event = event.ok_or_else(|| StoreError::missing("event", delivery_ref.event))?;
        let distribution = distribution
            .ok_or_else(|| StoreError::missing("distribution", delivery_ref.distribution))?;
        let now = self.clock.now();
        let mut changes = Vec::new();
        let mut moved = Vec::with_capacity(request.len());
        let mut anew = false;
        for request in request {
            let stored = deliveries
                .iter_mut()
                .find(|delivery| delivery.id == request.delivery);
            let stored = stored.ok_or_else(|| StoreError::missing("delivery", request.delivery))?;
            let next = (request.to)(stored.clone(), now).ok();
            if let Some(next) = &next {
                anew |= is_retry_of_failed(stored, next);
                // The next who asks for it builds on what is written here.
                *stored = Delivery {
                    revision: next.revision + 1,
                    ..next.clone()
                };
                changes.extend(request.first.iter().cloned());
                changes.push(Mutation::PutDelivery(next.clone()));
            }
            moved.push(next);
        }
        if changes.is_empty() {
            return Ok(moved);
        }
        let those: Vec<&Delivery> = moved.iter().flatten().collect();
        changes.extend(activation(event, &those, now));
        if anew || those.iter().any(|delivery| delivery.status.is_settled()) {
            let distribution = if anew {
                distribution.reopen()
            } else {
                distribution
            };
            changes.extend(self.completion(distribution, &deliveries, now));
        }
        self.store.commit(changes).await?;
        for delivery in those {
            self.observer.moved(delivery);
        }
        self.relay.wake();
        Ok(moved)
    }

    /// The distribution completes with the last delivery that settles.
    fn completion(
        &self,
        distribution: Distribution,
        deliveries: &[Delivery],
        now: Timestamp,
    ) -> Vec<Mutation> {
        let all_settled = deliveries
            .iter()
            .all(|delivery| delivery.status.is_settled());
        if !all_settled || distribution.completed_at.is_some() {
            // Its revision tells deliveries that settle, or are tried anew, at once on two hosts of
            // each other.
            return vec![Mutation::PutDistribution(distribution)];
        }
        let id = MessageId(self.ids.next());
        let message = outbox::distribution_completed(id, &distribution, deliveries, now);
        vec![
            Mutation::AddMessage {
                message,
                lease: self.node.lease_from(now),
            },
            Mutation::PutDistribution(distribution.complete(now)),
        ]
    }
}

/// A distribution with such a delivery is not complete any more. What was unknown and turns out not
/// to be there only goes on.
fn is_retry_of_failed(before: &Delivery, next: &Delivery) -> bool {
    before.status == DeliveryStatus::Failed && next.status == DeliveryStatus::Pending
}

/// The event becomes ACTIVE with the first delivery that the provider took.
fn activation(event: Event, moved: &[&Delivery], now: Timestamp) -> Option<Mutation> {
    let is_taken = |delivery: &&Delivery| {
        matches!(
            delivery.status,
            DeliveryStatus::Accepted | DeliveryStatus::Live
        )
    };
    let is_first = event.distributed_at.is_none() && moved.iter().any(is_taken);
    is_first.then(|| Mutation::PutEvent(event.activate(now)))
}
