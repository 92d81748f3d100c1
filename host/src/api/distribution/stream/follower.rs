//! The position of one reader in the changes of a distribution, and the messages that follow.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use axum::response::sse::Event;
use baepo_domain::Timestamp;
use baepo_domain::model::audit;
use baepo_domain::model::delivery::revision::DeliveryRevision;
use baepo_domain::model::delivery::{Delivery, DeliveryStatus};
use baepo_domain::model::id::{DeliveryId, DistributionId};
use baepo_domain::model::text::Language;
use baepo_domain::ports::{DeliveryStore, RevisionStore, StoreError};
use baepo_domain::usecases::delivery_actions::DeliveryActions;
use serde::Serialize;

use crate::api::distribution::action::{Possible, possible};
use crate::api::findings::FindingBody;

/// Changes of one delivery that one poll reads.
const BATCH: u32 = 100;
/// Far above the number of channels that a draft can select.
const MAX_DELIVERIES: usize = 1_000;

/// The revision of every delivery that a reader has seen, in the order in which the deliveries were
/// made. In a message's id the distribution's number follows them, such as `4.2.0.73519283`, so that an
/// id of another stream is recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct StreamPosition(Vec<i64>);

impl StreamPosition {
    /// Parses a message's id; `None` when it is not one of this distribution.
    pub(super) fn read(id: &str, distribution: DistributionId) -> Option<Self> {
        let numbers: Result<Vec<i64>, _> = id.split('.').map(str::parse).collect();
        let mut revisions = numbers.ok()?;
        let of = revisions.pop()?;
        let is_valid = of == number(distribution)
            && revisions.len() <= MAX_DELIVERIES
            && revisions.iter().all(|revision| *revision >= 0);
        is_valid.then_some(Self(revisions))
    }

    fn id(&self, distribution: DistributionId) -> String {
        let own = number(distribution);
        let numbers = self.0.iter().copied().chain([own]);
        let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
        numbers.join(".")
    }

    /// Whether it is ahead of the store, which has lost its latest changes since.
    fn is_ahead_of(&self, deliveries: &[Delivery]) -> bool {
        self.0.len() > deliveries.len()
            || deliveries
                .iter()
                .enumerate()
                .any(|(index, delivery)| self.revision(index) > delivery.revision)
    }

    fn revision(&self, index: usize) -> i64 {
        self.0.get(index).copied().unwrap_or(0)
    }

    fn advance(&mut self, index: usize, revision: i64) {
        if self.0.len() <= index {
            self.0.resize(index + 1, 0);
        }
        self.0[index] = revision;
    }
}

/// The number of a distribution in a message's id: random bits of its UUID.
fn number(distribution: DistributionId) -> i64 {
    let bits = distribution.0.as_u128() & 0x7fff_ffff;
    i64::try_from(bits).unwrap_or_default()
}

/// A change as its reader sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeliveryChange)]
pub(super) struct ChangeBody {
    #[schema(example = "instagram")]
    channel: String,
    status: DeliveryStatus,
    generation: u32,
    attempts: u32,
    external_id: Option<String>,
    url: Option<String>,
    estimated_reach: Option<u64>,
    message: Option<String>,
    findings: Vec<FindingBody>,
    next_attempt_at: Option<Timestamp>,
    /// What you can do about it in this state, with the account as it is now.
    possible: Vec<Possible>,
    at: Timestamp,
}

impl ChangeBody {
    fn new(change: DeliveryRevision, actions: &[audit::Action], language: Language) -> Self {
        let view = change.view;
        Self {
            channel: view.channel.into(),
            status: view.status,
            generation: view.generation,
            attempts: view.attempts,
            external_id: view.receipt.external_id,
            url: view.receipt.url,
            estimated_reach: view.receipt.estimated_reach,
            message: view.message.map(|message| message.get(language).to_owned()),
            findings: FindingBody::list(view.findings, language),
            next_attempt_at: view.next_attempt_at,
            possible: possible(actions),
            at: change.at,
        }
    }
}

/// A change that is to be sent.
struct QueuedChange {
    /// The index of its delivery.
    index: usize,
    change: DeliveryRevision,
    possible: Vec<audit::Action>,
}

/// Follows a distribution for one reader.
pub(super) struct Follower {
    deliveries: Arc<dyn DeliveryStore>,
    revisions: Arc<dyn RevisionStore>,
    delivery_actions: Arc<DeliveryActions>,
    distribution: DistributionId,
    language: Language,
    position: StreamPosition,
    /// The last change of each delivery that the reader has seen.
    last: HashMap<DeliveryId, DeliveryRevision>,
    /// Changes that were read and not sent yet.
    queued: VecDeque<QueuedChange>,
}

impl Follower {
    pub(super) fn new(
        (deliveries, revisions): (Arc<dyn DeliveryStore>, Arc<dyn RevisionStore>),
        delivery_actions: Arc<DeliveryActions>,
        distribution: DistributionId,
        position: StreamPosition,
        language: Language,
    ) -> Self {
        Self {
            deliveries,
            revisions,
            delivery_actions,
            distribution,
            language,
            position,
            last: HashMap::new(),
            queued: VecDeque::new(),
        }
    }

    /// The next message of what was read. A change that the reader cannot see is skipped.
    pub(super) fn take(&mut self) -> Option<Event> {
        while let Some(QueuedChange {
            index,
            change,
            possible,
        }) = self.queued.pop_front()
        {
            self.position.advance(index, change.revision);
            let earlier = self.last.insert(change.delivery, change.clone());
            let is_news = earlier.is_none_or(|earlier| change.has_visible_change_since(&earlier));
            if is_news {
                let body = ChangeBody::new(change, &possible, self.language);
                let event = Event::default()
                    .event("delivery")
                    .id(self.position.id(self.distribution))
                    .json_data(body);
                // Serializing plain data cannot fail.
                return event.ok();
            }
        }
        None
    }

    /// Reads changes; whether there are any. A reader who is ahead of the store starts from the first.
    ///
    /// # Errors
    /// When the store cannot answer; nothing is lost then.
    pub(super) async fn poll(&mut self) -> Result<bool, StoreError> {
        let deliveries = self.deliveries.deliveries(self.distribution).await?;
        if self.position.is_ahead_of(&deliveries) {
            self.position = StreamPosition::default();
            self.last.clear();
        }
        let mut changes = Vec::new();
        for (index, delivery) in deliveries.iter().enumerate() {
            let position = self.position.revision(index);
            if delivery.revision <= position {
                continue;
            }
            let read = self
                .revisions
                .delivery_revisions(delivery.id, position, BATCH)
                .await?;
            for change in read {
                if change.revision > position {
                    let then = Delivery {
                        status: change.view.status,
                        receipt: change.view.receipt.clone(),
                        due_at: change.view.next_attempt_at,
                        ..delivery.clone()
                    };
                    changes.push(QueuedChange {
                        index,
                        possible: self.delivery_actions.possible(&then).await?,
                        change,
                    });
                } else {
                    // The change at which the reader stopped, maybe on another host.
                    self.last.entry(delivery.id).or_insert(change);
                }
            }
        }
        // Keeps each delivery's changes in order: revisions and times grow together.
        changes.sort_by_key(|queued| (queued.change.at, queued.change.revision));
        self.queued.extend(changes);
        Ok(!self.queued.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_parsed_from_ids_of_its_own_stream_only() {
        let own = DistributionId(uuid::Uuid::from_u128(0xabc << 64 | 7));
        let other = DistributionId(uuid::Uuid::from_u128(0xabc << 64 | 8));
        for revisions in [vec![], vec![0], vec![4, 2, 0], vec![12]] {
            let position = StreamPosition(revisions);
            assert_eq!(
                StreamPosition::read(&position.id(own), own),
                Some(position.clone())
            );
            assert_eq!(StreamPosition::read(&position.id(other), own), None);
        }
        for text in [
            "",
            "a",
            "1..7",
            "-1.7",
            "1.x",
            "x.7",
            "4.2.0",
            "9999999999999999999999.7",
        ] {
            assert_eq!(StreamPosition::read(text, own), None, "{text}");
        }
    }

    #[test]
    fn a_new_delivery_starts_at_revision_zero() {
        let mut position = StreamPosition(vec![3]);
        assert_eq!(position.revision(2), 0);
        position.advance(2, 1);
        assert_eq!(position, StreamPosition(vec![3, 0, 1]));
    }
}
