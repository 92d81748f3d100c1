//! One channel's part of a distribution, and how it moves.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::attempt::Action;
use crate::model::findings::Finding;
use crate::model::id::{
    AttemptId, ChannelId, DeliveryId, Digest, DistributionId, EventId, OwnerId,
};
use crate::model::lease::Lease;
use crate::model::reason::Reason;
use crate::model::receipt::Receipt;
use crate::model::text::Localized;

mod claim;
mod conclude;
mod manual;
pub mod offer;
mod probe;
pub mod result;
pub mod revision;
mod status;

pub use self::status::DeliveryStatus;

/// One channel's part of a distribution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    pub id: DeliveryId,
    pub distribution: DistributionId,
    pub event: EventId,
    pub owner: OwnerId,
    pub channel: ChannelId,
    pub status: DeliveryStatus,
    /// Grows only when a human retries after a certain failure.
    pub generation: u32,
    /// Attempts begun, over all generations.
    pub attempts: u32,
    /// Attempts begun in this generation: what the retry policy counts.
    pub tries: u32,
    /// The component of the last attempt.
    pub release: Option<Digest>,
    pub receipt: Receipt,
    /// What the owner should change or do, by place.
    pub findings: Vec<Finding>,
    pub action: Option<Action>,
    /// What the owner should know.
    pub message: Option<Reason>,
    /// The attempt that has begun and not ended; it runs while there is a lease, and sleeps else.
    pub attempt: Option<AttemptId>,
    /// Who works on it, and until when nobody else may.
    pub lease: Option<Lease>,
    /// When somebody must work on it; none while there is a lease, while it waits for its order,
    /// or when there is nothing to do.
    pub due_at: Option<Timestamp>,
    /// How often its provider was asked whether it is out, since it became UNKNOWN.
    pub probes: u32,
    /// Of all attempts together, milliseconds.
    pub execution_time_ms: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// 0: not stored yet.
    pub revision: i64,
}

/// A transition that a delivery does not make.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a delivery that is {from} cannot become {to}")]
pub struct InvalidTransition {
    pub from: DeliveryStatus,
    pub to: DeliveryStatus,
}

/// Where a delivery belongs.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    pub distribution: DistributionId,
    pub event: EventId,
    pub owner: OwnerId,
    pub channel: ChannelId,
}

impl Delivery {
    /// A delivery that waits for its order: it begins when its distribution is ordered, not before
    /// the bus has its event.
    #[must_use]
    pub fn pending(id: DeliveryId, place: NewDelivery, now: Timestamp) -> Self {
        Self {
            id,
            distribution: place.distribution,
            event: place.event,
            owner: place.owner,
            channel: place.channel,
            status: DeliveryStatus::Pending,
            generation: 1,
            attempts: 0,
            tries: 0,
            release: None,
            receipt: Receipt::default(),
            findings: Vec::new(),
            action: None,
            message: None,
            attempt: None,
            lease: None,
            due_at: None,
            probes: 0,
            execution_time_ms: 0,
            created_at: now,
            updated_at: now,
            revision: 0,
        }
    }

    /// The same for every attempt that must not act twice.
    #[must_use]
    pub fn idempotency_key(&self) -> String {
        format!("{}-{}", self.id, self.generation)
    }

    /// The provider took it; the attempt goes on until the public can see it.
    ///
    /// # Errors
    /// Only a RUNNING or ACCEPTED delivery.
    pub fn accept(
        self,
        receipt: Receipt,
        note: Localized,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let delivery = self.with_status(DeliveryStatus::Accepted, now)?;
        Ok(Self {
            receipt,
            message: (!note.is_empty()).then_some(Reason::Given(note)),
            ..delivery
        })
    }

    /// Nothing is out yet; the note says why.
    #[must_use]
    pub fn wait(self, note: Localized, now: Timestamp) -> Self {
        Self {
            message: (!note.is_empty()).then_some(Reason::Given(note)),
            updated_at: now,
            ..self
        }
    }

    /// Whether only the order of its distribution begins it.
    #[must_use]
    pub fn awaits_order(&self) -> bool {
        self.status == DeliveryStatus::Pending && self.due_at.is_none() && self.lease.is_none()
    }

    /// Whether its last attempt has ended, and the next is due at a time.
    #[must_use]
    pub fn awaits_retry(&self) -> bool {
        let may_begin = matches!(
            self.status,
            DeliveryStatus::Pending | DeliveryStatus::Accepted
        );
        may_begin && self.attempt.is_none() && self.lease.is_none() && self.due_at.is_some()
    }

    /// Whether it is to be finished, and nobody works on it or comes back to it by themselves.
    #[must_use]
    pub fn is_orphan(&self) -> bool {
        !self.status.is_settled() && self.lease.is_none() && self.due_at.is_none()
    }

    /// A human publishes again what certainly failed: it waits for its order.
    ///
    /// # Errors
    /// Only a FAILED delivery.
    pub fn reopen(self, now: Timestamp) -> Result<Self, InvalidTransition> {
        if self.status != DeliveryStatus::Failed {
            return Err(self.invalid_transition(DeliveryStatus::Pending));
        }
        let delivery = self.with_status(DeliveryStatus::Pending, now)?;
        Ok(Self {
            generation: delivery.generation + 1,
            tries: 0,
            receipt: Receipt::default(),
            findings: Vec::new(),
            message: None,
            due_at: None,
            probes: 0,
            ..delivery
        })
    }

    /// Puts off an attempt that could not begin. It does not count as a try.
    #[must_use]
    pub fn defer(self, reason: Reason, until: Timestamp, now: Timestamp) -> Self {
        Self {
            message: Some(reason),
            due_at: Some(until),
            updated_at: now,
            ..self
        }
    }

    /// It cannot be delivered at all: there is nothing to attempt it with.
    ///
    /// # Errors
    /// Only a PENDING, RUNNING or ACCEPTED delivery.
    pub fn fail(self, reason: Reason, now: Timestamp) -> Result<Self, InvalidTransition> {
        self.settle(DeliveryStatus::Failed, reason, now)
    }

    fn settle(
        self,
        status: DeliveryStatus,
        reason: Reason,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let delivery = self.with_status(status, now)?;
        Ok(Self {
            message: Some(reason),
            attempt: None,
            lease: None,
            due_at: None,
            ..delivery
        })
    }

    fn with_status(self, to: DeliveryStatus, now: Timestamp) -> Result<Self, InvalidTransition> {
        if self.status.can_transition_to(to) {
            Ok(Self {
                status: to,
                updated_at: now,
                ..self
            })
        } else {
            Err(self.invalid_transition(to))
        }
    }

    /// The refusal of a transition by somebody who does not have the delivery any more.
    #[must_use]
    pub fn stale_transition(&self) -> InvalidTransition {
        self.invalid_transition(self.status)
    }

    fn invalid_transition(&self, to: DeliveryStatus) -> InvalidTransition {
        InvalidTransition {
            from: self.status,
            to,
        }
    }
}

#[cfg(test)]
mod tests;
