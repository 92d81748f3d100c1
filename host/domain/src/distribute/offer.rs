//! A delivery whose offer has ended, or ends before it could be sent.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Deliverer, Next, next};
use crate::attempt::{Attempt, Ended, Usage};
use crate::delivery::{Delivery, DeliveryStatus, Record};
use crate::journal::{Entry, Step, may_be_out};
use crate::moves::Spot;
use crate::offer::OfferEnd;
use crate::ports::{Change, StoreError};

impl Deliverer {
    /// Fails it now; `attempt` is the one that slept.
    pub(super) async fn end_with_offer(
        &self,
        delivery: &Delivery,
        attempt: Option<Attempt>,
        why: String,
    ) -> Result<Next, StoreError> {
        let read = delivery.revision;
        let message = why.clone();
        let ended = move |delivery: Delivery, now| {
            if delivery.revision == read {
                delivery.end_with_offer(why.clone(), now)
            } else {
                Err(delivery.lost())
            }
        };
        let spot = Spot::from(delivery);
        let changed = self.moves.change(spot, Arc::new(ended), Vec::new()).await?;
        let Some(changed) = changed else {
            // Somebody else moved it: look again.
            return Ok(Next::At(self.moves.clock.now()));
        };
        if let Some(attempt) = attempt {
            self.end_sleeping(attempt, message).await;
        }
        Ok(next(&changed))
    }

    /// Ends an attempt that does not wake any more, so that its journal is not kept for ever. When this
    /// is cut off, only that is lost.
    pub(super) async fn end_sleeping(&self, attempt: Attempt, why: String) {
        let ended = Attempt {
            ended: Some(Ended {
                at: self.moves.clock.now(),
                end: "failed".to_owned(),
                message: Some(why),
                usage: Usage::default(),
            }),
            ..attempt
        };
        let _ = self
            .moves
            .store
            .commit(vec![Change::PutAttempt(ended)])
            .await;
    }
}

/// Whether the journal of an attempt that goes on has all that it sent: it slept, and nothing has
/// woken it since.
pub(super) fn record(delivery: &Delivery, journal: &[Entry]) -> Record {
    match journal.last().map(|last| &last.step) {
        Some(Step::Slept { until }) if delivery.due_at == Some(*until) => Record::Complete,
        _ => Record::CutOff,
    }
}

/// Why an attempt that would go on now ends instead: the offer is over, and nothing that it sent may
/// be out.
pub(super) fn is_too_late(
    delivery: &Delivery,
    attempt: &Attempt,
    journal: &[Entry],
    now: Timestamp,
) -> Option<String> {
    let end = OfferEnd::of(&attempt.beginning.content).filter(|end| end.is_over_at(now))?;
    let is_certain = delivery.status != DeliveryStatus::Accepted
        && record(delivery, journal) == Record::Complete
        && !may_be_out(journal);
    is_certain.then(|| end.nothing_sent())
}
