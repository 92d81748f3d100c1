//! A marketing event of one owner: `DRAFT → APPROVED → ACTIVE`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::draft::Draft;
use crate::model::findings::Finding;
use crate::model::id::{DistributionId, EventId, HolderId, OwnerId};
use crate::model::lease::Lease;
use crate::model::offer_end::OfferEnd;
use crate::model::schedule::Schedule;

/// A marketing event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub id: EventId,
    pub owner: OwnerId,
    pub draft: Draft,
    pub status: EventStatus,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub approved_at: Option<Timestamp>,
    pub distributed_at: Option<Timestamp>,
    /// Given on approval; never changes.
    pub distribution: Option<DistributionId>,
    /// When it is to be published by itself; none once that has begun.
    pub schedule: Option<Schedule>,
    /// Held while a publish of this event runs.
    pub publishing: Option<Lease>,
    /// 0: not stored yet.
    pub revision: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventStatus {
    /// The owner is still putting it together.
    Draft,
    /// Publishing was asked for; no channel has it yet.
    Approved,
    /// At least one channel has it.
    Active,
}

impl EventStatus {
    /// As it stands in JSON and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Approved => "APPROVED",
            Self::Active => "ACTIVE",
        }
    }
}

/// Why an event cannot be changed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditRefused {
    #[error("the event is being published")]
    Publishing,
    #[error("some channels already have the event; only channels and channelSettings can change")]
    Distributed,
}

impl Event {
    /// A new draft.
    #[must_use]
    pub fn draft(id: EventId, owner: OwnerId, draft: Draft, now: Timestamp) -> Self {
        Self {
            id,
            owner,
            draft,
            status: EventStatus::Draft,
            created_at: now,
            updated_at: now,
            approved_at: None,
            distributed_at: None,
            distribution: None,
            schedule: None,
            publishing: None,
            revision: 0,
        }
    }

    /// The event's own title, else its content's.
    #[must_use]
    pub fn title(&self) -> &str {
        let content = || self.draft.content.as_ref().map(|content| &content.title);
        let title = self.draft.title.as_ref().or_else(content);
        title.map_or("", String::as_str)
    }

    /// Replaces the draft. `in_flight` says that a channel has the content, or may have it soon.
    ///
    /// # Errors
    /// While a publish runs nothing changes; once a channel has the content it stays as it is,
    /// so that all channels show the same.
    pub fn edit(self, draft: Draft, in_flight: bool, now: Timestamp) -> Result<Self, EditRefused> {
        if self.publishing.is_some_and(|lease| lease.is_valid(now)) {
            return Err(EditRefused::Publishing);
        }
        let same_but_channels = Draft {
            channels: self.draft.channels.clone(),
            channel_settings: self.draft.channel_settings.clone(),
            ..draft.clone()
        } == self.draft;
        if in_flight && !same_but_channels {
            return Err(EditRefused::Distributed);
        }
        Ok(Self {
            draft,
            updated_at: now,
            ..self
        })
    }

    /// A publish begins: approves a draft, leaves an approved or active event as it is.
    #[must_use]
    pub fn approve(self, distribution: DistributionId, lease: Lease, now: Timestamp) -> Self {
        let status = match self.status {
            EventStatus::Draft => EventStatus::Approved,
            EventStatus::Approved | EventStatus::Active => self.status,
        };
        Self {
            status,
            approved_at: self.approved_at.or(Some(now)),
            distribution: self.distribution.or(Some(distribution)),
            schedule: None,
            publishing: Some(lease),
            updated_at: now,
            ..self
        }
    }

    /// What to consider about its schedule.
    #[must_use]
    pub fn schedule_warnings(&self) -> Vec<Finding> {
        let end = self.draft.content.as_ref().and_then(OfferEnd::of);
        let warning = end.zip(self.schedule.as_ref());
        let warning = warning.and_then(|(end, schedule)| end.warning_for(schedule));
        warning.into_iter().collect()
    }

    /// It is published by itself then, or by nobody.
    #[must_use]
    pub fn reschedule(self, schedule: Option<Schedule>, now: Timestamp) -> Self {
        Self {
            schedule,
            updated_at: now,
            ..self
        }
    }

    /// A channel has it: `ACTIVE`, once.
    #[must_use]
    pub fn activate(self, now: Timestamp) -> Self {
        match self.status {
            EventStatus::Active => self,
            EventStatus::Draft | EventStatus::Approved => Self {
                status: EventStatus::Active,
                distributed_at: Some(now),
                updated_at: now,
                ..self
            },
        }
    }

    /// The publish that `holder` ran is over.
    #[must_use]
    pub fn drop_lease(self, holder: HolderId) -> Self {
        let publishing = self.publishing.filter(|lease| lease.holder != holder);
        Self { publishing, ..self }
    }

    /// The publish that `holder` ran waits for a part that is away, and goes on then.
    #[must_use]
    pub fn postpone(self, holder: HolderId, until: Timestamp) -> Self {
        let publishing = self.publishing.map(|lease| {
            if lease.holder == holder {
                Lease::postponed(until)
            } else {
                lease
            }
        });
        Self { publishing, ..self }
    }
}

/// Where the cache keeps the objective that an owner chose last.
#[must_use]
pub fn last_objective_key(owner: &OwnerId) -> String {
    format!("purpose:{owner}")
}
