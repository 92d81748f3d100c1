//! Transitions that only a human makes: the owner, or an operator for them.

use jiff::Timestamp;

use super::{Delivery, DeliveryStatus, InvalidTransition};
use crate::model::lease::Lease;
use crate::model::reason::Reason;
use crate::model::receipt::Receipt;

impl Delivery {
    /// What certainly failed is attempted again, at once.
    ///
    /// # Errors
    /// Only a FAILED delivery.
    pub fn retry(self, now: Timestamp) -> Result<Self, InvalidTransition> {
        let delivery = self.reopen(now)?;
        Ok(Self {
            due_at: Some(now),
            ..delivery
        })
    }

    /// A human wants the next attempt now, whatever the provider asked for.
    ///
    /// # Errors
    /// Only a delivery that waits for its next attempt.
    pub fn expedite(self, now: Timestamp) -> Result<Self, InvalidTransition> {
        if !self.awaits_retry() {
            return Err(self.stale_transition());
        }
        Ok(Self {
            due_at: Some(now),
            updated_at: now,
            ..self
        })
    }

    /// The owner has done their part: it is out.
    ///
    /// # Errors
    /// Only an ACTION_REQUIRED delivery.
    pub fn confirm(self, receipt: Receipt, now: Timestamp) -> Result<Self, InvalidTransition> {
        if self.status != DeliveryStatus::ActionRequired {
            return Err(self.invalid_transition(DeliveryStatus::Live));
        }
        let confirmed = self.settle_live(receipt, None, now)?;
        Ok(Self {
            action: None,
            ..confirmed
        })
    }

    /// Somebody has looked: it is out.
    ///
    /// # Errors
    /// Only an UNKNOWN delivery.
    pub fn resolve_live(self, receipt: Receipt, now: Timestamp) -> Result<Self, InvalidTransition> {
        // What the provider once said stays where nothing newer is known.
        let receipt = Receipt {
            external_id: receipt.external_id.or(self.receipt.external_id.clone()),
            url: receipt.url.or(self.receipt.url.clone()),
            estimated_reach: receipt.estimated_reach,
        };
        self.probe_found(receipt, now)
    }

    /// Somebody has looked: it is not out.
    ///
    /// # Errors
    /// Only an UNKNOWN delivery.
    pub fn resolve_failed(self, now: Timestamp) -> Result<Self, InvalidTransition> {
        if self.status != DeliveryStatus::Unknown {
            return Err(self.invalid_transition(DeliveryStatus::Failed));
        }
        self.settle(DeliveryStatus::Failed, Reason::ResolvedAbsent, now)
    }

    /// It is taken down, or does not go out at all.
    ///
    /// # Errors
    /// Only a PENDING, RUNNING, ACCEPTED or LIVE delivery.
    pub fn withdraw(self, now: Timestamp) -> Result<Self, InvalidTransition> {
        let reason = match self.status {
            DeliveryStatus::Live | DeliveryStatus::Accepted => Reason::TakenDown,
            _ => Reason::Cancelled,
        };
        self.settle(DeliveryStatus::Withdrawn, reason, now)
    }

    /// Its sleeping attempt is held, so that it does not go on meanwhile.
    ///
    /// # Errors
    /// While somebody works on it.
    pub fn hold(self, lease: Lease, now: Timestamp) -> Result<Self, InvalidTransition> {
        if self.lease.is_some() {
            return Err(self.stale_transition());
        }
        Ok(self.resume(lease, now))
    }
}
