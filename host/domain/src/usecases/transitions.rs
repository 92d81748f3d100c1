//! Transitions of deliveries, each in one transaction with everything that depends on it: the event,
//! the distribution and its message.

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
use crate::ports::{
    CommitError, DeliveryObserver, DeliveryStore, DistributionStore, EventStore, Mutation, Relay,
    StoreError, UnitOfWork,
};
use crate::usecases::conflict_backoff::ConflictBackoff;

mod batcher;

pub use batcher::{DeliveryRef, Transition, TransitionBatcher};

/// Makes transitions of deliveries, with everything that depends on them.
pub struct Transitions {
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub events: Arc<dyn EventStore>,
    pub distributions: Arc<dyn DistributionStore>,
    pub deliveries: Arc<dyn DeliveryStore>,
    pub relay: Arc<dyn Relay>,
    pub observer: Arc<dyn DeliveryObserver>,
    pub clock: Arc<dyn Clock>,
    pub ids: IdGenerator,
    pub node: NodeIdentity,
    pub batcher: TransitionBatcher,
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
    /// Makes a transition and everything that depends on it in one transaction, after the mutations
    /// `first`. `None`: the transition is not possible any more.
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
        // The task that had the turn before may have made this transition along with its own.
        if let Ok(Some(answer)) = answered.try_recv() {
            return answer;
        }
        self.apply_batch(delivery_ref, batch.take()).await;
        let gone = |_| Err(StoreError("the writing task has stopped".into()));
        answered.await.unwrap_or_else(gone)
    }

    async fn apply_batch(&self, delivery_ref: DeliveryRef, pending: Vec<PendingTransition>) {
        let requests: Vec<&TransitionRequest> =
            pending.iter().map(|pending| &pending.request).collect();
        match self.try_apply(delivery_ref, &requests).await {
            Ok(moved) => {
                for (pending, moved) in pending.into_iter().zip(moved) {
                    pending.answer(Ok(moved));
                }
            }
            // One of them is not possible any more, or another host was faster: each by itself.
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
        let mut contention = ConflictBackoff::new(self.clock.as_ref(), self.ids.chance());
        loop {
            match self.try_apply(delivery_ref, &[request]).await {
                Ok(moved) => return Ok(moved.into_iter().next().flatten()),
                Err(CommitError::Conflict(_)) => contention.pause().await?,
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
    }

    /// Reads, decides and commits, once. Returns the deliveries whose transition was possible.
    async fn try_apply(
        &self,
        delivery_ref: DeliveryRef,
        requests: &[&TransitionRequest],
    ) -> Result<Vec<Option<Delivery>>, CommitError> {
        // The distribution first: a delivery that settles after it was read changes its revision, which
        // is a conflict. Read in the other order, such a delivery would be missed.
        let both = async {
            let distribution = self
                .distributions
                .distribution(delivery_ref.distribution)
                .await?;
            let deliveries = self
                .deliveries
                .deliveries(delivery_ref.distribution)
                .await?;
            Ok((distribution, deliveries))
        };
        let (event, (distribution, mut deliveries)) =
            futures::try_join!(self.events.event(delivery_ref.event), both)?;
        let event = event.ok_or_else(|| StoreError::missing("event", delivery_ref.event))?;
        let distribution = distribution
            .ok_or_else(|| StoreError::missing("distribution", delivery_ref.distribution))?;
        let now = self.clock.now();
        let mut changes = Vec::new();
        let mut moved = Vec::with_capacity(requests.len());
        let mut anew = false;
        for request in requests {
            let stored = deliveries
                .iter_mut()
                .find(|delivery| delivery.id == request.delivery);
            let stored = stored.ok_or_else(|| StoreError::missing("delivery", request.delivery))?;
            let next = (request.to)(stored.clone(), now).ok();
            if let Some(next) = &next {
                anew |= is_retry_of_failed(stored, next);
                // The next request for this delivery builds on what is written here.
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
        self.unit_of_work.commit(changes).await?;
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
            // Its revision makes deliveries conflict that settle, or are retried, at once on two hosts.
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

/// A distribution with such a delivery is not complete any more. A delivery whose post turns out not
/// to exist was not settled, and only continues.
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
