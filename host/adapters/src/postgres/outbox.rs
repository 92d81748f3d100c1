//! The table `outbox`.

use baepo_domain::Timestamp;
use baepo_domain::model::lease::Lease;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::model::outbox::Message;
use sqlx::{query, query_as};

use super::columns::{column, text};
use super::session::Session;
use super::statement::{UnmatchedRows, WriteError, insert};
use crate::rows::columns::{Id, Json, Millis};

const ADD: &str = "
    INSERT INTO outbox (id, key, topic, kind, payload, created_at, lease_by, lease_until)
    SELECT id, key, topic, kind, payload, created_at, lease_by, lease_until
    FROM unnest(
        $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::uuid[],
        $8::bigint[]
    ) AS new (id, key, topic, kind, payload, created_at, lease_by, lease_until)";

pub async fn add(
    session: &mut Session,
    messages: &[(&Message, Lease)],
) -> Result<UnmatchedRows, sqlx::Error> {
    if messages.is_empty() {
        return Ok(UnmatchedRows::new());
    }
    let statement = query_as(ADD)
        .bind(column(messages, |(message, _)| Id(message.id.0)))
        .bind(column(messages, |(message, _)| text(&message.key)))
        .bind(column(messages, |(message, _)| message.topic.as_str()))
        .bind(column(messages, |(message, _)| message.kind))
        .bind(column(messages, |(message, _)| Json(&message.payload)))
        .bind(column(messages, |(message, _)| Millis(message.created_at)))
        .bind(column(messages, |(_, lease)| Id(lease.holder.0)))
        .bind(column(messages, |(_, lease)| Millis(lease.until)));
    insert(session, statement).await
}

pub(super) const RECLAIM_BEFORE: &str = "
    UPDATE outbox SET lease_by = $2, lease_until = $3
    FROM (
        SELECT sequence FROM outbox WHERE sent_at IS NULL AND lease_until < $1
        ORDER BY sequence LIMIT $4
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS reclaimable
    WHERE outbox.sequence = reclaimable.sequence";
pub(super) const RECLAIM_ALL_BUT: &str = "
    UPDATE outbox SET lease_by = $2, lease_until = $3
    FROM (
        SELECT sequence FROM outbox
        WHERE sent_at IS NULL AND (lease_by <> $5 OR lease_until < $1)
        ORDER BY sequence LIMIT $4
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS reclaimable
    WHERE outbox.sequence = reclaimable.sequence";

pub async fn reclaim(
    session: &mut Session,
    scope: ReclaimScope,
    lease: Lease,
    limit: u32,
) -> Result<(), sqlx::Error> {
    let (statement, ran_out, all_but) = match scope {
        ReclaimScope::Before(time) => (RECLAIM_BEFORE, time, None),
        ReclaimScope::AllBut { holder, now } => (RECLAIM_ALL_BUT, now, Some(holder)),
    };
    let statement = query(statement)
        .bind(Millis(ran_out))
        .bind(Id(lease.holder.0))
        .bind(Millis(lease.until))
        .bind(i64::from(limit));
    let statement = match all_but {
        Some(holder) => statement.bind(Id(holder.0)),
        None => statement,
    };
    session.execute(statement).await.map(drop)
}

pub(super) const RENEW: &str = "
    UPDATE outbox SET lease_until = $3
    WHERE sequence = ANY ($1) AND sent_at IS NULL AND lease_by = $2";

/// Each once, and all of them the holder's; else nothing.
pub async fn renew(
    session: &mut Session,
    sequences: &[i64],
    lease: Lease,
) -> Result<(), WriteError> {
    let statement = query(RENEW)
        .bind(sequences)
        .bind(Id(lease.holder.0))
        .bind(Millis(lease.until));
    let renewed = session.execute(statement).await?;
    if renewed == sequences.len() as u64 {
        Ok(())
    } else {
        Err(WriteError::Conflict("lease"))
    }
}

pub(super) const MARK_SENT: &str = "
    UPDATE outbox SET sent_at = coalesce(sent_at, $2) WHERE sequence = ANY ($1)";

/// A message that is marked already keeps its time: it was sent twice, which the bus may see.
pub async fn mark_sent(
    session: &mut Session,
    sequences: &[i64],
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    let statement = query(MARK_SENT).bind(sequences).bind(Millis(at));
    session.execute(statement).await.map(drop)
}
