//! Drives the deliveries of this process: all channels of a distribution in parallel.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::clock::after;
use baepo_domain::delivery::{Delivery, DeliveryStatus, Place};
use baepo_domain::distribute::{Deliverer, Next};
use baepo_domain::id::{ChannelId, DeliveryId};
use baepo_domain::ports::{
    Change, CommitError, DistributionOrder, Distributor, DistributorError, StoreError,
};
use baepo_domain::publish::DeliveryResult;
use baepo_domain::retry::Contention;
use baepo_domain::text::{Language, around, both, sentence, with_detail};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::changes::{Changes, Moved};
use super::trouble::Trouble;

/// Before a step is tried again that the store did not let through; half of it is drawn.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// How often a request that waits asks the store, which knows of other hosts what signals may not
/// have told.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// The distributor without the network.
#[derive(Clone)]
pub struct LocalDistributor {
    shared: Arc<Shared>,
}

struct Shared {
    deliverer: Arc<Deliverer>,
    changes: Arc<Changes>,
    /// The caller has its answer by then, whatever is still running.
    answer_within: Duration,
    /// Deliveries that have a task, and whether they were asked for again meanwhile.
    driven: Mutex<HashMap<DeliveryId, Again>>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    store_trouble: Trouble,
}

#[derive(PartialEq, Eq)]
enum Again {
    No,
    Yes,
}

impl LocalDistributor {
    pub fn new(
        deliverer: Arc<Deliverer>,
        changes: Arc<Changes>,
        answer_within: Duration,
        tasks: TaskTracker,
        stopping: CancellationToken,
    ) -> Self {
        let driven = Mutex::default();
        Self {
            shared: Arc::new(Shared {
                deliverer,
                changes,
                answer_within,
                driven,
                tasks,
                stopping,
                store_trouble: Trouble::default(),
            }),
        }
    }

    /// Goes on with a delivery in the background until it is settled. One task at a time drives
    /// a delivery.
    pub fn drive(&self, id: DeliveryId) {
        let mut driven = self
            .shared
            .driven
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if driven.insert(id, Again::Yes).is_some() {
            return;
        }
        driven.insert(id, Again::No);
        let shared = Arc::clone(&self.shared);
        self.shared
            .tasks
            .spawn(async move { shared.drive_until_done(id).await });
    }

    /// How many deliveries have a task.
    pub fn driven(&self) -> usize {
        let driven = self.shared.driven.lock();
        driven.unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The deliveries of an order; those that are missing are made, so that a repeated order and
    /// one that came before the deliveries were known do the same.
    async fn deliveries(
        &self,
        order: &DistributionOrder,
    ) -> Result<Vec<Delivery>, DistributorError> {
        let deliverer = &self.shared.deliverer;
        let mut contention =
            Contention::new(deliverer.moves.clock.as_ref(), deliverer.chance.as_ref());
        let mut refused = None;
        loop {
            let distribution = deliverer
                .moves
                .store
                .distribution(order.distribution)
                .await?;
            if distribution
                .is_none_or(|found| found.event != order.event || found.owner != order.owner)
            {
                return Err(DistributorError::NotFound);
            }
            let known = deliverer.moves.store.deliveries(order.distribution).await?;
            let is_known =
                |channel: &ChannelId| known.iter().any(|delivery| delivery.channel == *channel);
            let missing: Vec<&ChannelId> = order
                .channels
                .iter()
                .filter(|channel| !is_known(channel))
                .collect();
            // There are none, or the store has them and cannot read them: those are set aside.
            if missing.is_empty() || refused.as_ref() == Some(&missing) {
                return Ok(known);
            }
            let made = missing
                .iter()
                .map(|channel| {
                    let place = Place {
                        distribution: order.distribution,
                        event: order.event,
                        owner: order.owner.clone(),
                        channel: (*channel).clone(),
                    };
                    let id = DeliveryId(deliverer.moves.ids.next());
                    Change::PutDelivery(Delivery::pending(id, place, deliverer.moves.clock.now()))
                })
                .collect();
            match deliverer.moves.store.commit(made).await {
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
        let mut moves = self.shared.changes.subscribe(order.distribution);
        let mut deliveries = self.deliveries(&order).await?;
        // What is due already is the timers', here or on another host.
        for delivery in deliveries
            .iter()
            .filter(|delivery| delivery.waits_for_its_order())
        {
            self.drive(delivery.id);
        }
        let waited = self
            .shared
            .wait_until_answered(&mut moves, &mut deliveries)
            .await;
        drop(moves);
        self.shared.changes.forget_if_unheard(order.distribution);
        waited?;
        Ok(deliveries.iter().map(DeliveryResult::from).collect())
    }
}

impl Shared {
    async fn drive_until_done(self: Arc<Self>, id: DeliveryId) {
        let (clock, chance) = (&self.deliverer.moves.clock, &self.deliverer.chance);
        let mut contention = Contention::new(clock.as_ref(), chance);
        while !self.stopping.is_cancelled() {
            let stepped = match self.deliverer.step(id).await {
                // It was moved by somebody else in the middle.
                Ok(Next::At(time)) if time <= clock.now() => contention.pause().await,
                // Later is left to the timers, which keep nothing in memory.
                Ok(Next::Done | Next::At(_)) if self.is_asked_for_again(id) => Ok(()),
                Ok(Next::Done | Next::At(_)) => {
                    self.store_trouble.is_over();
                    return;
                }
                // The store has reported it; the timers come back to it now and then.
                Err(error) if error.unreadable().is_some() => {
                    self.give_up_place(id);
                    return;
                }
                Err(error) => Err(error),
            };
            if let Err(error) = stepped {
                if self.store_trouble.is_new() {
                    tracing::warn!(delivery = %id, %error, "deliveries wait for the store");
                }
                contention = Contention::new(clock.as_ref(), chance);
                let share = 0.5 + chance.unit() / 2.0;
                self.pause(STORE_PAUSE.mul_f64(share)).await;
            }
        }
    }

    /// Gives the task's place up, unless somebody asked for it since the last step began.
    fn is_asked_for_again(&self, id: DeliveryId) -> bool {
        let mut driven = self.driven.lock().unwrap_or_else(PoisonError::into_inner);
        match driven.remove(&id) {
            Some(Again::Yes) => {
                driven.insert(id, Again::No);
                true
            }
            Some(Again::No) | None => false,
        }
    }

    fn give_up_place(&self, id: DeliveryId) {
        let mut driven = self.driven.lock().unwrap_or_else(PoisonError::into_inner);
        driven.remove(&id);
    }

    async fn pause(&self, duration: Duration) {
        tokio::select! {
            () = self.deliverer.moves.clock.sleep(duration) => {}
            () = self.stopping.cancelled() => {}
        }
    }

    /// Keeps `deliveries` up to date until each is answered, or can no longer be in time.
    async fn wait_until_answered(
        &self,
        moves: &mut broadcast::Receiver<Moved>,
        deliveries: &mut Vec<Delivery>,
    ) -> Result<(), StoreError> {
        let clock = &self.deliverer.moves.clock;
        let deadline = after(clock.now(), self.answer_within);
        let out_of_time = clock.sleep(self.answer_within);
        tokio::pin!(out_of_time);
        while deliveries
            .iter()
            .any(|delivery| may_be_answered(delivery, deadline))
        {
            tokio::select! {
                moved = moves.recv() => match moved {
                    Ok(Moved::Here(moved)) => replace(deliveries, *moved),
                    Ok(Moved::Elsewhere) | Err(RecvError::Lagged(_) | RecvError::Closed) => {
                        self.reload(deliveries).await?;
                    }
                },
                () = clock.sleep(ASK_EVERY) => self.reload(deliveries).await?,
                () = &mut out_of_time => break,
                () = self.stopping.cancelled(), if !is_running(deliveries) => break,
            }
        }
        for delivery in deliveries
            .iter_mut()
            .filter(|delivery| !delivery.status.is_answered())
        {
            delivery.message = Some(self.unanswered(delivery));
        }
        Ok(())
    }

    async fn reload(&self, deliveries: &mut Vec<Delivery>) -> Result<(), StoreError> {
        let Some(distribution) = deliveries.first().map(|delivery| delivery.distribution) else {
            return Ok(());
        };
        *deliveries = self.deliverer.moves.store.deliveries(distribution).await?;
        Ok(())
    }

    /// What a caller reads who does not wait for the end: what is known so far, and that it goes on.
    fn unanswered(&self, delivery: &Delivery) -> String {
        let so_far = delivery
            .message
            .clone()
            .unwrap_or_else(|| both("아직 진행하고 있습니다.", "It is still under way."));
        let said = around(&so_far, |language, so_far| match language {
            Language::Korean => {
                format!("{} 저절로 이어집니다.", sentence(so_far))
            }
            Language::English => format!("{} It goes on by itself.", sentence(so_far)),
        });
        let limit = self.answer_within.as_millis();
        let until = match delivery.due_at {
            Some(due) => format!("due at {due}"),
            None => "it is still running".to_owned(),
        };
        with_detail(said, format!("limit \"answer time\": {limit} ms; {until}"))
    }
}

fn may_be_answered(delivery: &Delivery, deadline: Timestamp) -> bool {
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
