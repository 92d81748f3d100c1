//! The table `idempotency_keys`.

use std::collections::HashSet;

use baepo_domain::model::idempotency::IdempotencyRecord;
use serde_json::Value;
use sqlx::{query, query_as};

use super::columns::column;
use super::session::Session;
use super::statement::{UnmatchedRows, WriteError, write_one};
use crate::rows::columns::{Id, Json, Millis};

/// An answer that was given stays, and a key stays with the request that it came with.
const PUT: &str = "
    INSERT INTO idempotency_keys (owner, key, fingerprint, event, answer, created_at)
    SELECT owner, key, fingerprint, event, answer, created_at
    FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::bigint[])
        AS new (owner, key, fingerprint, event, answer, created_at)
    ON CONFLICT (owner, key) DO UPDATE
    SET event = excluded.event, answer = excluded.answer, created_at = excluded.created_at
    WHERE idempotency_keys.answer IS NULL
      AND idempotency_keys.fingerprint = excluded.fingerprint
    RETURNING owner, key";

pub async fn put(
    session: &mut Session,
    records: &[&IdempotencyRecord],
) -> Result<UnmatchedRows, sqlx::Error> {
    if records.is_empty() {
        return Ok(UnmatchedRows::new());
    }
    let statement = query_as(PUT)
        .bind(column(records, |record| record.owner.as_str()))
        .bind(column(records, |record| record.key.as_str()))
        .bind(column(records, |record| record.fingerprint.to_string()))
        .bind(column(records, |record| Id(record.event.0)))
        .bind(column(records, |record| record.answer.as_ref().map(Json)))
        .bind(column(records, |record| Millis(record.created_at)));
    let written: Vec<(String, String)> = session.fetch(statement).await?;
    let written: HashSet<_> = written
        .iter()
        .map(|(owner, key)| (&**owner, &**key))
        .collect();
    let is_missed = |record: &IdempotencyRecord| {
        !written.contains(&(record.owner.as_str(), record.key.as_str()))
    };
    let places = 0..records.len();
    Ok(places.filter(|place| is_missed(records[*place])).collect())
}

/// An answer is its own revision: what is written is always the same text for the same JSON.
const REPLACE: &str = "
    UPDATE idempotency_keys SET answer = $1, created_at = $2
    WHERE owner = $3 AND key = $4 AND fingerprint = $5 AND answer = $6";

pub async fn replace(
    session: &mut Session,
    record: &IdempotencyRecord,
    earlier: &Value,
) -> Result<(), WriteError> {
    let statement = query(REPLACE)
        .bind(record.answer.as_ref().map(Json))
        .bind(Millis(record.created_at))
        .bind(record.owner.as_str())
        .bind(record.key.as_str())
        .bind(record.fingerprint.to_string())
        .bind(Json(earlier));
    write_one(session, "idempotency key", statement).await
}
