//! Steps 3 to 9 of a publication (ARCHITECTURE.md): what is written down is announced, distributed and answered.

use std::convert::Infallible;
use std::pin::pin;

use futures::future::{Either, select};

use super::{Announcement, Publication, PublishError, PublishOutcome, PublishRun, Publisher};
use crate::model::delivery::result::DeliveryResult;
use crate::model::delivery::{Delivery, DeliveryStatus};
use crate::model::id::EventId;
use crate::model::idempotency::IdempotencyRecord;
use crate::model::outbox;
use crate::model::reason::Reason;
use crate::model::time::after;
use crate::ports::{DistributorError, Mutation, StoreError};
use crate::usecases::failpoint;

impl Publisher {
    /// Steps 3 to 9: everything here may be repeated after a crash. The event's lease is renewed
    /// meanwhile, by nobody else: when this future is dropped, somebody takes the publish over.
    pub(super) async fn drive(&self, run: PublishRun) -> Result<Publication, PublishError> {
        let renewals = pin!(self.keep_lease(run.event));
        match select(pin!(self.drive_to_end(run)), renewals).await {
            Either::Left((answer, _)) => answer,
            Either::Right((never, _)) => match never {},
        }
    }

    async fn keep_lease(&self, event: EventId) -> Infallible {
        loop {
            self.clock.sleep(self.node.renew_every()).await;
            let lease = self.node.lease_from(self.clock.now());
            // A process that has lost it does nothing that the new holder could repeat.
            let _ = self
                .unit_of_work
                .commit(vec![Mutation::RenewPublish { event, lease }])
                .await;
        }
    }

    async fn drive_to_end(&self, run: PublishRun) -> Result<Publication, PublishError> {
        self.relay.wake();
        if !self.is_announced(&run).await? {
            let wait = self.limits.acknowledgement;
            let why = Reason::NotAnnounced { within: wait }.text();
            let ending = PublishOutcome::Underway {
                why,
                retry_after: wait,
            };
            return self.answer(run, Vec::new(), ending).await;
        }
        failpoint::point("publish.announced");
        match self.distributor.distribute(run.order.clone()).await {
            Ok(results) => {
                failpoint::point("publish.distributed");
                let selected =
                    |result: &DeliveryResult| run.order.channels.contains(&result.channel);
                let results: Vec<DeliveryResult> = results.into_iter().filter(selected).collect();
                let ending = PublishOutcome::of(&results);
                self.answer(run, results, ending).await
            }
            Err(DistributorError::Unavailable { why, retry_after }) => {
                self.answer(
                    run,
                    Vec::new(),
                    PublishOutcome::Underway { why, retry_after },
                )
                .await
            }
            // It was written before it was ordered.
            Err(DistributorError::NotFound) => {
                Err(StoreError::missing("distribution", run.order.distribution).into())
            }
            Err(DistributorError::Store(error)) => Err(error.into()),
        }
    }

    /// Whether the bus has the event, after waiting for it.
    async fn is_announced(&self, run: &PublishRun) -> Result<bool, StoreError> {
        let message = outbox::announcement(run.order.distribution);
        if run.announcement == Announcement::PriorPublish {
            let sent = self.outbox.message(message).await?;
            if sent.is_none_or(|row| row.sent_at.is_some()) {
                return Ok(true);
            }
        }
        let wait = self.limits.acknowledgement;
        Ok(self.relay.acknowledged(message, wait).await)
    }

    /// Drops the event's lease and keeps the answer for repeats. A publish that is underway is only
    /// postponed, which says that somebody must go on with it.
    async fn answer(
        &self,
        run: PublishRun,
        results: Vec<DeliveryResult>,
        ending: PublishOutcome,
    ) -> Result<Publication, PublishError> {
        let mut contention = self.contention();
        loop {
            let event = self.events.event(run.event).await?;
            let event = event.ok_or_else(|| StoreError::missing("event", run.event))?;
            let go_on_after = match &ending {
                PublishOutcome::Underway { retry_after, .. } => Some(*retry_after),
                PublishOutcome::Distributed | PublishOutcome::AllFailed => {
                    let waiting = self.any_awaits_order(&run, &results).await?;
                    waiting.then_some(self.node.lease)
                }
            };
            let publication = Publication {
                event: event.id,
                status: event.status,
                distribution: run.order.distribution,
                results: results.clone(),
                ending: ending.clone(),
            };
            let purpose = crate::model::event::last_objective_key(&event.owner);
            let reclaim_stale_claim = match go_on_after {
                Some(pause) => event.postpone(self.node.holder, after(self.clock.now(), pause)),
                None => event.drop_lease(self.node.holder),
            };
            let mut changes = vec![Mutation::PutEvent(reclaim_stale_claim)];
            if let Some(record) = run.record.clone() {
                let answer = serde_json::to_value(&publication).ok();
                changes.push(Mutation::PutIdempotency(IdempotencyRecord {
                    answer,
                    ..record
                }));
            }
            let commit = self.unit_of_work.commit(changes).await;
            if contention.committed(commit).await? {
                failpoint::point("publish.answered");
                // A cache that is down must not fail a publish; its entry expires by itself.
                let _ = self.cache.delete(&purpose).await;
                return Ok(publication);
            }
        }
    }

    /// Deliveries that nobody has begun yet are known to nobody but this publish.
    async fn any_awaits_order(
        &self,
        run: &PublishRun,
        results: &[DeliveryResult],
    ) -> Result<bool, StoreError> {
        let pending = |result: &DeliveryResult| result.status == DeliveryStatus::Pending;
        if !results.iter().any(pending) {
            return Ok(false);
        }
        let deliveries = self.deliveries.deliveries(run.order.distribution).await?;
        Ok(deliveries.iter().any(Delivery::awaits_order))
    }
}
