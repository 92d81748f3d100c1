//! The table `outbox`.

use baepo_domain::Timestamp;
use baepo_domain::outbox::{Message, OutboxRow};
use baepo_domain::ports::{Page, StoreError};
use sqlx::{SqliteConnection, SqlitePool, query, query_as};

use super::statement::{WriteError, read_all, write_one};
use crate::rows::StoredMessageRow;
use crate::rows::columns::{Id, Json, Millis};

const ADD: &str = "
    INSERT INTO outbox (id, key, topic, kind, payload, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING";

pub async fn add(connection: &mut SqliteConnection, message: &Message) -> Result<(), WriteError> {
    let statement = query(ADD)
        .bind(Id(message.id.0))
        .bind(&message.key)
        .bind(message.topic.as_str())
        .bind(message.kind)
        .bind(Json(&message.payload))
        .bind(Millis(message.created_at));
    write_one(connection, "message", statement).await
}

const MARK_SENT: &str = "
    UPDATE outbox SET sent_at = $2
    WHERE sequence IN (SELECT value FROM json_each($1)) AND sent_at IS NULL";

/// A message that is marked already keeps its time: it was sent twice, which the bus may see.
pub async fn mark_sent(
    connection: &mut SqliteConnection,
    sequences: &[i64],
    at: Timestamp,
) -> Result<(), WriteError> {
    let statement = query(MARK_SENT).bind(Json(sequences)).bind(Millis(at));
    statement.execute(connection).await?;
    Ok(())
}

pub(super) const UNSENT: &str = "
    SELECT * FROM outbox WHERE sent_at IS NULL ORDER BY sequence LIMIT $1";

pub async fn unsent(readers: &SqlitePool, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
    read_all::<StoredMessageRow, _>(readers, query_as(UNSENT).bind(limit)).await
}

pub(super) const AFTER: &str = "
    SELECT * FROM outbox WHERE sequence > $1 ORDER BY sequence LIMIT $2";

pub async fn after(readers: &SqlitePool, page: Page<i64>) -> Result<Vec<OutboxRow>, StoreError> {
    let after = page.after.unwrap_or(0);
    read_all::<StoredMessageRow, _>(readers, query_as(AFTER).bind(after).bind(page.limit)).await
}
