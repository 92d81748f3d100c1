//! One channel's part of a distribution, and how it moves.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::attempt::{Action, End, Failure, Receipt, Report};
use crate::clock::after;
use crate::content::{Finding, Severity};
use crate::id::{ChannelId, DeliveryId, Digest, DistributionId, EventId, OwnerId};
use crate::retry::RetryPolicy;

mod status;

pub use status::DeliveryStatus;

/// One channel's part of a distribution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    pub id: DeliveryId,
    pub distribution: DistributionId,
    pub event: EventId,
    pub owner: OwnerId,
    pub channel: ChannelId,
    pub status: DeliveryStatus,
    /// Grows only when a human retries after a certain failure.
    pub generation: u32,
    /// Attempts begun, over all generations.
    pub attempts: u32,
    /// Attempts begun in this generation: what the retry policy counts.
    pub tries: u32,
    /// The component of the last attempt.
    pub release: Option<Digest>,
    pub receipt: Receipt,
    /// What the owner should change or do, by place.
    pub findings: Vec<Finding>,
    pub action: Option<Action>,
    /// What the owner should know, in a sentence.
    pub message: Option<String>,
    /// When the next attempt is due; none unless PENDING, or ACCEPTED without a running attempt.
    pub due_at: Option<Timestamp>,
    /// Of all attempts together, milliseconds.
    pub execution_time_ms: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// 0: not stored yet.
    pub revision: i64,
}

/// A move that a delivery does not make.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a delivery that is {from} cannot become {to}")]
pub struct InvalidTransition {
    pub from: DeliveryStatus,
    pub to: DeliveryStatus,
}

/// Where a delivery belongs.
#[derive(Debug, Clone)]
pub struct Place {
    pub distribution: DistributionId,
    pub event: EventId,
    pub owner: OwnerId,
    pub channel: ChannelId,
}

impl Delivery {
    /// A delivery that is due at once.
    #[must_use]
    pub fn pending(id: DeliveryId, place: Place, now: Timestamp) -> Self {
        Self {
            id,
            distribution: place.distribution,
            event: place.event,
            owner: place.owner,
            channel: place.channel,
            status: DeliveryStatus::Pending,
            generation: 1,
            attempts: 0,
            tries: 0,
            release: None,
            receipt: Receipt::default(),
            findings: Vec::new(),
            action: None,
            message: None,
            due_at: Some(now),
            execution_time_ms: 0,
            created_at: now,
            updated_at: now,
            revision: 0,
        }
    }

    /// The same for every attempt that must not act twice.
    #[must_use]
    pub fn idempotency_key(&self) -> String {
        format!("{}-{}", self.id, self.generation)
    }

    /// An attempt begins.
    ///
    /// # Errors
    /// Only a PENDING delivery, or an ACCEPTED one whose attempt ended early, has an attempt due.
    pub fn start(self, release: Digest, now: Timestamp) -> Result<Self, InvalidTransition> {
        let resumed = self.status == DeliveryStatus::Accepted && self.due_at.is_some();
        let next = if resumed {
            DeliveryStatus::Accepted
        } else {
            DeliveryStatus::Running
        };
        let delivery = self.moved(next, now)?;
        Ok(Self {
            attempts: delivery.attempts + 1,
            tries: delivery.tries + 1,
            release: Some(release),
            message: None,
            due_at: None,
            ..delivery
        })
    }

    /// The provider took it; the attempt goes on until the public can see it.
    ///
    /// # Errors
    /// Only a RUNNING or ACCEPTED delivery.
    pub fn accept(
        self,
        receipt: Receipt,
        note: &str,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let delivery = self.moved(DeliveryStatus::Accepted, now)?;
        Ok(Self {
            receipt,
            message: (!note.is_empty()).then(|| note.to_owned()),
            ..delivery
        })
    }

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
        let delivery = Self {
            execution_time_ms: self.execution_time_ms + report.usage.active_time_ms,
            ..self
        };
        match &report.end {
            End::Live(receipt) => delivery.settle_live(receipt.clone(), now),
            End::ActionRequired(action) => delivery.require_action(action.clone(), now),
            End::Failure(failure) => delivery.react(failure, policy, chance, now),
            End::Died(death) if report.unsafe_sent => {
                let message = format!(
                    "{death}; a request had left, so the post may be out: look before you publish it again"
                );
                delivery.settle(DeliveryStatus::Unknown, message, now)
            }
            End::Died(death) => delivery.settle(DeliveryStatus::Failed, death.to_string(), now),
        }
    }

    /// A human publishes again what certainly failed.
    ///
    /// # Errors
    /// Only a FAILED delivery.
    pub fn reopen(self, now: Timestamp) -> Result<Self, InvalidTransition> {
        if self.status != DeliveryStatus::Failed {
            return Err(self.cannot_become(DeliveryStatus::Pending));
        }
        let delivery = self.moved(DeliveryStatus::Pending, now)?;
        Ok(Self {
            generation: delivery.generation + 1,
            tries: 0,
            receipt: Receipt::default(),
            findings: Vec::new(),
            message: None,
            due_at: Some(now),
            ..delivery
        })
    }

    /// Puts off an attempt that could not begin. It does not count as a try.
    #[must_use]
    pub fn put_off(self, message: String, until: Timestamp, now: Timestamp) -> Self {
        Self {
            message: Some(message),
            due_at: Some(until),
            updated_at: now,
            ..self
        }
    }

    /// It cannot be delivered at all: there is nothing to attempt it with.
    ///
    /// # Errors
    /// Only a PENDING, RUNNING or ACCEPTED delivery.
    pub fn fail(self, message: String, now: Timestamp) -> Result<Self, InvalidTransition> {
        self.settle(DeliveryStatus::Failed, message, now)
    }

    /// Its attempt was cut off and may have posted.
    ///
    /// # Errors
    /// Only a RUNNING or ACCEPTED delivery.
    pub fn lose(self, message: String, now: Timestamp) -> Result<Self, InvalidTransition> {
        self.settle(DeliveryStatus::Unknown, message, now)
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
                let message = format!("connect the account again: {why}");
                self.settle(DeliveryStatus::Failed, message, now)
            }
            Failure::RateLimited(millis) => {
                let asked = millis.map(std::time::Duration::from_millis);
                let wait = policy.wait(self.tries, asked, chance);
                self.try_again("the provider asks for patience (rate limit)", wait, now)
            }
            Failure::Unavailable(why) => {
                let wait = policy.wait(self.tries, None, chance);
                self.try_again(why, wait, now)
            }
            Failure::Unknown(why) => self.settle(DeliveryStatus::Unknown, why.clone(), now),
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
                let message = format!("{why}; attempt {tries} failed, the next is due");
                let delivery = self.moved(next, now)?;
                Ok(delivery.put_off(message, after(now, wait), now))
            }
            // What the provider has taken may still come out: only somebody who looks can tell.
            None if self.status == DeliveryStatus::Accepted => {
                let message = format!("{why}; gave up after {tries} attempts, the provider has it");
                self.settle(DeliveryStatus::Unknown, message, now)
            }
            None => {
                let message =
                    format!("{why}; gave up after {tries} attempts, publish again to retry");
                self.settle(DeliveryStatus::Failed, message, now)
            }
        }
    }

    fn settle_live(self, receipt: Receipt, now: Timestamp) -> Result<Self, InvalidTransition> {
        let delivery = self.moved(DeliveryStatus::Live, now)?;
        // A forecast given on acceptance stays when the last answer has none.
        let estimated_reach = receipt.estimated_reach.or(delivery.receipt.estimated_reach);
        Ok(Self {
            receipt: Receipt {
                estimated_reach,
                ..receipt
            },
            message: None,
            findings: Vec::new(),
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

    fn settle(
        self,
        status: DeliveryStatus,
        message: String,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let delivery = self.moved(status, now)?;
        Ok(Self {
            message: Some(message),
            due_at: None,
            ..delivery
        })
    }

    fn moved(self, to: DeliveryStatus, now: Timestamp) -> Result<Self, InvalidTransition> {
        if self.status.may_become(to) {
            Ok(Self {
                status: to,
                updated_at: now,
                ..self
            })
        } else {
            Err(self.cannot_become(to))
        }
    }

    fn cannot_become(&self, to: DeliveryStatus) -> InvalidTransition {
        InvalidTransition {
            from: self.status,
            to,
        }
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
        "the provider rejected the content".to_owned()
    } else {
        errors.join("; ")
    }
}

#[cfg(test)]
mod tests;
