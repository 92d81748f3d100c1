//! Publishing an event: one call that drives its channels to LIVE, and never posts twice.
//!
//! Publish *converges*: it adds channels that are new, retries those that certainly failed and
//! leaves the others alone, so that calling it again is always safe.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::audit::{Action, Actor, ActorRole, AuditEntry};
use crate::clock::{Clock, after};
use crate::delivery::{Delivery, DeliveryStatus, Place};
use crate::distribution::Distribution;
use crate::event::{Event, Schedule};
use crate::fault;
use crate::id::{AuditId, ChannelId, DeliveryId, DistributionId, EventId, Ids};
use crate::idempotency::IdempotencyRecord;
use crate::membership::Membership;
use crate::offer::OfferEnd;
use crate::outbox;
use crate::ports::{
    Cache, Change, Channels, CommitError, DistributionOrder, Distributor, Relay, Store, StoreError,
};
use crate::retry::Contention;

use self::repeat::Earlier;

mod answer;
mod drive;
mod limits;
mod repeat;
mod request;
mod resume;

pub use answer::{Answered, DeliveryResult, Ending, Origin, Publication, PublishError};
pub use limits::PublishLimits;
pub use request::{PublishRequest, Trigger};

/// The use case, with what it needs.
pub struct Publisher {
    pub store: Arc<dyn Store>,
    pub cache: Arc<dyn Cache>,
    pub relay: Arc<dyn Relay>,
    pub distributor: Arc<dyn Distributor>,
    pub channels: Arc<dyn Channels>,
    pub clock: Arc<dyn Clock>,
    pub ids: Ids,
    pub member: Membership,
    pub limits: PublishLimits,
}

/// A publish that holds the event's lease.
struct Run {
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
    Earlier,
}

enum Begun {
    Run(Box<Run>),
    /// By an earlier request with the same key.
    Answered(Answered),
}

impl Publisher {
    /// Publishes, or goes on publishing, an event.
    ///
    /// Runs to its end once it has begun: a caller that may go away must not drop the future.
    ///
    /// # Errors
    /// See [`PublishError`]; nothing was changed then.
    pub async fn publish(&self, request: PublishRequest) -> Result<Answered, PublishError> {
        match self.begin(&request).await? {
            Begun::Answered(answered) => Ok(answered),
            Begun::Run(run) => Ok(Answered {
                publication: self.drive(*run).await?,
                origin: Origin::ThisRequest,
            }),
        }
    }

    async fn begin(&self, request: &PublishRequest) -> Result<Begun, PublishError> {
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
                Ok(begun) => return Ok(begun),
            }
        }
    }

    async fn try_begin(&self, request: &PublishRequest) -> Result<Begun, BeginError> {
        let now = self.clock.now();
        let event = self.own_event(request).await?;
        if request.trigger == Trigger::Schedule && !is_due(&event, now) {
            return Err(PublishError::NotScheduled.into());
        }
        let lease_is_held = event.publishing.is_some_and(|lease| lease.is_valid(now));
        let replaced = match self.earlier_request(request).await? {
            Earlier::Final(publication) => {
                return Ok(Begun::Answered(Answered {
                    publication,
                    origin: Origin::EarlierRequest,
                }));
            }
            Earlier::Open(open) => {
                let answered = self.as_it_stands(request, &event, open).await?;
                return Ok(Begun::Answered(answered));
            }
            Earlier::Running if lease_is_held => return Err(BeginError::SameKeyRunning),
            Earlier::Running | Earlier::None => None,
            Earlier::Failed(answer) => Some(answer),
        };
        let record = request
            .record(now)
            .map(|record| Recorded { record, replaced });
        if lease_is_held {
            return Err(PublishError::Running.into());
        }
        let channels = self.selected_channels(request, &event)?;
        let known = match event.distribution {
            Some(distribution) => self.store.deliveries(distribution).await?,
            None => Vec::new(),
        };
        self.commit_begin(event, channels, known, record, request.trigger)
            .await
    }

    /// Step 3 of the flow: one transaction that approves the event and opens its deliveries.
    async fn commit_begin(
        &self,
        event: Event,
        channels: Vec<ChannelId>,
        known: Vec<Delivery>,
        record: Option<Recorded>,
        trigger: Trigger,
    ) -> Result<Begun, BeginError> {
        let now = self.clock.now();
        let id = event
            .distribution
            .unwrap_or_else(|| DistributionId(self.ids.next()));
        let announcement = if event.approved_at.is_none() {
            Announcement::New
        } else {
            Announcement::Earlier
        };
        let content = event.draft.content.clone();
        let event = event.approve(id, self.member.lease_from(now), now);
        let opened = self.open_deliveries(&event, id, &channels, &known)?;
        let end = content.as_ref().and_then(OfferEnd::of);
        if let Some(end) = end.filter(|end| end.is_over_at(now) && !opened.is_empty()) {
            return Err(PublishError::OfferEnded(end).into());
        }
        let mut changes = Vec::new();
        if announcement == Announcement::New {
            let distribution = Distribution::new(id, event.id, event.owner.clone(), now);
            changes.push(Change::PutDistribution(distribution));
        } else if !opened.is_empty() {
            let stored = self.store.distribution(id).await?;
            let distribution = stored.ok_or_else(|| StoreError::missing("distribution", id))?;
            changes.push(Change::PutDistribution(distribution.reopen()));
        }
        changes.extend(opened.into_iter().map(Change::PutDelivery));
        if announcement == Announcement::New {
            changes.push(Change::AddMessage {
                message: outbox::event_created(outbox::announcement(id), &event, now),
                lease: self.member.lease_from(now),
            });
        }
        changes.extend(record.clone().map(Recorded::into_change));
        let order = DistributionOrder {
            distribution: id,
            event: event.id,
            owner: event.owner.clone(),
            channels,
            content,
        };
        changes.push(Change::AddAudit(self.audited(&event, &order, trigger)));
        let run = Run {
            event: event.id,
            order,
            announcement,
            record: record.map(|recorded| recorded.record),
        };
        changes.push(Change::PutEvent(event));
        fault::point("publish.begin");
        self.store.commit(changes).await?;
        fault::point("publish.begun");
        Ok(Begun::Run(Box::new(run)))
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
                    let place = Place {
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

    fn contention(&self) -> Contention<'_> {
        Contention::new(self.clock.as_ref(), self.ids.chance())
    }

    async fn own_event(&self, request: &PublishRequest) -> Result<Event, PublishError> {
        let event = self.store.event(request.event).await?;
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
struct Recorded {
    record: IdempotencyRecord,
    replaced: Option<serde_json::Value>,
}

impl Recorded {
    fn into_change(self) -> Change {
        let record = self.record;
        match self.replaced {
            None => Change::PutIdempotency(record),
            Some(earlier) => Change::ReplaceAnswer { record, earlier },
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
