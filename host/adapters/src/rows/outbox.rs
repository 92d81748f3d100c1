//! The table `outbox`.

use async_trait::async_trait;
use baepo_domain::model::id::{HolderId, MessageId};
use baepo_domain::model::outbox::{
    DISTRIBUTION_COMPLETED, EVENT_CREATED, Message, OutboxRow, Topic,
};
use baepo_domain::ports::{OutboxStore, Page, StoreError};

use super::columns::{Id, Json, Millis, Parsed};
use super::row::row;
use super::select::{Select, Value};
use super::store::{SqlDatabase, SqlStore};
use super::stored::Table;

pub const UNSENT: Select = Select::of(
    "outbox",
    "
    SELECT sequence, id, key, topic, kind, payload, created_at, sent_at
    FROM outbox WHERE sent_at IS NULL AND lease_by = $1 ORDER BY sequence LIMIT $2",
);
pub const BY_ID: Select = Select::of(
    "outbox",
    "
    SELECT sequence, id, key, topic, kind, payload, created_at, sent_at
    FROM outbox WHERE id = $1",
);
pub const AFTER: Select = Select::of(
    "outbox",
    "
    SELECT sequence, id, key, topic, kind, payload, created_at, sent_at
    FROM outbox WHERE sequence > $1 ORDER BY sequence LIMIT $2",
);

row! {
    /// Named so because the domain's own `OutboxRow` is what it becomes.
    pub struct StoredMessageRow {
        sequence: i64,
        id: Id,
        key: String,
        topic: Parsed<StoredTopic>,
        kind: Parsed<StoredKind>,
        payload: Json<serde_json::Value>,
        created_at: Millis,
        sent_at: Option<Millis>,
    }
}

impl Table for StoredMessageRow {
    const NAME: &'static str = "outbox";
}

impl From<StoredMessageRow> for OutboxRow {
    fn from(row: StoredMessageRow) -> Self {
        let message = Message {
            id: MessageId(row.id.0),
            key: row.key,
            topic: row.topic.0.0,
            kind: row.kind.0.0,
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

#[async_trait]
impl<D: SqlDatabase> OutboxStore for SqlStore<D> {
    async fn unsent(&self, holder: HolderId, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let read = UNSENT.with([Value::Id(holder.0), limit.into()]);
        self.all::<StoredMessageRow, _>(read).await
    }

    async fn message(&self, id: MessageId) -> Result<Option<OutboxRow>, StoreError> {
        self.one::<StoredMessageRow, _>(BY_ID.with([Value::Id(id.0)]))
            .await
    }

    async fn outbox(&self, page: Page<i64>) -> Result<Vec<OutboxRow>, StoreError> {
        let after = Value::Number(page.after.unwrap_or(0));
        let read = AFTER.with([after, page.limit.into()]);
        self.all::<StoredMessageRow, _>(read).await
    }
}
