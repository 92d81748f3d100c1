//! Who works on a delivery: attempts begin, sleep, and go on somewhere else.

use jiff::Timestamp;

use super::{Delivery, DeliveryStatus, InvalidTransition};
use crate::model::id::{AttemptId, Digest, HolderId};
use crate::model::lease::Lease;

impl Delivery {
    /// An attempt begins.
    ///
    /// # Errors
    /// Only a PENDING delivery, or an ACCEPTED one whose attempt has ended, has one to begin.
    pub fn start(
        self,
        attempt: AttemptId,
        release: Digest,
        lease: Lease,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let taken_before = self.status == DeliveryStatus::Accepted && self.attempt.is_none();
        let next = if taken_before {
            DeliveryStatus::Accepted
        } else {
            DeliveryStatus::Running
        };
        let delivery = self.with_status(next, now)?;
        Ok(Self {
            attempts: delivery.attempts + 1,
            tries: delivery.tries + 1,
            release: Some(release),
            message: None,
            attempt: Some(attempt),
            lease: Some(lease),
            due_at: None,
            ..delivery
        })
    }

    /// An attempt that slept, or whose host is gone, goes on.
    #[must_use]
    pub fn resume(self, lease: Lease, now: Timestamp) -> Self {
        Self {
            lease: Some(lease),
            due_at: None,
            updated_at: now,
            ..self
        }
    }

    /// Its attempt goes on then; until then nobody works on it.
    #[must_use]
    pub fn sleep(self, until: Timestamp, now: Timestamp) -> Self {
        Self {
            lease: None,
            due_at: Some(until),
            updated_at: now,
            ..self
        }
    }

    /// The process that worked on it is gone: it is due at once.
    #[must_use]
    pub fn reclaim(self, now: Timestamp) -> Self {
        self.sleep(now, now)
    }

    /// Whether `holder` works on this very attempt.
    #[must_use]
    pub fn is_worked_on_by(&self, holder: HolderId, attempt: AttemptId) -> bool {
        self.attempt == Some(attempt) && self.lease.is_some_and(|lease| lease.holder == holder)
    }
}
