//! An attempt runs, and how it ended is written down.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;

use super::journal::AttemptJournal;
use super::{Deliverer, NextStep, next};
use crate::model::attempt::{Attempt, AttemptOutcome, AttemptSummary, Job, Report};
use crate::model::delivery::Delivery;
use crate::model::delivery::offer::JournalCompleteness;
use crate::model::id::DeliveryId;
use crate::model::journal::Entry;
use crate::model::offer_end::OfferEnd;
use crate::model::reason::Reason;
use crate::model::retry::RetryPolicy;
use crate::ports::{HeldRelease, Mutation, StoreError};
use crate::usecases::failpoint;
use crate::usecases::transitions::{DeliveryRef, Transition};

/// Before what the store did not take is written again; half of it is drawn.
const STORE_PAUSE: Duration = Duration::from_millis(500);
/// About ten seconds: what a server takes to start again is not worth a word.
const PAUSES_BEFORE_REPORT: u32 = 25;

impl Deliverer {
    pub(super) async fn run(
        self: &Arc<Self>,
        attempt: Attempt,
        held: Box<dyn HeldRelease>,
        secrets: BTreeMap<String, SecretString>,
        journal: Vec<Entry>,
        completeness: JournalCompleteness,
    ) -> Result<NextStep, StoreError> {
        let job = Job {
            attempt: attempt.id,
            beginning: attempt.beginning.clone(),
            started_at: attempt.started_at,
            secrets,
            journal,
        };
        let kept = Arc::new(AttemptJournal {
            deliverer: Arc::clone(self),
            delivery_ref: DeliveryRef::from(&attempt),
            attempt: attempt.id,
        });
        let report = held.run(job, kept).await;
        self.breakers
            .report(&attempt.channel, &report, self.clock.now());
        self.conclude(attempt, report, completeness).await
    }

    /// Writes down how an attempt ended. It is tried until it is written: what the provider did
    /// must not be forgotten because the store was away for a moment.
    async fn conclude(
        &self,
        attempt: Attempt,
        report: Report,
        completeness: JournalCompleteness,
    ) -> Result<NextStep, StoreError> {
        let chance = self.ids.chance().unit();
        let report = Arc::new(report);
        let concluded: Transition = {
            let (holder, retry, id) = (self.node.holder, self.retry, attempt.id);
            let report = Arc::clone(&report);
            let offer = OfferEnd::of(&attempt.beginning.content);
            Arc::new(move |delivery: Delivery, now| {
                if !delivery.is_worked_on_by(holder, id) {
                    return Err(delivery.stale_transition());
                }
                match offer {
                    Some(end) => delivery.conclude_with_offer_end(
                        end,
                        completeness,
                        &report,
                        (&retry, chance),
                        now,
                    ),
                    None => delivery.conclude(&report, &retry, chance, now),
                }
            })
        };
        failpoint::point("delivery.conclude");
        let mut tries = 0;
        loop {
            let first = self.final_mutations(&attempt, &report);
            let concluded = Arc::clone(&concluded);
            match self
                .transitions
                .apply(DeliveryRef::from(&attempt), concluded, first)
                .await
            {
                Ok(changed) => {
                    failpoint::point("delivery.concluded");
                    let slept = matches!(report.end, AttemptOutcome::Asleep { .. });
                    let settled = changed
                        .as_ref()
                        .filter(|delivery| delivery.status.is_settled());
                    if let Some(settled) = settled.filter(|_| slept) {
                        let why = settled
                            .message
                            .as_ref()
                            .map(Reason::text)
                            .unwrap_or_default();
                        self.end_sleeping_attempt(attempt, why).await;
                    }
                    return Ok(changed.as_ref().map_or(NextStep::Done, next));
                }
                Err(error) => {
                    self.wait_for_store(attempt.delivery, &error, &mut tries)
                        .await;
                }
            }
        }
    }

    /// A pause before something is written again that must be written, however long that takes. Once
    /// it takes long, the observer is called, once.
    pub(super) async fn wait_for_store(
        &self,
        delivery: DeliveryId,
        error: &StoreError,
        tries: &mut u32,
    ) {
        *tries = tries.saturating_add(1);
        if *tries == PAUSES_BEFORE_REPORT {
            self.observer.store_unavailable(delivery, error);
        }
        let share = 0.5 + self.ids.chance().unit() / 2.0;
        self.clock.sleep(STORE_PAUSE.mul_f64(share)).await;
    }

    /// The rest of the journal, and the attempt's own end unless it only sleeps.
    fn final_mutations(&self, attempt: &Attempt, report: &Report) -> Vec<Mutation> {
        let mut changes = Vec::new();
        if !report.entries.is_empty() {
            changes.push(Mutation::AppendEntries {
                attempt: attempt.id,
                delivery: attempt.delivery,
                holder: self.node.holder,
                entries: report.entries.clone(),
            });
        }
        if !matches!(
            report.end,
            AttemptOutcome::Asleep { .. } | AttemptOutcome::LeaseLost
        ) {
            changes.push(Mutation::PutAttempt(Attempt {
                ended: Some(ended(report, &self.retry, self.clock.now())),
                ..attempt.clone()
            }));
        }
        changes
    }
}

fn ended(report: &Report, retry: &RetryPolicy, now: Timestamp) -> AttemptSummary {
    let message = match &report.end {
        AttemptOutcome::Live(_) => report.remark.clone(),
        AttemptOutcome::ActionRequired(action) => Some(action.instructions.clone()),
        AttemptOutcome::Failure(failure) => Some(failure.reason_to_wait(retry).text()),
        AttemptOutcome::GuestFailed(failure) => Some(Reason::GuestFailed(failure.clone()).text()),
        AttemptOutcome::Diverged(divergence) => Some(Reason::Diverged(divergence.clone()).text()),
        AttemptOutcome::Asleep { .. } | AttemptOutcome::LeaseLost => None,
    };
    AttemptSummary {
        at: now,
        end: report.end.name().to_owned(),
        message,
        usage: report.usage,
    }
}
