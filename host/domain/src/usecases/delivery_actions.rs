//! What humans do to a delivery once it was published: retry, confirm, withdraw, resolve.
//!
//! Each may be repeated: what is done already is answered as it is. Each is allowed in the states
//! that its function names, and is in the audit log with the transaction that it moves.

use std::sync::Arc;

use jiff::Timestamp;

use crate::model::attempt::{Failure, GuestFailure};
use crate::model::audit::{Action, Actor, ActorRole, AuditEntry};
use crate::model::delivery::{Delivery, DeliveryStatus, InvalidTransition};
use crate::model::findings::Finding;
use crate::model::id::{AuditId, ChannelId, DistributionId};
use crate::model::node_identity::NodeIdentity;
use crate::model::normal_form;
use crate::model::receipt::Receipt;
use crate::model::text::Localized;
use crate::ports::clock::Clock;
use crate::ports::id_generator::IdGenerator;
use crate::ports::{
    AttemptStore, Channels, DeliveryStore, DistributionStore, HeldRelease, JournalStore, Mutation,
    StoreError, UnitOfWork,
};
use crate::usecases::accounts::AccountReader;
use crate::usecases::conflict_backoff::ConflictBackoff;
use crate::usecases::in_progress::InProgress;
use crate::usecases::transitions::{DeliveryRef, Transition, Transitions};

mod confirm;
mod possible;
mod withdraw;

/// The use case, with what it needs.
pub struct DeliveryActions {
    pub transitions: Arc<Transitions>,
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub distributions: Arc<dyn DistributionStore>,
    pub deliveries: Arc<dyn DeliveryStore>,
    pub attempts: Arc<dyn AttemptStore>,
    pub journals: Arc<dyn JournalStore>,
    pub accounts: AccountReader,
    pub channels: Arc<dyn Channels>,
    pub in_progress: Arc<InProgress>,
    pub clock: Arc<dyn Clock>,
    pub ids: IdGenerator,
    pub node: NodeIdentity,
}

/// Which delivery, and who wants something of it.
#[derive(Debug, Clone)]
pub struct Target {
    pub actor: Actor,
    pub distribution: DistributionId,
    pub channel: ChannelId,
}

/// What somebody found who looked for a post of unknown outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    Live {
        /// As it was given; kept in the channel's own form.
        url: Option<String>,
        external_id: Option<String>,
    },
    Failed,
}

/// Why a delivery stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryActionError {
    /// There is none, or it is somebody else's.
    #[error("no such delivery")]
    NotFound,
    #[error("a delivery that is {status} cannot do this")]
    WrongState { status: DeliveryStatus },
    /// An attempt is in progress; a moment later it is not.
    #[error("an attempt is in progress")]
    Busy,
    /// The owner changes what they gave; places are JSON pointers into it.
    #[error("{}", Finding::summary(.0))]
    Invalid(Vec<Finding>),
    /// The channel cannot; the text says what the owner can do.
    #[error("{0}")]
    NotPossible(Localized),
    /// The owner connects the account again.
    #[error("{0}")]
    NotConnected(Localized),
    /// The provider's answer, sorted by who reacts.
    #[error("the provider did not take it down")]
    Provider(Failure),
    #[error(transparent)]
    Component(#[from] GuestFailure),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What to do about a delivery in its state.
enum Decision {
    Proceed,
    /// It is as it should become.
    AlreadyDone,
    Reject,
}

impl DeliveryActions {
    /// Attempts again what certainly failed: FAILED → PENDING. What waits for its next attempt is due at
    /// once, whatever the provider asked for. Does nothing while it is tried.
    ///
    /// # Errors
    /// See [`DeliveryActionError`].
    pub async fn retry(&self, target: &Target) -> Result<Delivery, DeliveryActionError> {
        let now = self.clock.now();
        let decide = |delivery: &Delivery| match delivery.status {
            DeliveryStatus::Failed => Decision::Proceed,
            _ if delivery.awaits_retry() => match delivery.due_at {
                Some(due_at) if due_at > now => Decision::Proceed,
                Some(_) | None => Decision::AlreadyDone,
            },
            DeliveryStatus::Pending | DeliveryStatus::Running => Decision::AlreadyDone,
            _ => Decision::Reject,
        };
        let retry = |delivery: Delivery, now| match delivery.status {
            DeliveryStatus::Failed => delivery.retry(now),
            _ => delivery.expedite(now),
        };
        self.act(target, Action::Retry, None, decide, Arc::new(retry))
            .await
    }

    /// Writes down what somebody found: UNKNOWN → LIVE or FAILED.
    ///
    /// # Errors
    /// See [`DeliveryActionError`].
    pub async fn resolve(
        &self,
        target: &Target,
        resolution: &Resolution,
    ) -> Result<Delivery, DeliveryActionError> {
        let goal = match resolution {
            Resolution::Live { .. } => DeliveryStatus::Live,
            Resolution::Failed => DeliveryStatus::Failed,
        };
        let decide = |delivery: &Delivery| match delivery.status {
            DeliveryStatus::Unknown => Decision::Proceed,
            status if status == goal => Decision::AlreadyDone,
            _ => Decision::Reject,
        };
        let found = match resolution {
            Resolution::Live { url, external_id } => {
                let url = url.as_deref();
                Some(self.found(target, url, external_id.clone()).await?)
            }
            Resolution::Failed => None,
        };
        let detail = found.as_ref().and_then(|found| {
            let url = found.url.clone();
            url.or_else(|| found.external_id.clone())
        });
        let detail = format!("{goal} {}", detail.unwrap_or_default());
        let resolve = move |delivery: Delivery, now| match found.clone() {
            Some(receipt) => delivery.resolve_live(receipt, now),
            None => delivery.resolve_failed(now),
        };
        let detail = Some(detail.trim_end().to_owned());
        self.act(target, Action::Resolve, detail, decide, Arc::new(resolve))
            .await
    }

    /// What is out: where, and by which id, as far as somebody says.
    async fn found(
        &self,
        target: &Target,
        url: Option<&str>,
        external_id: Option<String>,
    ) -> Result<Receipt, DeliveryActionError> {
        let post = match url {
            Some(url) => Some(self.post_at(&self.find(target).await?, url).await?),
            None => None,
        };
        let given = external_id.map(normal_form::line);
        let (url, of_url) = post.map_or((None, None), |post| (Some(post.url), post.external_id));
        Ok(Receipt {
            external_id: given.filter(|id| !id.is_empty()).or(of_url),
            url,
            estimated_reach: None,
        })
    }

    /// Moves the delivery if its state allows it; looks again when somebody was faster.
    async fn act(
        &self,
        target: &Target,
        action: Action,
        detail: Option<String>,
        decide: impl Fn(&Delivery) -> Decision + Send + Sync,
        to: Transition,
    ) -> Result<Delivery, DeliveryActionError> {
        let mut contention = ConflictBackoff::new(self.clock.as_ref(), self.ids.chance());
        loop {
            let delivery = self.find(target).await?;
            match decide(&delivery) {
                Decision::AlreadyDone => return Ok(delivery),
                Decision::Reject => {
                    return Err(DeliveryActionError::WrongState {
                        status: delivery.status,
                    });
                }
                Decision::Proceed => {
                    let first = vec![self.audited(target, &delivery, action, detail.clone())];
                    let delivery_ref = DeliveryRef::from(&delivery);
                    let moved = self
                        .transitions
                        .apply(delivery_ref, Arc::clone(&to), first)
                        .await?;
                    if let Some(moved) = moved {
                        return Ok(moved);
                    }
                    contention.pause().await?;
                }
            }
        }
    }

    async fn find(&self, target: &Target) -> Result<Delivery, DeliveryActionError> {
        let distribution = self.distributions.distribution(target.distribution).await?;
        let may_act = distribution.is_some_and(|distribution| match target.actor.role {
            ActorRole::Owner => distribution.owner == target.actor.subject,
            ActorRole::Operator | ActorRole::Host => true,
        });
        if !may_act {
            return Err(DeliveryActionError::NotFound);
        }
        let deliveries = self.deliveries.deliveries(target.distribution).await?;
        let delivery = deliveries
            .into_iter()
            .find(|delivery| delivery.channel == target.channel);
        delivery.ok_or(DeliveryActionError::NotFound)
    }

    fn audited(
        &self,
        target: &Target,
        delivery: &Delivery,
        action: Action,
        detail: Option<String>,
    ) -> Mutation {
        Mutation::AddAudit(AuditEntry {
            id: AuditId(self.ids.next()),
            at: self.clock.now(),
            actor: target.actor.clone(),
            action,
            owner: delivery.owner.clone(),
            event: Some(delivery.event),
            distribution: Some(delivery.distribution),
            channel: Some(delivery.channel.clone()),
            detail,
        })
    }

    /// The release that a delivery ran on last, else the channel's active one.
    fn held(&self, delivery: &Delivery) -> Option<Box<dyn HeldRelease>> {
        let last = delivery
            .release
            .and_then(|release| self.channels.hold_release(release));
        last.or_else(|| self.channels.hold(&delivery.channel))
    }
}

/// A move that is possible in one state only.
fn only_in(
    allowed: fn(&Delivery) -> bool,
    to: impl Fn(Delivery, Timestamp) -> Result<Delivery, InvalidTransition> + Send + Sync + 'static,
) -> Transition {
    Arc::new(move |delivery, now| {
        if allowed(&delivery) {
            to(delivery, now)
        } else {
            Err(delivery.stale_transition())
        }
    })
}
