//! Drives deliveries in this process: all channels of a distribution in parallel, one task per
//! delivery.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::delivery::result::DeliveryResult;
use baepo_domain::model::delivery::{Delivery, DeliveryStatus, NewDelivery};
use baepo_domain::model::id::{ChannelId, DeliveryId};
use baepo_domain::model::reason::Reason;
use baepo_domain::model::time::after;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::id_generator::IdGenerator;
use baepo_domain::ports::{
    CommitError, DeliveryStore, DistributionOrder, DistributionStore, Distributor,
    DistributorError, Mutation, StoreError, UnitOfWork,
};
use baepo_domain::usecases::conflict_backoff::ConflictBackoff;
use baepo_domain::usecases::deliver::{Deliverer, NextStep};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::delivery_feed::{DeliveryFeed, Moved};
use super::polling::FailureLatch;

/// Before a step that failed on the store is repeated; half of it is random.
const STORE_RETRY_DELAY: Duration = Duration::from_secs(1);
/// How often a waiting request reads the store: signals of other hosts may be lost.
const STORE_POLL_INTERVAL: Duration = Duration::from_secs(2);

/// The distributor in the same process.
#[derive(Clone)]
pub struct LocalDistributor {
    shared: Arc<Shared>,
}

/// What the distributor needs.
pub struct DistributorParts {
    pub deliverer: Arc<Deliverer>,
    pub distributions: Arc<dyn DistributionStore>,
    pub deliveries: Arc<dyn DeliveryStore>,
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub clock: Arc<dyn Clock>,
    pub ids: IdGenerator,
    pub delivery_feed: Arc<DeliveryFeed>,
    /// The caller gets its answer within this time, whatever is still running.
    pub answer_within: Duration,
    pub tasks: TaskTracker,
    pub stopping: CancellationToken,
}

struct Shared {
    parts: DistributorParts,
    /// Deliveries that have a task, and whether another run was requested meanwhile.
    active: Mutex<HashMap<DeliveryId, Rerun>>,
    store_failure: FailureLatch,
}

#[derive(PartialEq, Eq)]
enum Rerun {
    No,
    Yes,
}

impl LocalDistributor {
    pub fn new(parts: DistributorParts) -> Self {
        Self {
            shared: Arc::new(Shared {
                parts,
                active: Mutex::default(),
                store_failure: FailureLatch::default(),
            }),
        }
    }

    /// Drives a delivery in the background until it is settled or sleeps. Each has one task at a time.
    pub fn drive(&self, id: DeliveryId) {
        let mut active = self
            .shared
            .active
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if active.insert(id, Rerun::Yes).is_some() {
            return;
        }
        active.insert(id, Rerun::No);
        let shared = Arc::clone(&self.shared);
        self.shared
            .parts
            .tasks
            .spawn(async move { shared.drive_until_done(id).await });
    }

    /// How many deliveries have a task.
    pub fn active(&self) -> usize {
        let active = self.shared.active.lock();
        active.unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The deliveries of an order. Missing ones are made, so that an order may be repeated.
    async fn deliveries(
        &self,
        order: &DistributionOrder,
    ) -> Result<Vec<Delivery>, DistributorError> {
        let DistributorParts {
            distributions,
            deliveries,
            unit_of_work,
            clock,
            ids,
            ..
        } = &self.shared.parts;
        let mut contention = ConflictBackoff::new(clock.as_ref(), ids.chance());
        let mut refused = None;
        loop {
            let distribution = distributions.distribution(order.distribution).await?;
            if distribution
                .is_none_or(|found| found.event != order.event || found.owner != order.owner)
            {
                return Err(DistributorError::NotFound);
            }
            let known = deliveries.deliveries(order.distribution).await?;
            let is_known =
                |channel: &ChannelId| known.iter().any(|delivery| delivery.channel == *channel);
            let missing: Vec<&ChannelId> = order
                .channels
                .iter()
                .filter(|channel| !is_known(channel))
                .collect();
            // None is missing, or the store has the missing ones and cannot read them.
            if missing.is_empty() || refused.as_ref() == Some(&missing) {
                return Ok(known);
            }
            let made = missing
                .iter()
                .map(|channel| {
                    let place = NewDelivery {
                        distribution: order.distribution,
                        event: order.event,
                        owner: order.owner.clone(),
                        channel: (*channel).clone(),
                    };
                    let id = DeliveryId(ids.next());
                    Mutation::PutDelivery(Delivery::pending(id, place, clock.now()))
                })
                .collect();
            match unit_of_work.commit(made).await {
                Ok(()) => {}
                Err(CommitError::Conflict(_)) => {
                    refused = Some(missing);
                    contention.pause().await?;
                }
                Err(CommitError::Store(error)) => return Err(error.into()),
            }
        }
    }
}

#[async_trait]
impl Distributor for LocalDistributor {
    async fn distribute(
        &self,
        order: DistributionOrder,
    ) -> Result<Vec<DeliveryResult>, DistributorError> {
        let delivery_feed = &self.shared.parts.delivery_feed;
        let mut changes = delivery_feed.subscribe(order.distribution);
        let mut deliveries = self.deliveries(&order).await?;
        // Those that are due already are driven by the timers, here or on another host.
        for delivery in deliveries.iter().filter(|delivery| delivery.awaits_order()) {
            self.drive(delivery.id);
        }
        let waited = self
            .shared
            .wait_for_results(&mut changes, &mut deliveries)
            .await;
        drop(changes);
        delivery_feed.remove_if_unsubscribed(order.distribution);
        waited?;
        Ok(deliveries.iter().map(DeliveryResult::from).collect())
    }
}

impl Shared {
    async fn drive_until_done(self: Arc<Self>, id: DeliveryId) {
        let DistributorParts { clock, ids, .. } = &self.parts;
        let chance = ids.chance();
        let mut contention = ConflictBackoff::new(clock.as_ref(), chance);
        while !self.parts.stopping.is_cancelled() {
            let stepped = match self.parts.deliverer.step(id).await {
                // Another process or a person changed it during the step.
                Ok(NextStep::At(time)) if time <= clock.now() => contention.pause().await,
                // A later step is left to the timers.
                Ok(NextStep::Done | NextStep::At(_)) if self.rerun_requested(id) => Ok(()),
                Ok(NextStep::Done | NextStep::At(_)) => {
                    self.store_failure.record_success();
                    return;
                }
                // The store has logged it; the timers retry it now and then.
                Err(error) if error.unreadable().is_some() => {
                    self.remove_task(id);
                    return;
                }
                Err(error) => Err(error),
            };
            if let Err(error) = stepped {
                if self.store_failure.record_failure() {
                    tracing::warn!(delivery = %id, %error, "deliveries wait for the store");
                }
                contention = ConflictBackoff::new(clock.as_ref(), chance);
                let share = 0.5 + chance.unit() / 2.0;
                self.pause(STORE_RETRY_DELAY.mul_f64(share)).await;
            }
        }
    }

    /// Ends the task, unless another run was requested since the last step began.
    fn rerun_requested(&self, id: DeliveryId) -> bool {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        match active.remove(&id) {
            Some(Rerun::Yes) => {
                active.insert(id, Rerun::No);
                true
            }
            Some(Rerun::No) | None => false,
        }
    }

    fn remove_task(&self, id: DeliveryId) {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        active.remove(&id);
    }

    async fn pause(&self, duration: Duration) {
        tokio::select! {
            () = self.parts.clock.sleep(duration) => {}
            () = self.parts.stopping.cancelled() => {}
        }
    }

    /// Keeps `deliveries` up to date until each has a result, or can no longer have one in time.
    async fn wait_for_results(
        &self,
        changes: &mut broadcast::Receiver<Moved>,
        deliveries: &mut Vec<Delivery>,
    ) -> Result<(), StoreError> {
        let clock = &self.parts.clock;
        let deadline = after(clock.now(), self.parts.answer_within);
        let out_of_time = clock.sleep(self.parts.answer_within);
        tokio::pin!(out_of_time);
        while deliveries
            .iter()
            .any(|delivery| can_finish_by(delivery, deadline))
        {
            tokio::select! {
                moved = changes.recv() => match moved {
                    Ok(Moved::Local(moved)) => replace(deliveries, *moved),
                    Ok(Moved::Remote) | Err(RecvError::Lagged(_) | RecvError::Closed) => {
                        self.reload(deliveries).await?;
                    }
                },
                () = clock.sleep(STORE_POLL_INTERVAL) => self.reload(deliveries).await?,
                () = &mut out_of_time => break,
                () = self.parts.stopping.cancelled(), if !is_running(deliveries) => break,
            }
        }
        for delivery in deliveries
            .iter_mut()
            .filter(|delivery| !delivery.status.is_answered())
        {
            delivery.message = Some(Reason::StillInProgress {
                before: delivery.message.take().map(Box::new),
                answer_within: self.parts.answer_within,
                due: delivery.due_at,
            });
        }
        Ok(())
    }

    async fn reload(&self, deliveries: &mut Vec<Delivery>) -> Result<(), StoreError> {
        let Some(distribution) = deliveries.first().map(|delivery| delivery.distribution) else {
            return Ok(());
        };
        *deliveries = self.parts.deliveries.deliveries(distribution).await?;
        Ok(())
    }
}

fn can_finish_by(delivery: &Delivery, deadline: Timestamp) -> bool {
    let comes_too_late = delivery.due_at.is_some_and(|due| due > deadline);
    !delivery.status.is_answered() && !comes_too_late
}

fn is_running(deliveries: &[Delivery]) -> bool {
    deliveries
        .iter()
        .any(|delivery| delivery.status == DeliveryStatus::Running)
}

fn replace(deliveries: &mut [Delivery], moved: Delivery) {
    if let Some(known) = deliveries.iter_mut().find(|known| known.id == moved.id) {
        *known = moved;
    }
}
