//! A new attempt: everything that it needs is found and checked before it is written down.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Deliverer, NextStep, next};
use crate::model::attempt::{AccountView, Attempt, AttemptInput};
use crate::model::content::Content;
use crate::model::delivery::offer::JournalCompleteness;
use crate::model::delivery::{Delivery, DeliveryStatus};
use crate::model::findings::Finding;
use crate::model::id::AttemptId;
use crate::model::offer_end::OfferEnd;
use crate::model::reason::Reason;
use crate::model::time::after;
use crate::ports::{CommitError, HeldRelease, JsonObject, Mutation, StoreError};
use crate::usecases::accounts::NotConnected;
use crate::usecases::failpoint;
use crate::usecases::transitions::DeliveryRef;

/// What an attempt runs on.
struct AttemptContext {
    held: Box<dyn HeldRelease>,
    content: Content,
    options: JsonObject,
    account: AccountView,
}

/// Why an attempt cannot begin.
enum PrepareError {
    /// Nothing would change by trying again.
    Failed {
        reason: Reason,
        findings: Vec<Finding>,
    },
    /// And nothing of it is out.
    OfferEnded(OfferEnd),
    Store(StoreError),
}

impl Deliverer {
    pub(super) async fn begin(
        self: &Arc<Self>,
        delivery: Delivery,
    ) -> Result<NextStep, StoreError> {
        match self.prepare(&delivery).await {
            Ok(prepared) => match self.breakers.enter(&delivery.channel, self.clock.now()) {
                Ok(()) => self.start(delivery, prepared).await,
                Err(until) => self.defer(delivery, &prepared.content, until).await,
            },
            Err(PrepareError::OfferEnded(end)) => {
                self.fail_offer_ended(&delivery, None, Reason::OfferEnded { end: end.0 })
                    .await
            }
            Err(PrepareError::Failed { reason, findings }) => {
                self.fail(delivery, reason, findings).await
            }
            Err(PrepareError::Store(error)) => Err(error),
        }
    }

    async fn prepare(&self, delivery: &Delivery) -> Result<AttemptContext, PrepareError> {
        let channel = &delivery.channel;
        let held = self
            .channels
            .hold(channel)
            .ok_or_else(|| PrepareError::failed(Reason::ChannelNotInstalled(channel.clone())))?;
        let event = self.events.event(delivery.event).await?;
        let event = event.ok_or_else(|| StoreError::missing("event", delivery.event))?;
        // What was stored before there was a normal form is brought to it: from here on the attempt
        // keeps what it begins with.
        let draft = event.draft.normalized();
        let now = self.clock.now();
        let end = draft.content.as_ref().and_then(OfferEnd::of);
        // What the provider has taken is looked for all the same; nothing is sent for that.
        let is_out = delivery.status == DeliveryStatus::Accepted;
        if let Some(end) = end.filter(|end| end.is_over_at(now) && !is_out) {
            return Err(PrepareError::OfferEnded(end));
        }
        let options = held.options(&draft.options(channel)).map_err(|findings| {
            let findings = Finding::below(&format!("/channelSettings/{channel}"), findings);
            PrepareError::Failed {
                reason: Reason::OptionsInvalid(findings.clone()),
                findings,
            }
        })?;
        let account = self
            .accounts
            .view(&delivery.owner, held.as_ref(), now)
            .await?;
        let content = draft.content;
        Ok(AttemptContext {
            held,
            content: content.ok_or_else(|| PrepareError::failed(Reason::ContentMissing))?,
            options,
            account,
        })
    }

    async fn start(
        self: &Arc<Self>,
        delivery: Delivery,
        prepared: AttemptContext,
    ) -> Result<NextStep, StoreError> {
        let _working = self.in_progress.begin(delivery.id);
        let now = self.clock.now();
        let id = AttemptId(self.ids.next());
        let release = prepared.held.release().digest;
        let Ok(delivery) = delivery.start(id, release, self.node.lease_from(now), now) else {
            return Ok(NextStep::Done);
        };
        let attempt = Attempt {
            id,
            delivery: delivery.id,
            distribution: delivery.distribution,
            channel: delivery.channel.clone(),
            release,
            number: delivery.attempts,
            beginning: AttemptInput {
                idempotency_key: delivery.idempotency_key(),
                event: delivery.event,
                content: prepared.content,
                options: prepared.options.into(),
                settings: prepared.account.settings,
                limits: prepared.held.limits(),
            },
            started_at: now,
            ended: None,
            revision: 0,
        };
        let changes = vec![
            Mutation::PutDelivery(delivery.clone()),
            Mutation::PutAttempt(attempt.clone()),
        ];
        failpoint::point("delivery.start");
        match self.unit_of_work.commit(changes).await {
            Ok(()) => {
                failpoint::point("delivery.started");
                self.observer.moved(&delivery);
                let attempt = Attempt {
                    revision: 1,
                    ..attempt
                };
                let secrets = prepared.account.secrets;
                let begins = Vec::new();
                self.run(
                    attempt,
                    prepared.held,
                    secrets,
                    begins,
                    JournalCompleteness::Complete,
                )
                .await
            }
            // Somebody else moved it: look again.
            Err(CommitError::Conflict(_)) => Ok(NextStep::At(now)),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    async fn fail(
        &self,
        delivery: Delivery,
        reason: Reason,
        findings: Vec<Finding>,
    ) -> Result<NextStep, StoreError> {
        let delivery_ref = DeliveryRef::from(&delivery);
        let failed = move |delivery: Delivery, now| {
            let failed = delivery.fail(reason.clone(), now)?;
            Ok(Delivery {
                findings: findings.clone(),
                ..failed
            })
        };
        self.transitions
            .apply(delivery_ref, Arc::new(failed), Vec::new())
            .await?;
        Ok(NextStep::Done)
    }

    async fn defer(
        &self,
        delivery: Delivery,
        content: &Content,
        until: Timestamp,
    ) -> Result<NextStep, StoreError> {
        let end = OfferEnd::of(content).filter(|end| end.is_over_at(until));
        if let Some(end) = end.filter(|_| delivery.status != DeliveryStatus::Accepted) {
            let reason = Reason::OfferEndsBefore {
                end: end.0,
                earliest: until,
                cause: None,
            };
            return self.fail_offer_ended(&delivery, None, reason).await;
        }
        let delivery_ref = DeliveryRef::from(&delivery);
        let defer = move |delivery: Delivery, now: Timestamp| {
            let channel = delivery.channel.clone();
            let reason = Reason::BreakerOpen { channel, until };
            // One more millisecond: at `until` itself the breaker lets through.
            Ok(delivery.defer(reason, after(until, Duration::from_millis(1)), now))
        };
        let changed = self
            .transitions
            .apply(delivery_ref, Arc::new(defer), Vec::new())
            .await?;
        Ok(changed.as_ref().map_or(NextStep::Done, next))
    }
}

impl PrepareError {
    fn failed(reason: Reason) -> Self {
        Self::Failed {
            reason,
            findings: Vec::new(),
        }
    }
}

impl From<NotConnected> for PrepareError {
    fn from(error: NotConnected) -> Self {
        match error {
            NotConnected::Account(finding) => Self::Failed {
                reason: Reason::Given(finding.message.clone()),
                findings: vec![finding],
            },
            NotConnected::Store(error) => Self::Store(error),
        }
    }
}

impl From<StoreError> for PrepareError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
