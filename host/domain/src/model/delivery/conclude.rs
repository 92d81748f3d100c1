//! What the end of an attempt makes of its delivery.

use jiff::Timestamp;

use super::{Delivery, DeliveryStatus, InvalidTransition};
use crate::model::attempt::{Action, AttemptOutcome, Failure, Report};
use crate::model::findings::Finding;
use crate::model::receipt::Receipt;
use crate::model::retry::RetryPolicy;
use crate::model::text::{Language, sentence, with_detail, wrap_bilingual};
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
                delivery.settle_live(receipt.clone(), report.remark.clone(), now)
            }
            AttemptOutcome::ActionRequired(action) => delivery.require_action(action.clone(), now),
            AttemptOutcome::Failure(failure) => delivery.react(failure, policy, chance, now),
            AttemptOutcome::GuestFailed(death) if report.unsafe_sent => {
                let message = may_be_out(&death.for_owner());
                delivery.become_unknown(message, now)
            }
            AttemptOutcome::GuestFailed(death) => {
                delivery.settle(DeliveryStatus::Failed, death.for_owner(), now)
            }
            AttemptOutcome::Asleep { until } => Ok(delivery.sleep(*until, now)),
            AttemptOutcome::Diverged(divergence) => {
                delivery.become_unknown(may_be_out(&divergence.for_owner()), now)
            }
            // Whoever has it now writes down how it ends.
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
        match failure {
            Failure::Rejected(findings) => {
                let message = failure.for_owner();
                let settled = self.settle(DeliveryStatus::Failed, message, now)?;
                let findings = Finding::in_draft(&settled.channel, findings.clone());
                Ok(Self {
                    findings,
                    ..settled
                })
            }
            Failure::Unauthorized(why) => {
                let message = wrap_bilingual(why, reconnect);
                let settled = self.settle(DeliveryStatus::Failed, message.clone(), now)?;
                let place = format!("/accounts/{}", settled.channel);
                Ok(Self {
                    findings: vec![Finding::error(place, message)],
                    ..settled
                })
            }
            Failure::RateLimited(millis) => {
                let asked = millis.map(std::time::Duration::from_millis);
                let wait = policy.wait(self.tries, asked, chance);
                let why = match millis {
                    Some(millis) => with_detail(
                        Failure::RateLimited(None).for_owner(),
                        policy.describe_wait(*millis),
                    ),
                    None => failure.for_owner(),
                };
                self.try_again(&why, wait, now)
            }
            Failure::Unavailable(why) => {
                let wait = policy.wait(self.tries, None, chance);
                self.try_again(why, wait, now)
            }
            Failure::Unknown(why) => self.become_unknown(why.clone(), now),
            Failure::Failed(why) => self.settle(DeliveryStatus::Failed, why.clone(), now),
        }
    }

    fn try_again(
        self,
        why: &str,
        wait: Option<std::time::Duration>,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let tries = self.tries;
        match wait {
            Some(wait) => {
                let accepted = self.status == DeliveryStatus::Accepted;
                let next = if accepted {
                    DeliveryStatus::Accepted
                } else {
                    DeliveryStatus::Pending
                };
                let message = wrap_bilingual(why, |language, why| match language {
                    Language::Korean => {
                        format!(
                            "{} 저절로 다시 시도합니다({tries}번 시도함).",
                            sentence(why)
                        )
                    }
                    Language::English => format!(
                        "{} It is tried again by itself ({} so far).",
                        sentence(why),
                        times(tries)
                    ),
                });
                let delivery = Self {
                    attempt: None,
                    lease: None,
                    ..self.with_status(next, now)?
                };
                Ok(delivery.defer(message, after(now, wait), now))
            }
            // What the provider has taken may still come out: only somebody who looks can tell.
            None if self.status == DeliveryStatus::Accepted => {
                let message = wrap_bilingual(why, |language, why| match language {
                    Language::Korean => format!(
                        "{} 제공사가 이미 받았으므로 게시되었을 수 있습니다({tries}번 시도함). 채널에서 직접 확인해 주세요.",
                        sentence(why)
                    ),
                    Language::English => format!(
                        "{} The provider has taken it already, so it may be out ({}). Please look at the channel.",
                        sentence(why),
                        times(tries)
                    ),
                });
                self.become_unknown(message, now)
            }
            None => {
                let message = wrap_bilingual(why, |language, why| match language {
                    Language::Korean => format!(
                        "{} {tries}번 시도하고 멈췄습니다. 나중에 다시 시도해 주세요.",
                        sentence(why)
                    ),
                    Language::English => format!(
                        "{} It was tried {} and is not tried again by itself: retry it later.",
                        sentence(why),
                        times(tries)
                    ),
                });
                self.settle(DeliveryStatus::Failed, message, now)
            }
        }
    }

    pub(super) fn settle_live(
        self,
        receipt: Receipt,
        remark: Option<String>,
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
        let message = action.instructions.clone();
        let delivery = self.settle(DeliveryStatus::ActionRequired, message, now)?;
        Ok(Self {
            action: Some(action),
            ..delivery
        })
    }
}

fn reconnect(language: Language, why: &str) -> String {
    match language {
        Language::Korean => format!("계정을 다시 연결해 주세요. {why}"),
        Language::English => format!("Connect the account again. {why}"),
    }
}

/// Something went wrong after a request had left.
fn may_be_out(why: &str) -> String {
    wrap_bilingual(why, |language, why| match language {
        Language::Korean => format!(
            "{why} 요청이 이미 나갔으므로 게시되었을 수 있습니다. 다시 올리기 전에 채널을 확인해 주세요."
        ),
        Language::English => format!(
            "{why} A request had left, so the post may be out: look at the channel before you publish it again."
        ),
    })
}

fn times(tries: u32) -> String {
    match tries {
        1 => "once".to_owned(),
        more => format!("{more} times"),
    }
}
