//! Messages for the bus, written in the transaction of what they announce.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::model::delivery::Delivery;
use crate::model::distribution::Distribution;
use crate::model::event::Event;
use crate::model::id::{DistributionId, MessageId};
use crate::model::reason::Reason;
use crate::model::text::Language;

/// One message on its way to the bus.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub id: MessageId,
    /// Messages of one key arrive in the order in which they were written.
    pub key: String,
    pub topic: Topic,
    /// CloudEvents `type`.
    pub kind: &'static str,
    pub payload: Value,
    pub created_at: Timestamp,
}

/// A message as it stands in the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxRow {
    /// Grows with every message.
    pub sequence: i64,
    pub message: Message,
    /// When the bus acknowledged it.
    pub sent_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    Event,
    Distribution,
}

impl Topic {
    /// The topic's name on the bus.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event-topic",
            Self::Distribution => "distribution-topic",
        }
    }
}

/// The id of the message that an event's distribution begins. There is one per event, so that
/// a process that goes on with a publish knows what to wait for.
#[must_use]
pub fn announcement(distribution: DistributionId) -> MessageId {
    MessageId(distribution.0)
}

/// CloudEvents `type` of [`event_created`].
pub const EVENT_CREATED: &str = "EventCreated";
/// CloudEvents `type` of [`distribution_completed`].
pub const DISTRIBUTION_COMPLETED: &str = "DistributionCompleted";

/// The event was approved for publishing.
#[must_use]
pub fn event_created(id: MessageId, event: &Event, now: Timestamp) -> Message {
    Message {
        id,
        key: event.id.to_string(),
        topic: Topic::Event,
        kind: EVENT_CREATED,
        payload: json!({
            "eventId": event.id,
            "userId": event.owner,
            "title": event.title(),
            "objective": event.draft.objective,
            "createdAt": event.created_at,
        }),
        created_at: now,
    }
}

/// The most of a text in a message, in characters: a bus takes 1 MB with all channels.
const SUMMARY_CHARS: usize = 2_000;

fn summary(text: &str) -> String {
    match text.char_indices().nth(SUMMARY_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Every delivery of the distribution is settled.
#[must_use]
pub fn distribution_completed(
    id: MessageId,
    distribution: &Distribution,
    deliveries: &[Delivery],
    now: Timestamp,
) -> Message {
    let results: Vec<Value> = deliveries
        .iter()
        .map(|delivery| {
            let message = delivery.message.as_ref().map(Reason::text);
            json!({
                "channel": delivery.channel,
                "status": delivery.status,
                "externalId": delivery.receipt.external_id,
                "url": delivery.receipt.url,
                "estimatedReach": delivery.receipt.estimated_reach,
                "message": message.map(|text| summary(text.get(Language::default()))),
            })
        })
        .collect();
    Message {
        id,
        key: distribution.event.to_string(),
        topic: Topic::Distribution,
        kind: DISTRIBUTION_COMPLETED,
        payload: json!({
            "distributionId": distribution.id,
            "eventId": distribution.event,
            "channelResults": results,
            "completedAt": now,
        }),
        created_at: now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_clipped_in_a_message() {
        assert_eq!(summary("짧은 글"), "짧은 글");
        let clipped = summary(&"길".repeat(SUMMARY_CHARS + 1));
        assert_eq!(clipped.chars().count(), SUMMARY_CHARS + 1);
        assert!(clipped.ends_with('…'));
    }
}
