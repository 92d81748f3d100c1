//! The table `distributions`.

use baepo_domain::model::distribution::Distribution;
use sqlx::query_as;

use super::columns::column;
use super::session::Session;
use super::statement::{UnmatchedRows, insert, update};
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
