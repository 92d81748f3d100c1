//! A post is taken down, or called off before it goes out.

use std::sync::Arc;
use std::time::Duration;

use super::{DeliveryActionError, DeliveryActions, Target, only_in};
use crate::model::attempt::{Attempt, AttemptSummary, Usage};
use crate::model::audit::Action;
use crate::model::delivery::{Delivery, DeliveryStatus};
use crate::model::journal::{Entry, Repeat, Step};
use crate::model::reason::Reason;
use crate::model::text::Localized;
use crate::ports::{HeldRelease, Mutation, StoreError, WithdrawError};
use crate::usecases::transitions::{DeliveryRef, Transition};

/// How often it is looked whether an attempt at work has come to rest; for ten seconds in all, since
/// one that sleeps for less than five keeps its place meanwhile.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
const MAX_POLLS: u32 = 100;

impl DeliveryActions {
    /// Takes a post down, or calls off what has not gone out: PENDING, RUNNING, ACCEPTED or LIVE →
    /// WITHDRAWN. May be repeated after a stop in the middle: providers take down what is gone
    /// without complaint.
    ///
    /// # Errors
    /// See [`DeliveryActionError`]; the delivery goes on as before then.
    pub async fn withdraw(&self, target: &Target) -> Result<Delivery, DeliveryActionError> {
        for _ in 0..MAX_POLLS {
            let delivery = self.find(target).await?;
            match delivery.status {
                DeliveryStatus::Withdrawn => return Ok(delivery),
                DeliveryStatus::Live => {
                    self.take_down(&delivery).await?;
                    if let Some(withdrawn) = self.finish(target, &delivery, is_live).await? {
                        return Ok(withdrawn);
                    }
                }
                DeliveryStatus::Pending if delivery.lease.is_none() => {
                    if let Some(withdrawn) = self.finish(target, &delivery, is_waiting).await? {
                        return Ok(withdrawn);
                    }
                }
                DeliveryStatus::Running | DeliveryStatus::Accepted if delivery.lease.is_none() => {
                    if let Some(withdrawn) = self.cancel_unpublished(target, &delivery).await? {
                        return Ok(withdrawn);
                    }
                }
                DeliveryStatus::Pending | DeliveryStatus::Running | DeliveryStatus::Accepted => {
                    self.clock.sleep(POLL_INTERVAL).await;
                }
                status => return Err(DeliveryActionError::WrongState { status }),
            }
        }
        Err(DeliveryActionError::Busy)
    }

    /// An attempt sleeps. It is held meanwhile; `None` when it woke up before.
    async fn cancel_unpublished(
        &self,
        target: &Target,
        delivery: &Delivery,
    ) -> Result<Option<Delivery>, DeliveryActionError> {
        let _working = self.in_progress.begin(delivery.id);
        let node = self.node;
        let hold: Transition =
            Arc::new(move |delivery, now| delivery.hold(node.lease_from(now), now));
        let delivery_ref = DeliveryRef::from(delivery);
        let Some(held) = self
            .transitions
            .apply(delivery_ref, hold, Vec::new())
            .await?
        else {
            return Ok(None);
        };
        let gone = if self.may_be_at_provider(&held).await? {
            self.take_down(&held).await
        } else {
            Ok(())
        };
        if let Err(error) = gone {
            self.resume_sleep(delivery).await?;
            return Err(error);
        }
        let withdrawn = self.finish(target, &held, is_live_or_in_flight).await?;
        self.end_attempt(&held).await?;
        Ok(withdrawn)
    }

    async fn take_down(&self, delivery: &Delivery) -> Result<(), DeliveryActionError> {
        let (held, withdrawal) = self.withdrawal(delivery).await?;
        match held.withdraw(withdrawal).await {
            Some(Ok(())) => Ok(()),
            Some(Err(WithdrawError::Failed(failure))) => {
                Err(DeliveryActionError::Provider(failure))
            }
            Some(Err(WithdrawError::GuestFailed(death))) => {
                Err(DeliveryActionError::Component(death))
            }
            None => Err(DeliveryActionError::NotPossible(by_hand(held.as_ref()))),
        }
    }

    async fn finish(
        &self,
        target: &Target,
        delivery: &Delivery,
        allowed: fn(&Delivery) -> bool,
    ) -> Result<Option<Delivery>, StoreError> {
        let withdraw = only_in(allowed, Delivery::withdraw);
        let detail = delivery.receipt.external_id.clone();
        let first = vec![self.audited(target, delivery, Action::Withdraw, detail)];
        self.transitions
            .apply(DeliveryRef::from(delivery), withdraw, first)
            .await
    }

    /// It goes on when it would have gone on.
    async fn resume_sleep(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let (holder, due_at) = (self.node.holder, delivery.due_at);
        let sleep: Transition = Arc::new(move |delivery: Delivery, now| match delivery.lease {
            Some(lease) if lease.holder == holder => Ok(delivery.sleep(due_at.unwrap_or(now), now)),
            Some(_) | None => Err(delivery.stale_transition()),
        });
        self.transitions
            .apply(DeliveryRef::from(delivery), sleep, Vec::new())
            .await
            .map(drop)
    }

    /// So that its journal is not kept for ever. When this is cut off, only that is lost.
    async fn end_attempt(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let Some(id) = delivery.attempt else {
            return Ok(());
        };
        let Some(attempt) = self.attempts.attempt(id).await? else {
            return Ok(());
        };
        let ended = Attempt {
            ended: Some(AttemptSummary {
                at: self.clock.now(),
                end: "withdrawn".to_owned(),
                message: None,
                usage: Usage::default(),
            }),
            ..attempt
        };
        // Another end was recorded first.
        let _ = self
            .unit_of_work
            .commit(vec![Mutation::PutAttempt(ended)])
            .await;
        Ok(())
    }
}

fn is_waiting(delivery: &Delivery) -> bool {
    delivery.status == DeliveryStatus::Pending && delivery.lease.is_none()
}

fn is_live(delivery: &Delivery) -> bool {
    delivery.status == DeliveryStatus::Live
}

fn is_live_or_in_flight(delivery: &Delivery) -> bool {
    use DeliveryStatus::{Accepted, Live, Running};
    matches!(delivery.status, Accepted | Live | Running)
}

pub(super) fn is_mutating(entry: &Entry) -> bool {
    match &entry.step {
        Step::Sent(requests) => requests
            .iter()
            .any(|request| request.repeat != Repeat::Safe),
        _ => false,
    }
}

/// What the owner can do where the channel cannot.
pub(super) fn by_hand(held: &dyn HeldRelease) -> Localized {
    let manifest = &held.release().manifest;
    let unsupported = || {
        let name = manifest.names.clone();
        Reason::WithdrawUnsupported { name }.text()
    };
    manifest
        .by_hand
        .withdraw
        .clone()
        .unwrap_or_else(unsupported)
}
