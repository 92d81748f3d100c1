//! A delivery that may be out or not: its provider is asked, a few times.

use std::time::Duration;

use jiff::Timestamp;

use super::{Delivery, DeliveryStatus, InvalidTransition};
use crate::model::reason::Reason;
use crate::model::receipt::Receipt;
use crate::model::text::Localized;
use crate::model::time::after;

/// Waits between the questions: 5 s, 30 s, 2 min and 10 min after it became UNKNOWN.
const PROBE_DELAYS: [Duration; 4] = [
    Duration::from_secs(5),
    Duration::from_secs(25),
    Duration::from_secs(90),
    Duration::from_secs(480),
];

impl Delivery {
    /// It may be out or not.
    pub(super) fn become_unknown(
        self,
        reason: Reason,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let delivery = self.settle(DeliveryStatus::Unknown, reason, now)?;
        Ok(Self {
            probes: 0,
            due_at: Some(after(now, PROBE_DELAYS[0])),
            ..delivery
        })
    }

    /// The provider has it.
    ///
    /// # Errors
    /// Only an UNKNOWN delivery.
    pub fn probe_found(self, receipt: Receipt, now: Timestamp) -> Result<Self, InvalidTransition> {
        self.require_unknown(DeliveryStatus::Live)?
            .settle_live(receipt, None, now)
    }

    /// The provider certainly does not have it: it is attempted again.
    ///
    /// # Errors
    /// Only an UNKNOWN delivery.
    pub fn probe_absent(self, now: Timestamp) -> Result<Self, InvalidTransition> {
        let delivery = self.require_unknown(DeliveryStatus::Pending)?;
        let delivery = delivery.with_status(DeliveryStatus::Pending, now)?;
        Ok(delivery.defer(Reason::ProbedAbsent, now, now))
    }

    /// The provider does not know: it is asked again later, or no more. `by_hand` is what the owner can do
    /// then.
    ///
    /// # Errors
    /// Only an UNKNOWN delivery.
    pub fn probe_inconclusive(
        self,
        by_hand: Option<Localized>,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let delivery = self.require_unknown(DeliveryStatus::Unknown)?;
        let probes = delivery.probes + 1;
        let Some(wait) = PROBE_DELAYS.get(probes as usize) else {
            return Self { probes, ..delivery }.remain_unknown(by_hand, now);
        };
        Ok(Self {
            probes,
            due_at: Some(after(now, *wait)),
            updated_at: now,
            ..delivery
        })
    }

    /// Nobody can be asked but the owner. `by_hand` is what they can do.
    ///
    /// # Errors
    /// Only an UNKNOWN delivery.
    pub fn remain_unknown(
        self,
        by_hand: Option<Localized>,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let delivery = self.require_unknown(DeliveryStatus::Unknown)?;
        let before = delivery.message.map(Box::new);
        Ok(Self {
            message: Some(Reason::StillUnknown { before, by_hand }),
            due_at: None,
            updated_at: now,
            ..delivery
        })
    }

    fn require_unknown(self, next: DeliveryStatus) -> Result<Self, InvalidTransition> {
        if self.status == DeliveryStatus::Unknown {
            Ok(self)
        } else {
            Err(self.invalid_transition(next))
        }
    }
}
