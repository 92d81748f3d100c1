//! Publishing an event: one call that drives its channels to LIVE, and never posts twice.
//!
//! Publish *converges*: it adds channels that are new, retries those that certainly failed and
//! leaves the others alone, so that calling it again is always safe.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use self::answer::PriorPublish;
use crate::model::audit::{Action, Actor, ActorRole, AuditEntry};
use crate::model::delivery::{Delivery, DeliveryStatus, NewDelivery};
use crate::model::distribution::Distribution;
use crate::model::event::Event;
use crate::model::id::{AuditId, ChannelId, DeliveryId, DistributionId, EventId};
use crate::model::idempotency::IdempotencyRecord;
use crate::model::node_identity::NodeIdentity;
use crate::model::offer_end::OfferEnd;
use crate::model::outbox;
use crate::model::schedule::Schedule;
use crate::model::time::after;
use crate::ports::clock::Clock;
use crate::ports::id_generator::IdGenerator;
use crate::ports::{
    Cache, Channels, CommitError, DeliveryStore, DistributionOrder, DistributionStore, Distributor,
    EventStore, IdempotencyStore, Mutation, OutboxStore, Relay, StoreError, UnitOfWork,
};
use crate::usecases::conflict_backoff::ConflictBackoff;
use crate::usecases::failpoint;

mod answer;
mod drive;
mod limits;
mod replay;
mod request;
mod resume;

pub use answer::{Origin, Publication, PublishError, PublishOutcome, PublishResponse};
pub use limits::PublishLimits;
pub use request::{PublishRequest, Trigger};

/// The use case, with what it needs.
pub struct Publisher {
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub events: Arc<dyn EventStore>,
    pub idempotency: Arc<dyn IdempotencyStore>,
    pub distributions: Arc<dyn DistributionStore>,
    pub deliveries: Arc<dyn DeliveryStore>,
    pub outbox: Arc<dyn OutboxStore>,
    pub cache: Arc<dyn Cache>,
    pub relay: Arc<dyn Relay>,
    pub distributor: Arc<dyn Distributor>,
    pub channels: Arc<dyn Channels>,
    pub clock: Arc<dyn Clock>,
    pub ids: IdGenerator,
    pub node: NodeIdentity,
    pub limits: PublishLimits,
}

/// A publish that holds the event's lease.
struct PublishRun {
    event: EventId,
    order: DistributionOrder,
    announcement: Announcement,
    record: Option<IdempotencyRecord>,
}

/// The message that the bus must have before anything is distributed.
#[derive(PartialEq, Eq)]
enum Announcement {
    /// Just written.
    New,
    /// Written by an earlier publish; the bus may have it.
    PriorPublish,
}

enum BeginOutcome {
    PublishRun(Box<PublishRun>),
    /// By an earlier request with the same key.
    PublishResponse(PublishResponse),
}

impl Publisher {
    /// Publishes, or goes on publishing, an event.
    ///
    /// Runs to its end once it has begun: a caller that may go away must not drop the future.
    ///
    /// # Errors
    /// See [`PublishError`]; nothing was changed then.
    pub async fn publish(&self, request: PublishRequest) -> Result<PublishResponse, PublishError> {
        match self.begin(&request).await? {
            BeginOutcome::PublishResponse(response) => Ok(response),
            BeginOutcome::PublishRun(run) => Ok(PublishResponse {
                publication: self.drive(*run).await?,
                origin: Origin::ThisRequest,
            }),
        }
    }

    async fn begin(&self, request: &PublishRequest) -> Result<BeginOutcome, PublishError> {
        let give_up_at = after(self.clock.now(), self.limits.repeat_waits);
        let mut contention = self.contention();
        loop {
            match self.try_begin(request).await {
                // Somebody else changed the event meanwhile: look again.
                Err(BeginError::Conflict) => contention.pause().await?,
                Err(BeginError::SameKeyRunning) if self.clock.now() < give_up_at => {
                    self.clock.sleep(Duration::from_millis(50)).await;
                }
                Err(BeginError::SameKeyRunning) => return Err(PublishError::Running),
                Err(BeginError::Refused(refused)) => return Err(refused),
                Ok(outcome) => return Ok(outcome),
            }
        }
    }

    async fn try_begin(&self, request: &PublishRequest) -> Result<BeginOutcome, BeginError> {
        let now = self.clock.now();
        let event = self.own_event(request).await?;
        if request.trigger == Trigger::Schedule && !is_due(&event, now) {
            return Err(PublishError::NotScheduled.into());
        }
        let lease_is_held = event.publishing.is_some_and(|lease| lease.is_valid(now));
        let replaced = match self.prior_publish(request).await? {
            PriorPublish::Final(publication) => {
                return Ok(BeginOutcome::PublishResponse(PublishResponse {
                    publication,
                    origin: Origin::EarlierRequest,
                }));
            }
            PriorPublish::Open(open) => {
                let response = self.current_publication(request, &event, open).await?;
                return Ok(BeginOutcome::PublishResponse(response));
            }
            PriorPublish::Running if lease_is_held => return Err(BeginError::SameKeyRunning),
            PriorPublish::Running | PriorPublish::None => None,
            PriorPublish::Failed(answer) => Some(answer),
        };
        let record = request
            .record(now)
            .map(|record| IdempotencyWrite { record, replaced });
        if lease_is_held {
            return Err(PublishError::Running.into());
        }
        let channels = self.selected_channels(request, &event)?;
        let known = match event.distribution {
            Some(distribution) => self.deliveries.deliveries(distribution).await?,
            None => Vec::new(),
        };
        self.commit_begin(event, channels, known, record, request.trigger)
            .await
    }

    /// Step 2 of a publication (ARCHITECTURE.md): one transaction that approves the event and opens its deliveries.
    async fn commit_begin(
        &self,
        event: Event,
        channels: Vec<ChannelId>,
        known: Vec<Delivery>,
        record: Option<IdempotencyWrite>,
        trigger: Trigger,
    ) -> Result<BeginOutcome, BeginError> {
        let now = self.clock.now();
        let id = event
            .distribution
            .unwrap_or_else(|| DistributionId(self.ids.next()));
        let announcement = if event.approved_at.is_none() {
            Announcement::New
        } else {
            Announcement::PriorPublish
        };
        let content = event.draft.content.clone();
        let event = event.approve(id, self.node.lease_from(now), now);
        let opened = self.open_deliveries(&event, id, &channels, &known)?;
        let end = content.as_ref().and_then(OfferEnd::of);
        if let Some(end) = end.filter(|end| end.is_over_at(now) && !opened.is_empty()) {
            return Err(PublishError::OfferEnded(end).into());
        }
        let mut changes = Vec::new();
        if announcement == Announcement::New {
            let distribution = Distribution::new(id, event.id, event.owner.clone(), now);
            changes.push(Mutation::PutDistribution(distribution));
        } else if !opened.is_empty() {
            let stored = self.distributions.distribution(id).await?;
            let distribution = stored.ok_or_else(|| StoreError::missing("distribution", id))?;
            changes.push(Mutation::PutDistribution(distribution.reopen()));
        }
        changes.extend(opened.into_iter().map(Mutation::PutDelivery));
        if announcement == Announcement::New {
            changes.push(Mutation::AddMessage {
                message: outbox::event_created(outbox::announcement(id), &event, now),
                lease: self.node.lease_from(now),
            });
        }
        changes.extend(record.clone().map(IdempotencyWrite::into_change));
        let order = DistributionOrder {
            distribution: id,
            event: event.id,
            owner: event.owner.clone(),
            channels,
            content,
        };
        changes.push(Mutation::AddAudit(self.audited(&event, &order, trigger)));
        let run = PublishRun {
            event: event.id,
            order,
            announcement,
            record: record.map(|recorded| recorded.record),
        };
        changes.push(Mutation::PutEvent(event));
        failpoint::point("publish.begin");
        self.unit_of_work.commit(changes).await?;
        failpoint::point("publish.begun");
        Ok(BeginOutcome::PublishRun(Box::new(run)))
    }

    fn audited(&self, event: &Event, order: &DistributionOrder, trigger: Trigger) -> AuditEntry {
        let role = match trigger {
            Trigger::Caller => ActorRole::Owner,
            Trigger::Schedule => ActorRole::Host,
        };
        let channels: Vec<&str> = order.channels.iter().map(ChannelId::as_str).collect();
        AuditEntry {
            id: AuditId(self.ids.next()),
            at: self.clock.now(),
            actor: Actor {
                subject: event.owner.clone(),
                role,
            },
            action: Action::Publish,
            owner: event.owner.clone(),
            event: Some(event.id),
            distribution: Some(order.distribution),
            channel: None,
            detail: Some(channels.join(" ")),
        }
    }

    /// New deliveries for new channels, and failed ones opened again.
    fn open_deliveries(
        &self,
        event: &Event,
        distribution: DistributionId,
        channels: &[ChannelId],
        known: &[Delivery],
    ) -> Result<Vec<Delivery>, BeginError> {
        let now = self.clock.now();
        let mut opened = Vec::new();
        for channel in channels {
            match known.iter().find(|delivery| delivery.channel == *channel) {
                None => {
                    let place = NewDelivery {
                        distribution,
                        event: event.id,
                        owner: event.owner.clone(),
                        channel: channel.clone(),
                    };
                    opened.push(Delivery::pending(DeliveryId(self.ids.next()), place, now));
                }
                Some(delivery) if delivery.status == DeliveryStatus::Failed => {
                    let reopened = delivery.clone().reopen(now);
                    opened.push(reopened.map_err(|_| BeginError::Conflict)?);
                }
                Some(_) => {}
            }
        }
        Ok(opened)
    }

    fn contention(&self) -> ConflictBackoff<'_> {
        ConflictBackoff::new(self.clock.as_ref(), self.ids.chance())
    }

    async fn own_event(&self, request: &PublishRequest) -> Result<Event, PublishError> {
        let event = self.events.event(request.event).await?;
        event
            .filter(|event| event.owner == request.owner)
            .ok_or(PublishError::NotFound)
    }

    fn selected_channels(
        &self,
        request: &PublishRequest,
        event: &Event,
    ) -> Result<Vec<ChannelId>, PublishError> {
        let wanted = request.channels.as_ref().unwrap_or(&event.draft.channels);
        let missing = event.draft.missing(wanted);
        if !missing.is_empty() {
            return Err(PublishError::NotReady(missing));
        }
        let active = self.channels.active();
        let installed: BTreeSet<&ChannelId> =
            active.iter().map(|release| &release.manifest.id).collect();
        let (known, unknown): (BTreeSet<&ChannelId>, BTreeSet<&ChannelId>) = wanted
            .iter()
            .partition(|channel| installed.contains(channel));
        if unknown.is_empty() {
            Ok(known.into_iter().cloned().collect())
        } else {
            Err(PublishError::UnknownChannels(
                unknown.into_iter().cloned().collect(),
            ))
        }
    }
}

fn is_due(event: &Event, now: Timestamp) -> bool {
    let due = event.schedule.as_ref().and_then(Schedule::due_at);
    due.is_some_and(|due| due <= now)
}

/// What is kept of a request with a key, and the answer of an earlier one that it replaces.
#[derive(Clone)]
struct IdempotencyWrite {
    record: IdempotencyRecord,
    replaced: Option<serde_json::Value>,
}

impl IdempotencyWrite {
    fn into_change(self) -> Mutation {
        let record = self.record;
        match self.replaced {
            None => Mutation::PutIdempotency(record),
            Some(earlier) => Mutation::ReplaceAnswer { record, earlier },
        }
    }
}

enum BeginError {
    Conflict,
    SameKeyRunning,
    Refused(PublishError),
}

impl From<PublishError> for BeginError {
    fn from(error: PublishError) -> Self {
        Self::Refused(error)
    }
}

impl From<CommitError> for BeginError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict(_) => Self::Conflict,
            CommitError::Store(error) => Self::Refused(error.into()),
        }
    }
}

impl From<StoreError> for BeginError {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}
