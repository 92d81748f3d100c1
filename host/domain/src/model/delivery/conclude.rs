//! What the end of an attempt makes of its delivery.

use std::time::Duration;

use jiff::Timestamp;

use super::{Delivery, DeliveryStatus, InvalidTransition};
use crate::model::attempt::{Action, AttemptOutcome, Failure, Report};
use crate::model::findings::Finding;
use crate::model::reason::Reason;
use crate::model::receipt::Receipt;
use crate::model::retry::RetryPolicy;
use crate::model::time::after;

/// The most that a column of 64 bits with a sign holds.
const MAX_MS: u64 = i64::MAX as u64;

impl Delivery {
    /// An attempt has ended: settles the delivery or sets the time of the next attempt. `chance`
    /// is uniform in `0.0..1.0`.
    ///
    /// # Errors
    /// Only a RUNNING or ACCEPTED delivery has an attempt that can end.
    pub fn conclude(
        self,
        report: &Report,
        policy: &RetryPolicy,
        chance: f64,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let spent = self
            .execution_time_ms
            .saturating_add(report.usage.active_time_ms);
        let delivery = Self {
            execution_time_ms: spent.min(MAX_MS),
            ..self
        };
        match &report.end {
            AttemptOutcome::Live(receipt) => {
                let remark = report.remark.clone().map(Reason::Given);
                delivery.settle_live(receipt.clone(), remark, now)
            }
            AttemptOutcome::ActionRequired(action) => delivery.require_action(action.clone(), now),
            AttemptOutcome::Failure(failure) => delivery.react(failure, policy, chance, now),
            AttemptOutcome::GuestFailed(failure) if report.unsafe_sent => {
                let cause = Reason::GuestFailed(failure.clone());
                delivery.become_unknown(may_be_out(cause), now)
            }
            AttemptOutcome::GuestFailed(failure) => {
                let reason = Reason::GuestFailed(failure.clone());
                delivery.settle(DeliveryStatus::Failed, reason, now)
            }
            AttemptOutcome::Asleep { until } => Ok(delivery.sleep(*until, now)),
            AttemptOutcome::Diverged(divergence) => {
                let cause = Reason::Diverged(divergence.clone());
                delivery.become_unknown(may_be_out(cause), now)
            }
            // The holder of its lease records how it ends.
            AttemptOutcome::LeaseLost => Err(delivery.stale_transition()),
        }
    }

    fn react(
        self,
        failure: &Failure,
        policy: &RetryPolicy,
        chance: f64,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let reason = failure.reason_to_wait(policy);
        match failure {
            Failure::Rejected(findings) => {
                let settled = self.settle(DeliveryStatus::Failed, reason, now)?;
                let findings = Finding::in_draft(&settled.channel, findings.clone());
                Ok(Self {
                    findings,
                    ..settled
                })
            }
            Failure::Unauthorized(why) => {
                let reason = Reason::Unauthorized(why.clone());
                let place = format!("/accounts/{}", self.channel);
                let findings = vec![Finding::error(place, reason.text())];
                Ok(Self {
                    findings,
                    ..self.settle(DeliveryStatus::Failed, reason, now)?
                })
            }
            Failure::RateLimited(millis) => {
                let asked = millis.map(Duration::from_millis);
                let wait = policy.wait(self.tries, asked, chance);
                self.try_again(reason, wait, now)
            }
            Failure::Unavailable(_) => {
                let wait = policy.wait(self.tries, None, chance);
                self.try_again(reason, wait, now)
            }
            Failure::Unknown(_) => self.become_unknown(reason, now),
            Failure::Failed(_) => self.settle(DeliveryStatus::Failed, reason, now),
        }
    }

    fn try_again(
        self,
        cause: Reason,
        wait: Option<Duration>,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let (cause, tries) = (Box::new(cause), self.tries);
        let accepted = self.status == DeliveryStatus::Accepted;
        match wait {
            Some(wait) => {
                let next = if accepted {
                    DeliveryStatus::Accepted
                } else {
                    DeliveryStatus::Pending
                };
                let delivery = Self {
                    attempt: None,
                    lease: None,
                    ..self.with_status(next, now)?
                };
                let reason = Reason::RetryScheduled { cause, tries };
                Ok(delivery.defer(reason, after(now, wait), now))
            }
            // What the provider has taken may still come out: only somebody who looks can tell.
            None if accepted => {
                let reason = Reason::RetriesExhaustedAfterAcceptance { cause, tries };
                self.become_unknown(reason, now)
            }
            None => {
                let reason = Reason::RetriesExhausted { cause, tries };
                self.settle(DeliveryStatus::Failed, reason, now)
            }
        }
    }

    pub(super) fn settle_live(
        self,
        receipt: Receipt,
        remark: Option<Reason>,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let delivery = self.with_status(DeliveryStatus::Live, now)?;
        // A forecast given on acceptance stays when the last answer has none.
        let estimated_reach = receipt.estimated_reach.or(delivery.receipt.estimated_reach);
        Ok(Self {
            receipt: Receipt {
                estimated_reach,
                ..receipt
            },
            message: remark,
            findings: Vec::new(),
            attempt: None,
            lease: None,
            due_at: None,
            ..delivery
        })
    }

    fn require_action(self, action: Action, now: Timestamp) -> Result<Self, InvalidTransition> {
        let reason = Reason::Given(action.instructions.clone());
        let delivery = self.settle(DeliveryStatus::ActionRequired, reason, now)?;
        Ok(Self {
            action: Some(action),
            ..delivery
        })
    }
}

/// Something went wrong after a request had left.
fn may_be_out(cause: Reason) -> Reason {
    let cause = Box::new(cause);
    Reason::MayBeOut { cause }
}
