//! A new attempt: everything that it needs is found and checked before it is written down.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Deliverer, Next, next};
use crate::attempt::{AccountView, Attempt, Beginning};
use crate::clock::after;
use crate::connect::{NotConnected, account_view};
use crate::content::{Content, Finding};
use crate::delivery::{Delivery, DeliveryStatus, Record};
use crate::fault;
use crate::id::AttemptId;
use crate::moves::Spot;
use crate::offer::OfferEnd;
use crate::ports::{Change, CommitError, HeldRelease, JsonObject, StoreError};
use crate::text::{Language, around, both, with_detail};

/// What an attempt runs on.
struct Prepared {
    held: Box<dyn HeldRelease>,
    content: Content,
    options: JsonObject,
    account: AccountView,
}

/// Why an attempt cannot begin.
enum Unprepared {
    /// Nothing would change by trying again.
    Failed {
        message: String,
        findings: Vec<Finding>,
    },
    /// And nothing of it is out.
    OfferEnded(OfferEnd),
    Store(StoreError),
}

impl Deliverer {
    pub(super) async fn begin(self: &Arc<Self>, delivery: Delivery) -> Result<Next, StoreError> {
        match self.prepare(&delivery).await {
            Ok(prepared) => match self
                .breakers
                .enter(&delivery.channel, self.moves.clock.now())
            {
                Ok(()) => self.start(delivery, prepared).await,
                Err(until) => self.put_off(delivery, &prepared.content, until).await,
            },
            Err(Unprepared::OfferEnded(end)) => {
                self.end_with_offer(&delivery, None, end.nothing_sent())
                    .await
            }
            Err(Unprepared::Failed { message, findings }) => {
                self.fail(delivery, message, findings).await
            }
            Err(Unprepared::Store(error)) => Err(error),
        }
    }

    async fn prepare(&self, delivery: &Delivery) -> Result<Prepared, Unprepared> {
        let channel = &delivery.channel;
        let held = self.channels.hold(channel).ok_or_else(|| {
            let said = both(
                "이 채널은 지금 쓸 수 없습니다. 운영자에게 알려 주세요.",
                "This channel is not available now. Please tell the operator.",
            );
            let detail = format!("the channel {channel} is not installed on this host");
            Unprepared::failed(with_detail(said, detail))
        })?;
        let event = self.moves.store.event(delivery.event).await?;
        let event = event.ok_or_else(|| StoreError::missing("event", delivery.event))?;
        // What was stored before there was a normal form is brought to it: from here on the attempt
        // keeps what it begins with.
        let draft = event.draft.normalized();
        let now = self.moves.clock.now();
        let end = draft.content.as_ref().and_then(OfferEnd::of);
        // What the provider has taken is looked for all the same; nothing is sent for that.
        let is_out = delivery.status == DeliveryStatus::Accepted;
        if let Some(end) = end.filter(|end| end.is_over_at(now) && !is_out) {
            return Err(Unprepared::OfferEnded(end));
        }
        let options = held.options(&draft.options(channel)).map_err(|findings| {
            let findings = Finding::below(&format!("/channelSettings/{channel}"), findings);
            Unprepared::Failed {
                message: around(&Finding::text(&findings), |language, said| match language {
                    Language::Korean => format!("이 채널에서 고른 것을 바꿔 주세요. {said}"),
                    Language::English => {
                        format!("Change what is chosen for this channel. {said}")
                    }
                }),
                findings,
            }
        })?;
        let (store, vault) = (self.moves.store.as_ref(), self.vault.as_ref());
        let account = account_view(store, vault, &delivery.owner, held.as_ref(), now).await?;
        let content = draft.content;
        Ok(Prepared {
            held,
            content: content.ok_or_else(|| {
                Unprepared::failed(both(
                    "행사에 내용이 없습니다. 내용을 써 주세요.",
                    "The event has no content. Write it.",
                ))
            })?,
            options,
            account,
        })
    }

    async fn start(
        self: &Arc<Self>,
        delivery: Delivery,
        prepared: Prepared,
    ) -> Result<Next, StoreError> {
        let _working = self.moves.in_progress.begin(delivery.id);
        let now = self.moves.clock.now();
        let id = AttemptId(self.moves.ids.next());
        let release = prepared.held.release().digest;
        let Ok(delivery) = delivery.start(id, release, self.moves.member.lease_from(now), now)
        else {
            return Ok(Next::Done);
        };
        let attempt = Attempt {
            id,
            delivery: delivery.id,
            distribution: delivery.distribution,
            channel: delivery.channel.clone(),
            release,
            number: delivery.attempts,
            beginning: Beginning {
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
            Change::PutDelivery(delivery.clone()),
            Change::PutAttempt(attempt.clone()),
        ];
        fault::point("delivery.start");
        match self.moves.store.commit(changes).await {
            Ok(()) => {
                fault::point("delivery.started");
                self.moves.observer.moved(&delivery);
                let attempt = Attempt {
                    revision: 1,
                    ..attempt
                };
                let secrets = prepared.account.secrets;
                let begins = Vec::new();
                self.run(attempt, prepared.held, secrets, begins, Record::Complete)
                    .await
            }
            // Somebody else moved it: look again.
            Err(CommitError::Conflict(_)) => Ok(Next::At(now)),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    async fn fail(
        &self,
        delivery: Delivery,
        message: String,
        findings: Vec<Finding>,
    ) -> Result<Next, StoreError> {
        let spot = Spot::from(&delivery);
        let failed = move |delivery: Delivery, now| {
            let failed = delivery.fail(message.clone(), now)?;
            Ok(Delivery {
                findings: findings.clone(),
                ..failed
            })
        };
        self.moves
            .change(spot, Arc::new(failed), Vec::new())
            .await?;
        Ok(Next::Done)
    }

    async fn put_off(
        &self,
        delivery: Delivery,
        content: &Content,
        until: Timestamp,
    ) -> Result<Next, StoreError> {
        let end = OfferEnd::of(content).filter(|end| end.is_over_at(until));
        if let Some(end) = end.filter(|_| delivery.status != DeliveryStatus::Accepted) {
            let why = end.too_late(until, None);
            return self.end_with_offer(&delivery, None, why).await;
        }
        let spot = Spot::from(&delivery);
        let put_off = move |delivery: Delivery, now: Timestamp| {
            let said = both(
                "이 채널의 제공사가 거듭 응답하지 않아 잠시 쉽니다. 곧 저절로 다시 시도합니다.",
                "This channel's provider has not answered several times, so there is a pause. It is tried again soon by itself.",
            );
            let detail = format!("the breaker of {} is open until {until}", delivery.channel);
            let message = with_detail(said, detail);
            // One more millisecond: at `until` itself the breaker lets through.
            Ok(delivery.put_off(message, after(until, Duration::from_millis(1)), now))
        };
        let changed = self
            .moves
            .change(spot, Arc::new(put_off), Vec::new())
            .await?;
        Ok(changed.as_ref().map_or(Next::Done, next))
    }
}

impl Unprepared {
    fn failed(message: String) -> Self {
        Self::Failed {
            message,
            findings: Vec::new(),
        }
    }
}

impl From<NotConnected> for Unprepared {
    fn from(error: NotConnected) -> Self {
        match error {
            NotConnected::Account(finding) => Self::Failed {
                message: finding.message.clone(),
                findings: vec![finding],
            },
            NotConnected::Store(error) => Self::Store(error),
        }
    }
}

impl From<StoreError> for Unprepared {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
