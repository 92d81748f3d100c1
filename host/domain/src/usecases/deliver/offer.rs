//! A delivery whose offer has ended, or ends before it could be sent.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Deliverer, NextStep, next};
use crate::model::attempt::{Attempt, AttemptSummary, Usage};
use crate::model::delivery::offer::JournalCompleteness;
use crate::model::delivery::{Delivery, DeliveryStatus};
use crate::model::journal::sent::may_be_out;
use crate::model::journal::{Entry, Step};
use crate::model::offer_end::OfferEnd;
use crate::model::reason::Reason;
use crate::model::text::Localized;
use crate::ports::{Mutation, StoreError};
use crate::usecases::transitions::DeliveryRef;

impl Deliverer {
    /// Fails it now; `attempt` is the one that slept.
    pub(super) async fn fail_offer_ended(
        &self,
        delivery: &Delivery,
        attempt: Option<Attempt>,
        reason: Reason,
    ) -> Result<NextStep, StoreError> {
        let read = delivery.revision;
        let message = reason.text();
        let ended = move |delivery: Delivery, now| {
            if delivery.revision == read {
                delivery.fail_offer_ended(reason.clone(), now)
            } else {
                Err(delivery.stale_transition())
            }
        };
        let delivery_ref = DeliveryRef::from(delivery);
        let changed = self
            .transitions
            .apply(delivery_ref, Arc::new(ended), Vec::new())
            .await?;
        let Some(changed) = changed else {
            // Somebody else moved it: look again.
            return Ok(NextStep::At(self.clock.now()));
        };
        if let Some(attempt) = attempt {
            self.end_sleeping_attempt(attempt, message).await;
        }
        Ok(next(&changed))
    }

    /// Ends an attempt that does not wake any more, so that its journal is not kept for ever. When this
    /// is cut off, only that is lost.
    pub(super) async fn end_sleeping_attempt(&self, attempt: Attempt, why: Localized) {
        let ended = Attempt {
            ended: Some(AttemptSummary {
                at: self.clock.now(),
                end: "failed".to_owned(),
                message: Some(why),
                usage: Usage::default(),
            }),
            ..attempt
        };
        let _ = self
            .unit_of_work
            .commit(vec![Mutation::PutAttempt(ended)])
            .await;
    }
}

/// Whether the journal of an attempt that goes on has all that it sent: it slept, and nothing has
/// woken it since.
pub(super) fn completeness(delivery: &Delivery, journal: &[Entry]) -> JournalCompleteness {
    match journal.last().map(|last| &last.step) {
        Some(Step::Slept { until }) if delivery.due_at == Some(*until) => {
            JournalCompleteness::Complete
        }
        _ => JournalCompleteness::Truncated,
    }
}

/// Why an attempt that would go on now ends instead: the offer is over, and nothing that it sent may
/// be out.
pub(super) fn is_too_late(
    delivery: &Delivery,
    attempt: &Attempt,
    journal: &[Entry],
    now: Timestamp,
) -> Option<Reason> {
    let end = OfferEnd::of(&attempt.beginning.content).filter(|end| end.is_over_at(now))?;
    let is_certain = delivery.status != DeliveryStatus::Accepted
        && completeness(delivery, journal) == JournalCompleteness::Complete
        && !may_be_out(journal);
    is_certain.then_some(Reason::OfferEnded { end: end.0 })
}
