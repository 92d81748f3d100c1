//! The table `distributions`.

use baepo_domain::model::distribution::Distribution;
use sqlx::{SqliteConnection, query};

use super::statement::{WriteError, write_one};
use crate::rows::columns::{Id, Millis};

const INSERT: &str = "
    INSERT INTO distributions (id, revision, completed_at, event, owner, created_at)
    VALUES ($1, $2 + 1, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING";
const UPDATE: &str = "
    UPDATE distributions SET revision = $2 + 1, completed_at = $3
    WHERE id = $1 AND revision = $2";

pub async fn put(
    connection: &mut SqliteConnection,
    distribution: &Distribution,
) -> Result<(), WriteError> {
    let statement = query(if distribution.revision == 0 {
        INSERT
    } else {
        UPDATE
    })
    .bind(Id(distribution.id.0))
    .bind(distribution.revision)
    .bind(distribution.completed_at.map(Millis))
    .bind(Id(distribution.event.0))
    .bind(distribution.owner.as_str())
    .bind(Millis(distribution.created_at));
    write_one(connection, "distribution", statement).await
}
