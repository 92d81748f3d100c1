//! What one reader has seen of a distribution, and what comes next for them.

use std::collections::{HashMap, VecDeque};
use std::str::FromStr;
use std::sync::Arc;

use axum::response::sse::Event;
use baepo_domain::Timestamp;
use baepo_domain::content::Finding;
use baepo_domain::delivery::{DeliveryChange, DeliveryStatus};
use baepo_domain::id::{DeliveryId, DistributionId};
use baepo_domain::ports::{Store, StoreError};
use baepo_domain::text::{Language, in_language};
use serde::Serialize;

use crate::api::distribution::action::{Possible, possible};

/// Changes of one delivery that are read at once.
const BATCH: u32 = 100;
/// Far more than a draft can select channels.
const MOST_DELIVERIES: usize = 1_000;

/// The revision of every delivery that a reader has seen, in the order in which the deliveries were
/// made, such as `4.2.0`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen(Vec<i64>);

impl FromStr for Seen {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let revisions: Result<Vec<i64>, _> = text.split('.').map(str::parse).collect();
        let revisions = revisions.map_err(|_| ())?;
        let valid =
            revisions.len() <= MOST_DELIVERIES && revisions.iter().all(|revision| *revision >= 0);
        if valid { Ok(Self(revisions)) } else { Err(()) }
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, revision) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "." };
            write!(f, "{separator}{revision}")?;
        }
        Ok(())
    }
}

impl Seen {
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
    findings: Vec<Finding>,
    next_attempt_at: Option<Timestamp>,
    /// What you can do about it.
    possible: Vec<Possible>,
    at: Timestamp,
}

impl ChangeBody {
    fn new(change: DeliveryChange, language: Language) -> Self {
        let view = change.view;
        Self {
            channel: view.channel.into(),
            status: view.status,
            generation: view.generation,
            attempts: view.attempts,
            external_id: view.receipt.external_id,
            url: view.receipt.url,
            estimated_reach: view.receipt.estimated_reach,
            message: view.message.map(|message| in_language(&message, language)),
            findings: Finding::in_language(view.findings, language),
            next_attempt_at: view.next_attempt_at,
            possible: possible(view.status, view.next_attempt_at),
            at: change.at,
        }
    }
}

/// Follows a distribution for one reader.
pub(super) struct Follower {
    store: Arc<dyn Store>,
    distribution: DistributionId,
    language: Language,
    seen: Seen,
    /// What the reader knows of each delivery.
    last: HashMap<DeliveryId, DeliveryChange>,
    /// Read, and not sent yet: the place of the delivery and its change.
    waiting: VecDeque<(usize, DeliveryChange)>,
}

impl Follower {
    pub(super) fn new(
        store: Arc<dyn Store>,
        distribution: DistributionId,
        seen: Seen,
        language: Language,
    ) -> Self {
        Self {
            store,
            distribution,
            language,
            seen,
            last: HashMap::new(),
            waiting: VecDeque::new(),
        }
    }

    /// The next message, of what was read. What is no news is passed over.
    pub(super) fn take(&mut self) -> Option<Event> {
        while let Some((index, change)) = self.waiting.pop_front() {
            self.seen.advance(index, change.revision);
            let earlier = self.last.insert(change.delivery, change.clone());
            let is_news = earlier.is_none_or(|earlier| change.is_news_after(&earlier));
            if is_news {
                let body = ChangeBody::new(change, self.language);
                let event = Event::default()
                    .event("delivery")
                    .id(self.seen.to_string())
                    .json_data(body);
                // Plain data is always JSON.
                return event.ok();
            }
        }
        None
    }

    /// Reads what has changed; whether anything has.
    ///
    /// # Errors
    /// When the store cannot answer; nothing is lost then.
    pub(super) async fn look(&mut self) -> Result<bool, StoreError> {
        let deliveries = self.store.deliveries(self.distribution).await?;
        let mut changes = Vec::new();
        for (index, delivery) in deliveries.iter().enumerate() {
            let seen = self.seen.revision(index);
            if delivery.revision <= seen {
                continue;
            }
            let read = self
                .store
                .delivery_changes(delivery.id, seen, BATCH)
                .await?;
            for change in read {
                if change.revision > seen {
                    changes.push((index, change));
                } else {
                    // Where the reader stopped, at another host perhaps.
                    self.last.entry(delivery.id).or_insert(change);
                }
            }
        }
        // One delivery's changes stay in order: its revisions and its times grow together.
        changes.sort_by_key(|(_, change)| (change.at, change.revision));
        self.waiting.extend(changes);
        Ok(!self.waiting.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_reads_back_from_an_id() {
        for text in ["0", "4.2.0", "12"] {
            let seen: Seen = text.parse().unwrap();
            assert_eq!(seen.to_string(), text);
        }
        for text in ["", "a", "1..2", "-1", "1.x", "9999999999999999999999"] {
            assert_eq!(text.parse::<Seen>(), Err(()), "{text}");
        }
    }

    #[test]
    fn a_delivery_that_is_new_was_not_seen() {
        let mut seen: Seen = "3".parse().unwrap();
        assert_eq!(seen.revision(2), 0);
        seen.advance(2, 1);
        assert_eq!(seen.to_string(), "3.0.1");
    }
}
