//! The table `idempotency_keys`.

use baepo_domain::model::id::{Digest, EventId, IdempotencyKey, OwnerId};
use baepo_domain::model::idempotency::IdempotencyRecord;

use super::columns::{Id, Json, Millis, Text};
use super::stored::Table;

#[derive(sqlx::FromRow)]
pub struct IdempotencyRow {
    owner: Text<OwnerId>,
    key: Text<IdempotencyKey>,
    fingerprint: Text<Digest>,
    event: Id,
    answer: Option<Json<serde_json::Value>>,
    created_at: Millis,
}

impl Table for IdempotencyRow {
    const NAME: &'static str = "idempotency_keys";
}

impl From<IdempotencyRow> for IdempotencyRecord {
    fn from(row: IdempotencyRow) -> Self {
        Self {
            owner: row.owner.0,
            key: row.key.0,
            fingerprint: row.fingerprint.0,
            event: EventId(row.event.0),
            answer: row.answer.map(|answer| answer.0),
            created_at: row.created_at.0,
        }
    }
}
