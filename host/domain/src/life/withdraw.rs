//! A post is taken down, or called off before it goes out.

use std::sync::Arc;
use std::time::Duration;

use super::{LifeError, Lifecycle, Target, only_in};
use crate::attempt::{Attempt, Ended, Usage};
use crate::audit::Action;
use crate::delivery::{Delivery, DeliveryStatus};
use crate::journal::{Entry, Repeat, Step};
use crate::moves::{Move, Spot};
use crate::ports::{Change, HeldRelease, NotWithdrawn, StoreError};
use crate::text::{Language, both, each, with_detail};

/// How often it is looked whether an attempt at work has come to rest; for ten seconds in all, since
/// one that sleeps for less than five keeps its place meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: u32 = 100;

impl Lifecycle {
    /// Takes a post down, or calls off what has not gone out: PENDING, RUNNING, ACCEPTED or LIVE →
    /// WITHDRAWN. May be repeated after a stop in the middle: providers take down what is gone
    /// without complaint.
    ///
    /// # Errors
    /// See [`LifeError`]; the delivery goes on as before then.
    pub async fn withdraw(&self, target: &Target) -> Result<Delivery, LifeError> {
        for _ in 0..LOOKS {
            let delivery = self.find(target).await?;
            match delivery.status {
                DeliveryStatus::Withdrawn => return Ok(delivery),
                DeliveryStatus::Live => {
                    self.take_down(&delivery).await?;
                    if let Some(withdrawn) = self.finish(target, &delivery, is_out).await? {
                        return Ok(withdrawn);
                    }
                }
                DeliveryStatus::Pending if delivery.lease.is_none() => {
                    if let Some(withdrawn) = self.finish(target, &delivery, waits).await? {
                        return Ok(withdrawn);
                    }
                }
                DeliveryStatus::Running | DeliveryStatus::Accepted if delivery.lease.is_none() => {
                    if let Some(withdrawn) = self.call_off(target, &delivery).await? {
                        return Ok(withdrawn);
                    }
                }
                DeliveryStatus::Pending | DeliveryStatus::Running | DeliveryStatus::Accepted => {
                    self.moves.clock.sleep(LOOK_EVERY).await;
                }
                status => return Err(LifeError::WrongState { status }),
            }
        }
        Err(LifeError::Busy)
    }

    /// An attempt sleeps. It is held meanwhile; `None` when it woke up before.
    async fn call_off(
        &self,
        target: &Target,
        delivery: &Delivery,
    ) -> Result<Option<Delivery>, LifeError> {
        let _working = self.moves.in_progress.begin(delivery.id);
        let member = self.moves.member;
        let hold: Move = Arc::new(move |delivery, now| delivery.hold(member.lease_from(now), now));
        let spot = Spot::from(delivery);
        let Some(held) = self.moves.change(spot, hold, Vec::new()).await? else {
            return Ok(None);
        };
        let gone = if self.may_be_at_provider(&held).await? {
            self.take_down(&held).await
        } else {
            Ok(())
        };
        if let Err(error) = gone {
            self.let_sleep(delivery).await?;
            return Err(error);
        }
        let withdrawn = self.finish(target, &held, is_out_or_on_its_way).await?;
        self.end_attempt(&held).await?;
        Ok(withdrawn)
    }

    async fn take_down(&self, delivery: &Delivery) -> Result<(), LifeError> {
        let (held, withdrawal) = self.withdrawal(delivery).await?;
        match held.withdraw(withdrawal).await {
            Some(Ok(())) => Ok(()),
            Some(Err(NotWithdrawn::Failed(failure))) => Err(LifeError::Provider(failure)),
            Some(Err(NotWithdrawn::Died(death))) => Err(LifeError::Component(death)),
            None => Err(LifeError::NotPossible(by_hand(held.as_ref()))),
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
        self.moves
            .change(Spot::from(delivery), withdraw, first)
            .await
    }

    /// It goes on when it would have gone on.
    async fn let_sleep(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let (holder, due_at) = (self.moves.member.holder, delivery.due_at);
        let sleep: Move = Arc::new(move |delivery: Delivery, now| match delivery.lease {
            Some(lease) if lease.holder == holder => Ok(delivery.sleep(due_at.unwrap_or(now), now)),
            Some(_) | None => Err(delivery.lost()),
        });
        self.moves
            .change(Spot::from(delivery), sleep, Vec::new())
            .await
            .map(drop)
    }

    /// So that its journal is not kept for ever. When this is cut off, only that is lost.
    async fn end_attempt(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let Some(id) = delivery.attempt else {
            return Ok(());
        };
        let Some(attempt) = self.moves.store.attempt(id).await? else {
            return Ok(());
        };
        let ended = Attempt {
            ended: Some(Ended {
                at: self.moves.clock.now(),
                end: "withdrawn".to_owned(),
                message: None,
                usage: Usage::default(),
            }),
            ..attempt
        };
        // Whoever wrote another end was first.
        let _ = self
            .moves
            .store
            .commit(vec![Change::PutAttempt(ended)])
            .await;
        Ok(())
    }
}

fn waits(delivery: &Delivery) -> bool {
    delivery.status == DeliveryStatus::Pending && delivery.lease.is_none()
}

fn is_out(delivery: &Delivery) -> bool {
    delivery.status == DeliveryStatus::Live
}

fn is_out_or_on_its_way(delivery: &Delivery) -> bool {
    use DeliveryStatus::{Accepted, Live, Running};
    matches!(delivery.status, Accepted | Live | Running)
}

pub(super) fn acts(entry: &Entry) -> bool {
    match &entry.step {
        Step::Sent(requests) => requests
            .iter()
            .any(|request| request.repeat != Repeat::Safe),
        _ => false,
    }
}

pub(super) fn not_installed(delivery: &Delivery) -> String {
    let said = both(
        "이 채널은 지금 쓸 수 없습니다. 제공사에서 직접 내려 주세요.",
        "This channel is not available now. Please take it down at the provider yourself.",
    );
    with_detail(
        said,
        format!("the channel {} is not installed", delivery.channel),
    )
}

/// What the owner can do where the channel cannot.
pub(super) fn by_hand(held: &dyn HeldRelease) -> String {
    let manifest = &held.release().manifest;
    if let Some(said) = &manifest.by_hand.withdraw {
        return both(&said.ko, &said.en);
    }
    each(|language| match language {
        Language::Korean => format!(
            "{} 채널은 올린 것을 내릴 수 없습니다. 제공사에서 직접 내려 주세요.",
            manifest.names.ko
        ),
        Language::English => format!(
            "{} cannot take down what is out. Please take it down at the provider yourself.",
            manifest.names.en
        ),
    })
}
