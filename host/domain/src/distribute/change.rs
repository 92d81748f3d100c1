//! A delivery never moves alone: what moves with it is in the same transaction.

use jiff::Timestamp;

use super::Deliverer;
use crate::delivery::{Delivery, DeliveryStatus, InvalidTransition};
use crate::id::{DeliveryId, MessageId};
use crate::outbox;
use crate::ports::{Abandoned, Change, CommitError, StoreError};

/// How a delivery moves, given the time.
pub(super) type Move<'a> =
    &'a (dyn Fn(Delivery, Timestamp) -> Result<Delivery, InvalidTransition> + Sync);

impl Deliverer {
    /// Moves a delivery and everything that moves with it, in one transaction; `first` goes before
    /// all of it. `None`: the move is not possible any more.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub(super) async fn change(
        &self,
        id: DeliveryId,
        change: Move<'_>,
        first: &[Change],
    ) -> Result<Option<Delivery>, StoreError> {
        loop {
            let Some(delivery) = self.store.delivery(id).await? else {
                return Ok(None);
            };
            let _meeting = self.meetings.of(delivery.distribution).await;
            let Some(delivery) = self.store.delivery(id).await? else {
                return Ok(None);
            };
            let now = self.clock.now();
            let Ok(delivery) = change(delivery, now) else {
                return Ok(None);
            };
            let mut changes = first.to_vec();
            changes.extend(self.consequences(&delivery, now).await?);
            changes.push(Change::PutDelivery(delivery.clone()));
            match self.store.commit(changes).await {
                Ok(()) => {
                    self.observer.moved(&delivery);
                    self.relay.wake();
                    return Ok(Some(delivery));
                }
                Err(CommitError::Conflict(_)) => {}
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
    }

    /// What else changes with a delivery: the event becomes ACTIVE with the first that the
    /// provider took, and the distribution completes with the last that settles.
    async fn consequences(
        &self,
        moved: &Delivery,
        now: Timestamp,
    ) -> Result<Vec<Change>, StoreError> {
        let mut changes = Vec::new();
        if matches!(
            moved.status,
            DeliveryStatus::Accepted | DeliveryStatus::Live
        ) {
            let event = self.store.event(moved.event).await?;
            let approved = event.filter(|event| event.distributed_at.is_none());
            changes.extend(approved.map(|event| Change::PutEvent(event.activate(now))));
        }
        if !moved.status.is_settled() {
            return Ok(changes);
        }
        let Some(distribution) = self.store.distribution(moved.distribution).await? else {
            return Ok(changes);
        };
        let mut deliveries = self.store.deliveries(moved.distribution).await?;
        for delivery in &mut deliveries {
            if delivery.id == moved.id {
                delivery.clone_from(moved);
            }
        }
        let all_settled = deliveries
            .iter()
            .all(|delivery| delivery.status.is_settled());
        if all_settled && distribution.completed_at.is_none() {
            let id = MessageId(self.ids.next());
            let message = outbox::distribution_completed(id, &distribution, &deliveries, now);
            changes.push(Change::AddMessage {
                message,
                lease: self.new_lease(now),
            });
            changes.push(Change::PutDistribution(distribution.complete(now)));
        } else {
            // Its revision tells deliveries that settle at once, on two hosts, of each other.
            changes.push(Change::PutDistribution(distribution));
        }
        Ok(changes)
    }

    /// Takes over what nobody works on any more: it is due at once.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn abandon(&self, id: DeliveryId, claims: Abandoned) -> Result<(), StoreError> {
        let abandon = |delivery: Delivery, now| match delivery.lease {
            Some(lease) if claims.include(lease) => Ok(delivery.abandon(now)),
            Some(_) | None => Err(InvalidTransition {
                from: delivery.status,
                to: delivery.status,
            }),
        };
        self.change(id, &abandon, &[]).await?;
        Ok(())
    }
}
