//! The table `idempotency_keys`.

use async_trait::async_trait;
use baepo_domain::model::id::{Digest, EventId, IdempotencyKey, OwnerId};
use baepo_domain::model::idempotency::IdempotencyRecord;
use baepo_domain::ports::{IdempotencyStore, StoreError};

use super::columns::{Id, Json, Millis, Text};
use super::row::row;
use super::select::Select;
use super::store::{SqlDatabase, SqlStore};
use super::stored::Table;

pub const BY_KEY: Select = Select::of(
    "idempotency_keys",
    "
    SELECT owner, key, fingerprint, event, answer, created_at
    FROM idempotency_keys WHERE owner = $1 AND key = $2",
);

row! {
    pub struct IdempotencyRow {
        owner: Text<OwnerId>,
        key: Text<IdempotencyKey>,
        fingerprint: Text<Digest>,
        event: Id,
        answer: Option<Json<serde_json::Value>>,
        created_at: Millis,
    }
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

#[async_trait]
impl<D: SqlDatabase> IdempotencyStore for SqlStore<D> {
    async fn idempotency(
        &self,
        owner: &OwnerId,
        key: &IdempotencyKey,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        let read = BY_KEY.with([owner.as_str().into(), key.as_str().into()]);
        self.one::<IdempotencyRow, _>(read).await
    }
}
