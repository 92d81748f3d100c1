//! A delivery that may be out or not: its provider is asked, a few times.

use std::time::Duration;

use jiff::Timestamp;

use super::{Delivery, DeliveryStatus, InvalidTransition};
use crate::model::receipt::Receipt;
use crate::model::text::{bilingual, in_language, sentence, wrap_bilingual};
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
        message: String,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let delivery = self.settle(DeliveryStatus::Unknown, message, now)?;
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
        let message = bilingual(
            "게시되지 않은 것을 확인했습니다. 저절로 다시 시도합니다.",
            "It is certain that it is not out. It is tried again by itself.",
        );
        Ok(delivery.defer(message, now, now))
    }

    /// The provider cannot tell: it is asked again later, or no more. Then the owner is told what
    /// they can do.
    ///
    /// # Errors
    /// Only an UNKNOWN delivery.
    pub fn probe_inconclusive(
        self,
        by_hand: &str,
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

    /// Nobody can be asked, but the owner, who is told what they can do.
    ///
    /// # Errors
    /// Only an UNKNOWN delivery.
    pub fn remain_unknown(self, by_hand: &str, now: Timestamp) -> Result<Self, InvalidTransition> {
        let delivery = self.require_unknown(DeliveryStatus::Unknown)?;
        let why = delivery.message.clone().unwrap_or_default();
        let message = wrap_bilingual(&why, |language, why| {
            let reader_text = [sentence(why), in_language(by_hand, language)];
            reader_text.join(" ").trim().to_owned()
        });
        Ok(Self {
            message: Some(message),
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
