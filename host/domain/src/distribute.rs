//! One delivery, driven attempt by attempt until it is settled.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::attempt::{AccountView, Attempt, End, Ended, Failure, Job, Receipt, Report};
use crate::chance::Chance;
use crate::clock::{Clock, after};
use crate::connect::{NotConnected, account_view};
use crate::content::Finding;
use crate::delivery::{Delivery, DeliveryStatus, InvalidTransition};
use crate::event::Event;
use crate::id::{AttemptId, DeliveryId, Ids, MessageId};
use crate::outbox;
use crate::ports::{
    AttemptLog, Change, Channels, CommitError, HeldRelease, JsonObject, Observer, Relay, Store,
    StoreError, Vault,
};
use crate::retry::RetryPolicy;

mod breakers;
mod meetings;

pub use breakers::Breakers;
pub use meetings::Meetings;

/// The use case, with what it needs.
pub struct Deliverer {
    pub store: Arc<dyn Store>,
    pub channels: Arc<dyn Channels>,
    pub vault: Arc<dyn Vault>,
    pub relay: Arc<dyn Relay>,
    pub observer: Arc<dyn Observer>,
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<Chance>,
    pub ids: Ids,
    pub retry: RetryPolicy,
    pub breakers: Breakers,
    pub meetings: Meetings,
}

/// What to do with a delivery after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it is settled, or somebody else drives it.
    Done,
    /// Come back at that time.
    At(Timestamp),
}

/// What an attempt runs on.
struct Prepared {
    held: Box<dyn HeldRelease>,
    event: Event,
    options: JsonObject,
    account: AccountView,
}

/// Why an attempt cannot begin.
enum Unprepared {
    /// Nothing would change by trying again.
    Failed {
        message: String,
        findings: Vec<Finding>,
    },
    Store(StoreError),
}

impl Deliverer {
    /// Runs the attempt that is due, from its start to its end.
    ///
    /// # Errors
    /// When the store cannot answer; calling again goes on.
    pub async fn step(self: &Arc<Self>, id: DeliveryId) -> Result<Next, StoreError> {
        let Some(delivery) = self.store.delivery(id).await? else {
            return Ok(Next::Done);
        };
        let Some(due_at) = delivery.due_at else {
            return Ok(Next::Done);
        };
        let now = self.clock.now();
        if now < due_at {
            return Ok(Next::At(due_at));
        }
        match self.prepare(&delivery).await {
            Ok(prepared) => match self.breakers.enter(&delivery.channel, now) {
                Ok(()) => self.attempt(delivery, prepared).await,
                Err(until) => self.put_off(delivery, until).await,
            },
            Err(Unprepared::Failed { message, findings }) => {
                self.fail(delivery, &message, &findings).await
            }
            Err(Unprepared::Store(error)) => Err(error),
        }
    }

    async fn prepare(&self, delivery: &Delivery) -> Result<Prepared, Unprepared> {
        let channel = &delivery.channel;
        let held = self.channels.hold(channel).ok_or_else(|| {
            Unprepared::failed(format!(
                "the channel {channel} is not installed on this host"
            ))
        })?;
        let event = self.store.event(delivery.event).await?;
        let event = event.ok_or_else(|| Unprepared::failed("the event is gone".to_owned()))?;
        let options = held
            .options(&event.draft.options(channel))
            .map_err(|findings| {
                let findings = Finding::below(&format!("/channelSettings/{channel}"), findings);
                Unprepared::Failed {
                    message: Finding::sentence("change the channel's options", &findings),
                    findings,
                }
            })?;
        let account = account_view(
            self.store.as_ref(),
            self.vault.as_ref(),
            &delivery.owner,
            held.as_ref(),
        )
        .await?;
        Ok(Prepared {
            held,
            event,
            options,
            account,
        })
    }

    async fn attempt(
        self: &Arc<Self>,
        delivery: Delivery,
        prepared: Prepared,
    ) -> Result<Next, StoreError> {
        let Some((delivery, attempt)) = self.start(delivery, &prepared).await? else {
            return Ok(Next::Done);
        };
        let Some(content) = prepared.event.draft.content.clone() else {
            return self.fail(delivery, "the event has no content", &[]).await;
        };
        let job = Job {
            attempt: attempt.id,
            delivery: delivery.id,
            event: delivery.event,
            owner: delivery.owner.clone(),
            idempotency_key: delivery.idempotency_key(),
            content,
            options: prepared.options.into(),
            account: prepared.account,
        };
        let log = Arc::new(DeliveryLog {
            deliverer: Arc::clone(self),
            delivery: delivery.id,
        });
        let report = prepared.held.run(job, log).await;
        self.breakers
            .report(&delivery.channel, &report, self.clock.now());
        self.conclude(attempt, report).await
    }

    /// `None`: somebody else was faster.
    async fn start(
        &self,
        delivery: Delivery,
        prepared: &Prepared,
    ) -> Result<Option<(Delivery, Attempt)>, StoreError> {
        let now = self.clock.now();
        let release = prepared.held.release().digest;
        let Ok(delivery) = delivery.start(release, now) else {
            return Ok(None);
        };
        let attempt = Attempt {
            id: AttemptId(self.ids.next()),
            delivery: delivery.id,
            distribution: delivery.distribution,
            channel: delivery.channel.clone(),
            release,
            number: delivery.attempts,
            started_at: now,
            ended: None,
            revision: 0,
        };
        let changes = vec![
            Change::PutDelivery(delivery.clone()),
            Change::PutAttempt(attempt.clone()),
        ];
        match self.store.commit(changes).await {
            Ok(()) => {
                self.observer.moved(&delivery);
                Ok(Some((delivery, attempt)))
            }
            Err(CommitError::Conflict(_)) => Ok(None),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// Writes down how an attempt ended. It is tried until it is written: what the provider did
    /// must not be forgotten because the store was away for a moment.
    async fn conclude(&self, attempt: Attempt, report: Report) -> Result<Next, StoreError> {
        let chance = self.chance.unit();
        let concluded =
            |delivery: Delivery, now| delivery.conclude(&report, &self.retry, chance, now);
        loop {
            let ended = Attempt {
                ended: Some(ended(&report, self.clock.now())),
                revision: 1,
                ..attempt.clone()
            };
            match self.change(attempt.delivery, &concluded, Some(ended)).await {
                Ok(Some(delivery)) => return Ok(next(&delivery)),
                Ok(None) => return Ok(Next::Done),
                Err(_) => self.clock.sleep(Duration::from_millis(500)).await,
            }
        }
    }

    async fn fail(
        &self,
        delivery: Delivery,
        message: &str,
        findings: &[Finding],
    ) -> Result<Next, StoreError> {
        let failed = |delivery: Delivery, now| {
            let failed = delivery.fail(message.to_owned(), now)?;
            Ok(Delivery {
                findings: findings.to_vec(),
                ..failed
            })
        };
        self.change(delivery.id, &failed, None).await?;
        Ok(Next::Done)
    }

    async fn put_off(&self, delivery: Delivery, until: Timestamp) -> Result<Next, StoreError> {
        let put_off = |delivery: Delivery, now: Timestamp| {
            let channel = &delivery.channel;
            let message = format!(
                "the channel {channel} fails again and again; its breaker is open, the next look is due"
            );
            // One more millisecond: at `until` itself the breaker lets through.
            Ok(delivery.put_off(message, after(until, Duration::from_millis(1)), now))
        };
        let changed = self.change(delivery.id, &put_off, None).await?;
        Ok(changed.as_ref().map_or(Next::Done, next))
    }

    /// Moves a delivery and everything that moves with it, in one transaction. `None`: the move
    /// is not possible any more.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn change(
        &self,
        id: DeliveryId,
        change: &(dyn Fn(Delivery, Timestamp) -> Result<Delivery, InvalidTransition> + Sync),
        attempt: Option<Attempt>,
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
            let mut changes = self.consequences(&delivery, now).await?;
            changes.push(Change::PutDelivery(delivery.clone()));
            changes.extend(attempt.clone().map(Change::PutAttempt));
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
            changes.push(Change::AddMessage(message));
            changes.push(Change::PutDistribution(distribution.complete(now)));
        } else {
            // Its revision tells deliveries that settle at once, on two hosts, of each other.
            changes.push(Change::PutDistribution(distribution));
        }
        Ok(changes)
    }
}

/// Where a running attempt reports what the provider took.
struct DeliveryLog {
    deliverer: Arc<Deliverer>,
    delivery: DeliveryId,
}

#[async_trait]
impl AttemptLog for DeliveryLog {
    async fn accepted(&self, receipt: Receipt, note: String) -> Result<(), StoreError> {
        let accept = |delivery: Delivery, now| delivery.accept(receipt.clone(), &note, now);
        self.deliverer.change(self.delivery, &accept, None).await?;
        Ok(())
    }
}

impl Unprepared {
    fn failed(message: String) -> Self {
        Self::Failed {
            message,
            findings: Vec::new(),
        }
    }
}

impl From<NotConnected> for Unprepared {
    fn from(error: NotConnected) -> Self {
        match error {
            NotConnected::Account { .. } => Self::failed(error.to_string()),
            NotConnected::Store(error) => Self::Store(error),
        }
    }
}

impl From<StoreError> for Unprepared {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn next(delivery: &Delivery) -> Next {
    delivery.due_at.map_or(Next::Done, Next::At)
}

fn ended(report: &Report, now: Timestamp) -> Ended {
    let message = match &report.end {
        End::Live(_) => None,
        End::ActionRequired(action) => Some(action.instructions.clone()),
        End::Failure(failure) => failure_message(failure),
        End::Died(death) => Some(death.to_string()),
    };
    Ended {
        at: now,
        end: report.end.name().to_owned(),
        message,
        usage: report.usage,
    }
}

fn failure_message(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Rejected(findings) => Some(Finding::sentence("rejected", findings)),
        Failure::RateLimited(wait) => wait.map(|wait| format!("come back in {wait} ms")),
        Failure::Unauthorized(why)
        | Failure::Unavailable(why)
        | Failure::Unknown(why)
        | Failure::Failed(why) => Some(why.clone()),
    }
}
