//! The table `outbox`.

use baepo_domain::model::id::MessageId;
use baepo_domain::model::outbox::{
    DISTRIBUTION_COMPLETED, EVENT_CREATED, Message, OutboxRow, Topic,
};

use super::columns::{Id, Json, Millis};
use super::stored::Table;

/// Named so because the domain's own `OutboxRow` is what it becomes.
#[derive(sqlx::FromRow)]
pub struct StoredMessageRow {
    sequence: i64,
    id: Id,
    key: String,
    #[sqlx(try_from = "String")]
    topic: StoredTopic,
    #[sqlx(try_from = "String")]
    kind: StoredKind,
    payload: Json<serde_json::Value>,
    created_at: Millis,
    sent_at: Option<Millis>,
}

impl Table for StoredMessageRow {
    const NAME: &'static str = "outbox";
}

impl From<StoredMessageRow> for OutboxRow {
    fn from(row: StoredMessageRow) -> Self {
        let message = Message {
            id: MessageId(row.id.0),
            key: row.key,
            topic: row.topic.0,
            kind: row.kind.0,
            payload: row.payload.0,
            created_at: row.created_at.0,
        };
        Self {
            sequence: row.sequence,
            message,
            sent_at: row.sent_at.map(|at| at.0),
        }
    }
}

struct StoredTopic(Topic);

impl TryFrom<String> for StoredTopic {
    type Error = UnknownText;
    fn try_from(text: String) -> Result<Self, UnknownText> {
        [Topic::Event, Topic::Distribution]
            .into_iter()
            .find(|topic| topic.as_str() == text)
            .map(Self)
            .ok_or(UnknownText {
                what: "topic",
                text,
            })
    }
}

struct StoredKind(&'static str);

impl TryFrom<String> for StoredKind {
    type Error = UnknownText;
    fn try_from(text: String) -> Result<Self, UnknownText> {
        [EVENT_CREATED, DISTRIBUTION_COMPLETED]
            .into_iter()
            .find(|kind| *kind == text)
            .map(Self)
            .ok_or(UnknownText {
                what: "kind of message",
                text,
            })
    }
}

/// Written by a newer Baepo, or by hand.
#[derive(Debug, thiserror::Error)]
#[error("unknown {what} {text:?}")]
struct UnknownText {
    what: &'static str,
    text: String,
}
