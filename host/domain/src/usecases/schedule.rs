//! Publishing at a time that is set before: it can be moved and cancelled until it begins.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::audit::{Action, Actor, AuditEntry};
use crate::model::draft::DraftField;
use crate::model::event::{Event, EventStatus};
use crate::model::id::{AuditId, ChannelId, EventId};
use crate::model::offer_end::OfferEnd;
use crate::model::reason::Reason;
use crate::model::schedule::Schedule;
use crate::model::time::after;
use crate::ports::clock::Clock;
use crate::ports::id_generator::IdGenerator;
use crate::ports::{Channels, EventStore, Mutation, StoreError, UnitOfWork};
use crate::usecases::conflict_backoff::ConflictBackoff;

/// The use case, with what it needs.
pub struct Scheduler {
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub events: Arc<dyn EventStore>,
    pub channels: Arc<dyn Channels>,
    pub clock: Arc<dyn Clock>,
    pub ids: IdGenerator,
}

/// Why nothing was scheduled or cancelled.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// There is none, or it is somebody else's.
    #[error("no such event")]
    NotFound,
    #[error("a publish of this event is running")]
    Running,
    /// It has begun, or there never was one.
    #[error("nothing is scheduled")]
    NotScheduled(EventStatus),
    #[error("the event is not complete")]
    NotReady(Vec<DraftField>),
    #[error("no such channel is installed")]
    UnknownChannels(Vec<ChannelId>),
    /// It must lie between now and [`Scheduler::MAX_AHEAD`] from now.
    #[error("that is no time to publish at")]
    Time,
    /// The offer ends before, or just then.
    #[error("the offer ends before that")]
    OfferEnds(OfferEnd),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Scheduler {
    /// How far ahead a publish can be scheduled: a year.
    pub const MAX_AHEAD: Duration = Duration::from_secs(366 * 24 * 60 * 60);

    /// Publishes the event at that time, and not at the one that was set before.
    ///
    /// # Errors
    /// See [`ScheduleError`]; nothing was changed then.
    pub async fn schedule(
        &self,
        actor: &Actor,
        event: EventId,
        channels: Option<Vec<ChannelId>>,
        publish_at: Timestamp,
    ) -> Result<Event, ScheduleError> {
        let now = self.clock.now();
        if publish_at <= now || publish_at > after(now, Self::MAX_AHEAD) {
            return Err(ScheduleError::Time);
        }
        let wanted = channels.clone();
        let schedule = Schedule {
            publish_at,
            channels,
            problem: None,
        };
        self.change(actor, event, Action::Schedule, &|event| {
            if event.publishing.is_some() {
                return Err(ScheduleError::Running);
            }
            let selected = wanted.as_ref().unwrap_or(&event.draft.channels);
            let missing = event.draft.missing(selected);
            if !missing.is_empty() {
                return Err(ScheduleError::NotReady(missing));
            }
            self.installed(selected)?;
            let end = event.draft.content.as_ref().and_then(OfferEnd::of);
            if let Some(end) = end.filter(|end| end.is_over_at(publish_at)) {
                return Err(ScheduleError::OfferEnds(end));
            }
            Ok(Some(schedule.clone()))
        })
        .await
    }

    /// The event is not published by itself any more.
    ///
    /// # Errors
    /// See [`ScheduleError`]; [`ScheduleError::NotScheduled`] when it has begun.
    pub async fn cancel(&self, actor: &Actor, event: EventId) -> Result<Event, ScheduleError> {
        self.change(
            actor,
            event,
            Action::CancelSchedule,
            &|event| match event.schedule {
                Some(_) => Ok(None),
                None => Err(ScheduleError::NotScheduled(event.status)),
            },
        )
        .await
    }

    /// Its time has come and it cannot begin: the reason is kept for the owner, and it is not due any more.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn fail_schedule(&self, event: EventId, reason: &Reason) -> Result<(), StoreError> {
        let mut contention = self.contention();
        loop {
            let Some(event) = self.events.event(event).await? else {
                return Ok(());
            };
            let now = self.clock.now();
            let due = event.schedule.as_ref().and_then(Schedule::due_at);
            let Some(schedule) = event
                .schedule
                .clone()
                .filter(|_| due.is_some_and(|at| at <= now))
            else {
                return Ok(());
            };
            let refused = Schedule {
                problem: Some(reason.text()),
                ..schedule
            };
            let event = event.reschedule(Some(refused), now);
            let commit = self
                .unit_of_work
                .commit(vec![Mutation::PutEvent(event)])
                .await;
            if contention.committed(commit).await? {
                return Ok(());
            }
        }
    }

    async fn change(
        &self,
        actor: &Actor,
        event: EventId,
        action: Action,
        decide: &(dyn Fn(&Event) -> Result<Option<Schedule>, ScheduleError> + Sync),
    ) -> Result<Event, ScheduleError> {
        let mut contention = self.contention();
        loop {
            let event = self.events.event(event).await?;
            let event = event
                .filter(|event| event.owner == actor.subject)
                .ok_or(ScheduleError::NotFound)?;
            let now = self.clock.now();
            let event = event.clone().reschedule(decide(&event)?, now);
            let audited = AuditEntry {
                id: AuditId(self.ids.next()),
                at: now,
                actor: actor.clone(),
                action,
                owner: event.owner.clone(),
                event: Some(event.id),
                distribution: event.distribution,
                channel: None,
                detail: event
                    .schedule
                    .as_ref()
                    .map(|schedule| schedule.publish_at.to_string()),
            };
            let changes = vec![
                Mutation::PutEvent(event.clone()),
                Mutation::AddAudit(audited),
            ];
            let commit = self.unit_of_work.commit(changes).await;
            if contention.committed(commit).await? {
                return Ok(event);
            }
        }
    }

    fn contention(&self) -> ConflictBackoff<'_> {
        ConflictBackoff::new(self.clock.as_ref(), self.ids.chance())
    }

    fn installed(&self, channels: &[ChannelId]) -> Result<(), ScheduleError> {
        let active = self.channels.active();
        let is_installed = |channel: &&ChannelId| {
            active
                .iter()
                .any(|release| release.manifest.id == **channel)
        };
        let unknown: Vec<ChannelId> = channels
            .iter()
            .filter(|channel| !is_installed(channel))
            .cloned()
            .collect();
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(ScheduleError::UnknownChannels(unknown))
        }
    }
}
