//! The table `attempts`.

use baepo_domain::model::attempt::Attempt;
use sqlx::{SqliteConnection, query};

use super::statement::{WriteError, write_one};
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
