//! An attempt runs, and how it ended is written down.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;

use super::journal::AttemptJournal;
use super::{Deliverer, Next, next};
use crate::attempt::{Attempt, End, Ended, Failure, Job, Report};
use crate::delivery::{Delivery, Record};
use crate::fault;
use crate::id::DeliveryId;
use crate::journal::Entry;
use crate::moves::{Move, Spot};
use crate::offer::OfferEnd;
use crate::ports::{Change, HeldRelease, StoreError};
use crate::retry::RetryPolicy;
use crate::text::with_detail;

/// Before what the store did not take is written again; half of it is drawn.
const STORE_PAUSE: Duration = Duration::from_millis(500);
/// About ten seconds: what a server takes to start again is not worth a word.
const PAUSES_BEFORE_A_WORD: u32 = 25;

impl Deliverer {
    pub(super) async fn run(
        self: &Arc<Self>,
        attempt: Attempt,
        held: Box<dyn HeldRelease>,
        secrets: BTreeMap<String, SecretString>,
        journal: Vec<Entry>,
        record: Record,
    ) -> Result<Next, StoreError> {
        let job = Job {
            attempt: attempt.id,
            beginning: attempt.beginning.clone(),
            started_at: attempt.started_at,
            secrets,
            journal,
        };
        let kept = Arc::new(AttemptJournal {
            deliverer: Arc::clone(self),
            spot: Spot::from(&attempt),
            attempt: attempt.id,
        });
        let report = held.run(job, kept).await;
        self.breakers
            .report(&attempt.channel, &report, self.moves.clock.now());
        self.conclude(attempt, report, record).await
    }

    /// Writes down how an attempt ended. It is tried until it is written: what the provider did
    /// must not be forgotten because the store was away for a moment.
    async fn conclude(
        &self,
        attempt: Attempt,
        report: Report,
        record: Record,
    ) -> Result<Next, StoreError> {
        let chance = self.chance.unit();
        let report = Arc::new(report);
        let concluded: Move = {
            let (holder, retry, id) = (self.moves.member.holder, self.retry, attempt.id);
            let report = Arc::clone(&report);
            let offer = OfferEnd::of(&attempt.beginning.content);
            Arc::new(move |delivery: Delivery, now| {
                if !delivery.is_worked_on_by(holder, id) {
                    return Err(delivery.lost());
                }
                match offer {
                    Some(end) => {
                        delivery.conclude_within(end, record, &report, (&retry, chance), now)
                    }
                    None => delivery.conclude(&report, &retry, chance, now),
                }
            })
        };
        fault::point("delivery.conclude");
        let mut tries = 0;
        loop {
            let first = self.last_changes(&attempt, &report);
            let concluded = Arc::clone(&concluded);
            match self
                .moves
                .change(Spot::from(&attempt), concluded, first)
                .await
            {
                Ok(changed) => {
                    fault::point("delivery.concluded");
                    let slept = matches!(report.end, End::Asleep { .. });
                    let settled = changed
                        .as_ref()
                        .filter(|delivery| delivery.status.is_settled());
                    if let Some(settled) = settled.filter(|_| slept) {
                        let why = settled.message.clone().unwrap_or_default();
                        self.end_sleeping(attempt, why).await;
                    }
                    return Ok(changed.as_ref().map_or(Next::Done, next));
                }
                Err(error) => {
                    self.wait_for_store(attempt.delivery, &error, &mut tries)
                        .await;
                }
            }
        }
    }

    /// A pause before something is written again that must be written, however long that takes. Once
    /// it takes long, somebody is told, once.
    pub(super) async fn wait_for_store(
        &self,
        delivery: DeliveryId,
        error: &StoreError,
        tries: &mut u32,
    ) {
        *tries = tries.saturating_add(1);
        if *tries == PAUSES_BEFORE_A_WORD {
            self.moves.observer.waits_for_store(delivery, error);
        }
        let share = 0.5 + self.chance.unit() / 2.0;
        self.moves.clock.sleep(STORE_PAUSE.mul_f64(share)).await;
    }

    /// The rest of the journal, and the attempt's own end unless it only sleeps.
    fn last_changes(&self, attempt: &Attempt, report: &Report) -> Vec<Change> {
        let mut changes = Vec::new();
        if !report.entries.is_empty() {
            changes.push(Change::AppendEntries {
                attempt: attempt.id,
                delivery: attempt.delivery,
                holder: self.moves.member.holder,
                entries: report.entries.clone(),
            });
        }
        if !matches!(report.end, End::Asleep { .. } | End::Lost) {
            changes.push(Change::PutAttempt(Attempt {
                ended: Some(ended(report, &self.retry, self.moves.clock.now())),
                ..attempt.clone()
            }));
        }
        changes
    }
}

fn ended(report: &Report, retry: &RetryPolicy, now: Timestamp) -> Ended {
    let message = match &report.end {
        End::Live(_) => report.remark.clone(),
        End::ActionRequired(action) => Some(action.instructions.clone()),
        End::Failure(Failure::RateLimited(Some(wait))) => Some(with_detail(
            Failure::RateLimited(None).for_owner(),
            retry.described(*wait),
        )),
        End::Failure(failure) => Some(failure.for_owner()),
        End::Died(death) => Some(death.for_owner()),
        End::Diverged(divergence) => Some(divergence.for_owner()),
        End::Asleep { .. } | End::Lost => None,
    };
    Ended {
        at: now,
        end: report.end.name().to_owned(),
        message,
        usage: report.usage,
    }
}
