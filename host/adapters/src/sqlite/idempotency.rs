//! The table `idempotency_keys`.

use baepo_domain::model::idempotency::IdempotencyRecord;
use serde_json::Value;
use sqlx::{SqliteConnection, query};

use super::statement::{WriteError, write_one};
use crate::rows::columns::{Id, Json, Millis};

/// An answer that was given stays, and a key stays with the request that it came with.
const PUT: &str = "
    INSERT INTO idempotency_keys (owner, key, fingerprint, event, answer, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (owner, key) DO UPDATE
    SET event = excluded.event, answer = excluded.answer, created_at = excluded.created_at
    WHERE idempotency_keys.answer IS NULL
      AND idempotency_keys.fingerprint = excluded.fingerprint";

pub async fn put(
    connection: &mut SqliteConnection,
    record: &IdempotencyRecord,
) -> Result<(), WriteError> {
    let statement = query(PUT)
        .bind(record.owner.as_str())
        .bind(record.key.as_str())
        .bind(record.fingerprint.to_string())
        .bind(Id(record.event.0))
        .bind(record.answer.as_ref().map(Json))
        .bind(Millis(record.created_at));
    write_one(connection, "idempotency key", statement).await
}

/// An answer is its own revision: what is written is always the same text for the same JSON.
const REPLACE: &str = "
    UPDATE idempotency_keys SET answer = $1, created_at = $2
    WHERE owner = $3 AND key = $4 AND fingerprint = $5 AND answer = $6";

pub async fn replace(
    connection: &mut SqliteConnection,
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
    write_one(connection, "idempotency key", statement).await
}
