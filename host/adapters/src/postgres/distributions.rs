//! The table `distributions`.

use async_trait::async_trait;
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::id::DistributionId;
use baepo_domain::ports::{DistributionStore, StoreError};
use sqlx::query_as;

use super::columns::column;
use super::session::Session;
use super::statement::{UnmatchedRows, insert, on_primary, update};
use super::store::PostgresStore;
use crate::rows::DistributionRow;
use crate::rows::columns::{Id, Millis};

const INSERT: &str = "
    INSERT INTO distributions (id, revision, completed_at, event, owner, created_at)
    SELECT id, revision + 1, completed_at, event, owner, created_at
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::uuid[], $5::text[], $6::bigint[])
        AS new (id, revision, completed_at, event, owner, created_at)";
pub(super) const UPDATE: &str = "
    UPDATE distributions
    SET revision = new.revision + 1, completed_at = new.completed_at
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) WITH ORDINALITY
        AS new (id, revision, completed_at, place)
    WHERE distributions.id = new.id AND distributions.revision = new.revision
    RETURNING new.place";

/// All of them new, or none.
pub async fn put(
    session: &mut Session,
    distributions: &[&Distribution],
) -> Result<UnmatchedRows, sqlx::Error> {
    let Some(first) = distributions.first() else {
        return Ok(UnmatchedRows::new());
    };
    let is_new = first.revision == 0;
    let statement = query_as(if is_new { INSERT } else { UPDATE })
        .bind(column(distributions, |distribution| Id(distribution.id.0)))
        .bind(column(distributions, |distribution| distribution.revision))
        .bind(column(distributions, |distribution| {
            distribution.completed_at.map(Millis)
        }))
        .bind(column(distributions, |distribution| {
            Id(distribution.event.0)
        }))
        .bind(column(distributions, |distribution| {
            distribution.owner.as_str()
        }))
        .bind(column(distributions, |distribution| {
            Millis(distribution.created_at)
        }));
    if is_new {
        insert(session, statement).await
    } else {
        update(session, statement, distributions.len()).await
    }
}

pub(super) const BY_ID: &str = on_primary!(
    "distributions",
    "
    SELECT id, event, owner, created_at, completed_at, revision
    FROM distributions WHERE id = $1"
);

#[async_trait]
impl DistributionStore for PostgresStore {
    async fn distribution(&self, id: DistributionId) -> Result<Option<Distribution>, StoreError> {
        self.readers
            .read_one::<DistributionRow, _>(query_as(BY_ID).bind(Id(id.0)))
            .await
    }
}
