//! The table `attempts`.

use baepo_domain::model::attempt::Attempt;
use sqlx::query_as;

use super::columns::column;
use super::session::Session;
use super::statement::{UnmatchedRows, insert, update};
use crate::rows::columns::{Id, Json, Millis, Number};

const INSERT: &str = "
    INSERT INTO attempts (
        id, revision, ended, delivery, distribution, channel, release, number, beginning,
        started_at
    )
    SELECT
        id, revision + 1, ended, delivery, distribution, channel, release, number, beginning,
        started_at
    FROM unnest(
        $1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::text[],
        $8::bigint[], $9::text[], $10::bigint[]
    ) AS new (
        id, revision, ended, delivery, distribution, channel, release, number, beginning,
        started_at
    )";
pub(super) const UPDATE: &str = "
    UPDATE attempts
    SET revision = new.revision + 1, ended = new.ended
    FROM unnest($1::uuid[], $2::bigint[], $3::text[]) WITH ORDINALITY
        AS new (id, revision, ended, place)
    WHERE attempts.id = new.id AND attempts.revision = new.revision
    RETURNING new.place";

/// All of them new, or none.
pub async fn put(
    session: &mut Session,
    attempts: &[&Attempt],
) -> Result<UnmatchedRows, sqlx::Error> {
    let Some(first) = attempts.first() else {
        return Ok(UnmatchedRows::new());
    };
    let is_new = first.revision == 0;
    let statement = query_as(if is_new { INSERT } else { UPDATE })
        .bind(column(attempts, |attempt| Id(attempt.id.0)))
        .bind(column(attempts, |attempt| attempt.revision))
        .bind(column(attempts, |attempt| attempt.ended.as_ref().map(Json)));
    if !is_new {
        return update(session, statement, attempts.len()).await;
    }
    // What it began with is long, and never changes.
    let statement = statement
        .bind(column(attempts, |attempt| Id(attempt.delivery.0)))
        .bind(column(attempts, |attempt| Id(attempt.distribution.0)))
        .bind(column(attempts, |attempt| attempt.channel.as_str()))
        .bind(column(attempts, |attempt| attempt.release.to_string()))
        .bind(column(attempts, |attempt| Number(attempt.number)))
        .bind(column(attempts, |attempt| Json(&attempt.beginning)))
        .bind(column(attempts, |attempt| Millis(attempt.started_at)));
    insert(session, statement).await
}
