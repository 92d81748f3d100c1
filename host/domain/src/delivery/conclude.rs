//! What the end of an attempt makes of its delivery.

use jiff::Timestamp;

use super::{Delivery, DeliveryStatus, InvalidTransition};
use crate::attempt::{Action, End, Failure, Receipt, Report};
use crate::clock::after;
use crate::content::{Finding, Severity};
use crate::retry::RetryPolicy;
use crate::text::{Language, both, each, in_language};

/// The most that a column of 64 bits with a sign holds.
const MOST_MS: u64 = i64::MAX as u64;

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
            execution_time_ms: spent.min(MOST_MS),
            ..self
        };
        match &report.end {
            End::Live(receipt) => delivery.settle_live(receipt.clone(), report.remark.clone(), now),
            End::ActionRequired(action) => delivery.require_action(action.clone(), now),
            End::Failure(failure) => delivery.react(failure, policy, chance, now),
            End::Died(death) if report.unsafe_sent => {
                let message = both(
                    format!(
                        "{death}; 요청이 이미 나갔으므로 게시되었을 수 있습니다. 다시 올리기 전에 채널을 확인해 주세요."
                    ),
                    format!(
                        "{death}; a request had left, so the post may be out: look before you publish it again"
                    ),
                );
                delivery.doubt(message, now)
            }
            End::Died(death) => delivery.settle(DeliveryStatus::Failed, death.to_string(), now),
            End::Asleep { until } => Ok(delivery.sleep(*until, now)),
            End::Diverged(divergence) => {
                let message = both(
                    format!(
                        "기록대로 다시 실행했더니 채널이 다르게 움직였습니다: {divergence}. 다시 올리기 전에 채널을 확인해 주세요."
                    ),
                    format!(
                        "run again from its journal, the channel did something else: {divergence}; look before you publish it again"
                    ),
                );
                delivery.doubt(message, now)
            }
            // Whoever has it now writes down how it ends.
            End::Lost => Err(delivery.lost()),
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
                let message = rejection(findings);
                let settled = self.settle(DeliveryStatus::Failed, message, now)?;
                let findings = Finding::in_draft(&settled.channel, findings.clone());
                Ok(Self {
                    findings,
                    ..settled
                })
            }
            Failure::Unauthorized(why) => {
                let message = each(|language| reconnect(&in_language(why, language), language));
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
                let why = both(
                    "제공사가 잠시 기다려 달라고 합니다 (요청 한도)",
                    "the provider asks for patience (rate limit)",
                );
                self.try_again(&why, wait, now)
            }
            Failure::Unavailable(why) => {
                let wait = policy.wait(self.tries, None, chance);
                self.try_again(why, wait, now)
            }
            Failure::Unknown(why) => self.doubt(why.clone(), now),
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
                let message = each(|language| {
                    let why = in_language(why, language);
                    match language {
                        Language::Korean => {
                            format!("{why}; {tries}번째 시도가 실패해 다시 시도합니다")
                        }
                        Language::English => {
                            format!("{why}; attempt {tries} failed, the next is due")
                        }
                    }
                });
                let delivery = Self {
                    attempt: None,
                    lease: None,
                    ..self.moved(next, now)?
                };
                Ok(delivery.put_off(message, after(now, wait), now))
            }
            // What the provider has taken may still come out: only somebody who looks can tell.
            None if self.status == DeliveryStatus::Accepted => {
                let message = each(|language| {
                    let why = in_language(why, language);
                    match language {
                        Language::Korean => {
                            format!(
                                "{why}; {tries}번 시도하고 멈췄습니다. 제공사는 이미 받았습니다"
                            )
                        }
                        Language::English => {
                            format!("{why}; gave up after {tries} attempts, the provider has it")
                        }
                    }
                });
                self.doubt(message, now)
            }
            None => {
                let message = each(|language| {
                    let why = in_language(why, language);
                    match language {
                        Language::Korean => {
                            format!("{why}; {tries}번 시도하고 멈췄습니다. 다시 시도할 수 있습니다")
                        }
                        Language::English => {
                            format!("{why}; gave up after {tries} attempts, it can be retried")
                        }
                    }
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
        let delivery = self.moved(DeliveryStatus::Live, now)?;
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

/// The findings that stopped it, in one sentence.
fn rejection(findings: &[Finding]) -> String {
    let errors: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.message.as_str())
        .collect();
    if errors.is_empty() {
        return both(
            "제공사가 내용을 거절했습니다",
            "the provider rejected the content",
        );
    }
    each(|language| {
        let said = errors.iter().map(|error| in_language(error, language));
        said.collect::<Vec<_>>().join("; ")
    })
}

fn reconnect(why: &str, language: Language) -> String {
    match language {
        Language::Korean => format!("다시 연결해 주세요: {why}"),
        Language::English => format!("reconnect the account: {why}"),
    }
}
