//! The table `outbox`.

use baepo_domain::Timestamp;
use baepo_domain::model::lease::Lease;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::model::outbox::Message;
use sqlx::{SqliteConnection, query};

use super::statement::{WriteError, write_one};
use crate::rows::columns::{Id, Json, Millis};

const ADD: &str = "
    INSERT INTO outbox (id, key, topic, kind, payload, created_at, lease_by, lease_until)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT DO NOTHING";

pub async fn add(
    connection: &mut SqliteConnection,
    message: &Message,
    lease: Lease,
) -> Result<(), WriteError> {
    let statement = query(ADD)
        .bind(Id(message.id.0))
        .bind(&message.key)
        .bind(message.topic.as_str())
        .bind(message.kind)
        .bind(Json(&message.payload))
        .bind(Millis(message.created_at))
        .bind(Id(lease.holder.0))
        .bind(Millis(lease.until));
    write_one(connection, "message", statement).await
}

const RECLAIM_BEFORE: &str = "
    UPDATE outbox SET lease_by = $2, lease_until = $3
    WHERE sequence IN (
        SELECT sequence FROM outbox WHERE sent_at IS NULL AND lease_until < $1
        ORDER BY sequence LIMIT $4
    )";
const RECLAIM_ALL_BUT: &str = "
    UPDATE outbox SET lease_by = $2, lease_until = $3
    WHERE sequence IN (
        SELECT sequence FROM outbox
        WHERE sent_at IS NULL AND (lease_by <> $5 OR lease_until < $1)
        ORDER BY sequence LIMIT $4
    )";

pub async fn reclaim(
    connection: &mut SqliteConnection,
    scope: ReclaimScope,
    lease: Lease,
    limit: u32,
) -> Result<(), WriteError> {
    let (statement, ran_out, all_but) = match scope {
        ReclaimScope::Before(time) => (RECLAIM_BEFORE, time, None),
        ReclaimScope::AllBut { holder, now } => (RECLAIM_ALL_BUT, now, Some(holder)),
    };
    let statement = query(statement)
        .bind(Millis(ran_out))
        .bind(Id(lease.holder.0))
        .bind(Millis(lease.until))
        .bind(limit);
    let statement = match all_but {
        Some(holder) => statement.bind(Id(holder.0)),
        None => statement,
    };
    statement.execute(connection).await?;
    Ok(())
}

const RENEW: &str = "
    UPDATE outbox SET lease_until = $3
    WHERE sequence IN (SELECT value FROM json_each($1)) AND sent_at IS NULL AND lease_by = $2";

/// Each once, and all of them the holder's; else nothing.
pub async fn renew(
    connection: &mut SqliteConnection,
    sequences: &[i64],
    lease: Lease,
) -> Result<(), WriteError> {
    let statement = query(RENEW)
        .bind(Json(sequences))
        .bind(Id(lease.holder.0))
        .bind(Millis(lease.until));
    let renewed = statement.execute(connection).await?.rows_affected();
    if renewed == sequences.len() as u64 {
        Ok(())
    } else {
        Err(WriteError::Conflict("lease"))
    }
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
