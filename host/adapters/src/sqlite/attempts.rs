//! The table `attempts`.

use async_trait::async_trait;
use baepo_domain::model::attempt::Attempt;
use baepo_domain::model::id::{AttemptId, DistributionId};
use baepo_domain::ports::{AttemptStore, StoreError};
use sqlx::{SqliteConnection, query, query_as};

use super::statement::{WriteError, read_all, read_one, write_one};
use super::store::SqliteStore;
use crate::rows::AttemptRow;
use crate::rows::columns::{Id, Json, Millis};

const INSERT: &str = "
    INSERT INTO attempts (
        id, revision, ended, delivery, distribution, channel, release, number, beginning,
        started_at
    ) VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT DO NOTHING";
const UPDATE: &str = "
    UPDATE attempts SET revision = $2 + 1, ended = $3 WHERE id = $1 AND revision = $2";

pub async fn put(connection: &mut SqliteConnection, attempt: &Attempt) -> Result<(), WriteError> {
    let statement = query(if attempt.revision == 0 {
        INSERT
    } else {
        UPDATE
    })
    .bind(Id(attempt.id.0))
    .bind(attempt.revision)
    .bind(attempt.ended.as_ref().map(Json))
    .bind(Id(attempt.delivery.0))
    .bind(Id(attempt.distribution.0))
    .bind(attempt.channel.as_str())
    .bind(attempt.release.to_string())
    .bind(attempt.number)
    .bind(Json(&attempt.beginning))
    .bind(Millis(attempt.started_at));
    write_one(connection, "attempt", statement).await
}

pub(super) const BY_ID: &str = "SELECT * FROM attempts WHERE id = $1";

pub(super) const OF_DISTRIBUTION: &str = "
    SELECT * FROM attempts WHERE distribution = $1 ORDER BY sequence";

#[async_trait]
impl AttemptStore for SqliteStore {
    async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
        read_one::<AttemptRow, _>(&self.readers, query_as(BY_ID).bind(Id(id.0))).await
    }

    async fn attempts(&self, distribution: DistributionId) -> Result<Vec<Attempt>, StoreError> {
        let statement = query_as(OF_DISTRIBUTION).bind(Id(distribution.0));
        read_all::<AttemptRow, _>(&self.readers, statement).await
    }
}
