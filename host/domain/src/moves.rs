//! A delivery never moves alone: what moves with it is in the same transaction.

use std::sync::Arc;

use jiff::Timestamp;

use self::meetings::{Answer, Waiting};
use crate::attempt::Attempt;
use crate::clock::Clock;
use crate::delivery::{Delivery, DeliveryStatus, InvalidTransition};
use crate::distribution::Distribution;
use crate::event::Event;
use crate::id::{DeliveryId, DistributionId, EventId, Ids, MessageId};
use crate::in_progress::InProgress;
use crate::membership::Membership;
use crate::outbox;
use crate::ports::{Change, CommitError, Observer, Relay, Store, StoreError};
use crate::retry::Contention;

mod meetings;

pub use meetings::Meetings;

/// Moves deliveries, with everything that moves with them.
pub struct Moves {
    pub store: Arc<dyn Store>,
    pub relay: Arc<dyn Relay>,
    pub observer: Arc<dyn Observer>,
    pub clock: Arc<dyn Clock>,
    pub ids: Ids,
    pub member: Membership,
    pub meetings: Meetings,
    pub in_progress: Arc<InProgress>,
}

/// How a delivery moves, given the time.
pub(crate) type Move =
    Arc<dyn Fn(Delivery, Timestamp) -> Result<Delivery, InvalidTransition> + Send + Sync>;

/// Which delivery, and what it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub delivery: DeliveryId,
    pub distribution: DistributionId,
    pub event: EventId,
}

/// A move, and the changes that go before it in the same transaction.
pub(crate) struct Asked {
    delivery: DeliveryId,
    to: Move,
    first: Vec<Change>,
}

impl From<&Delivery> for Spot {
    fn from(delivery: &Delivery) -> Self {
        Self {
            delivery: delivery.id,
            distribution: delivery.distribution,
            event: delivery.event,
        }
    }
}

impl From<&Attempt> for Spot {
    fn from(attempt: &Attempt) -> Self {
        Self {
            delivery: attempt.delivery,
            distribution: attempt.distribution,
            event: attempt.beginning.event,
        }
    }
}

impl Moves {
    /// Moves a delivery and everything that moves with it, in one transaction; `first` goes before
    /// all of it. `None`: the move is not possible any more.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub(crate) async fn change(&self, spot: Spot, to: Move, first: Vec<Change>) -> Answer {
        let meeting = self.meetings.of(spot.distribution);
        let delivery = spot.delivery;
        let mut answered = meeting.join(Asked {
            delivery,
            to,
            first,
        });
        let _turn = meeting.turn().await;
        // Whoever had the turn before may have done it along with their own.
        if let Ok(Some(answer)) = answered.try_recv() {
            return answer;
        }
        self.change_together(spot, meeting.take()).await;
        let gone = |_| Err(StoreError("whoever wrote it down has stopped".into()));
        answered.await.unwrap_or_else(gone)
    }

    async fn change_together(&self, spot: Spot, waiting: Vec<Waiting>) {
        let asked: Vec<&Asked> = waiting.iter().map(|waiting| &waiting.asked).collect();
        match self.try_change(spot, &asked).await {
            Ok(moved) => {
                for (waiting, moved) in waiting.into_iter().zip(moved) {
                    waiting.answer(Ok(moved));
                }
            }
            // One of them was too late, or another host was faster: each by itself.
            Err(CommitError::Conflict(_)) => {
                for waiting in waiting {
                    let answer = self.change_alone(spot, &waiting.asked).await;
                    waiting.answer(answer);
                }
            }
            Err(CommitError::Store(error)) => {
                let why = error.to_string();
                for waiting in waiting {
                    waiting.answer(Err(StoreError(why.clone().into())));
                }
            }
        }
    }

    async fn change_alone(&self, spot: Spot, asked: &Asked) -> Answer {
        let mut contention = self.contention();
        loop {
            match self.try_change(spot, &[asked]).await {
                Ok(moved) => return Ok(moved.into_iter().next().flatten()),
                Err(CommitError::Conflict(_)) => contention.pause().await?,
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
    }

    pub(crate) fn contention(&self) -> Contention<'_> {
        Contention::new(self.clock.as_ref(), self.ids.chance())
    }

    /// Reads, decides and commits, once. The deliveries as they are then, where they could move.
    async fn try_change(
        &self,
        spot: Spot,
        asked: &[&Asked],
    ) -> Result<Vec<Option<Delivery>>, CommitError> {
        // The distribution first: whatever its revision vouches for is in the deliveries then. Read
        // the other way round, a delivery that settles in between is missed and not conflicted with.
        let both = async {
            let distribution = self.store.distribution(spot.distribution).await?;
            let deliveries = self.store.deliveries(spot.distribution).await?;
            Ok((distribution, deliveries))
        };
        let (event, (distribution, mut deliveries)) =
            futures::try_join!(self.store.event(spot.event), both)?;
        let event = event.ok_or_else(|| StoreError::missing("event", spot.event))?;
        let distribution =
            distribution.ok_or_else(|| StoreError::missing("distribution", spot.distribution))?;
        let now = self.clock.now();
        let mut changes = Vec::new();
        let mut moved = Vec::with_capacity(asked.len());
        let mut anew = false;
        for asked in asked {
            let stored = deliveries
                .iter_mut()
                .find(|delivery| delivery.id == asked.delivery);
            let stored = stored.ok_or_else(|| StoreError::missing("delivery", asked.delivery))?;
            let next = (asked.to)(stored.clone(), now).ok();
            if let Some(next) = &next {
                anew |= is_tried_anew(stored, next);
                // The next who asks for it builds on what is written here.
                *stored = Delivery {
                    revision: next.revision + 1,
                    ..next.clone()
                };
                changes.extend(asked.first.iter().cloned());
                changes.push(Change::PutDelivery(next.clone()));
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
    ) -> Vec<Change> {
        let all_settled = deliveries
            .iter()
            .all(|delivery| delivery.status.is_settled());
        if !all_settled || distribution.completed_at.is_some() {
            // Its revision tells deliveries that settle, or are tried anew, at once on two hosts of
            // each other.
            return vec![Change::PutDistribution(distribution)];
        }
        let id = MessageId(self.ids.next());
        let message = outbox::distribution_completed(id, &distribution, deliveries, now);
        vec![
            Change::AddMessage {
                message,
                lease: self.member.lease_from(now),
            },
            Change::PutDistribution(distribution.complete(now)),
        ]
    }
}

/// A distribution with such a delivery is not complete any more. What was unknown and turns out not
/// to be there only goes on.
fn is_tried_anew(before: &Delivery, next: &Delivery) -> bool {
    before.status == DeliveryStatus::Failed && next.status == DeliveryStatus::Pending
}

/// The event becomes ACTIVE with the first delivery that the provider took.
fn activation(event: Event, moved: &[&Delivery], now: Timestamp) -> Option<Change> {
    let is_taken = |delivery: &&Delivery| {
        matches!(
            delivery.status,
            DeliveryStatus::Accepted | DeliveryStatus::Live
        )
    };
    let is_first = event.distributed_at.is_none() && moved.iter().any(is_taken);
    is_first.then(|| Change::PutEvent(event.activate(now)))
}
