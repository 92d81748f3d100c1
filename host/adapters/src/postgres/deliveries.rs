//! The table `deliveries`.

use baepo_domain::Timestamp;
use baepo_domain::model::attribution::OtherPosts;
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::delivery::revision::DeliveryRevision;
use baepo_domain::model::id::DeliveryId;
use baepo_domain::model::lease::Lease;
use baepo_domain::ports::StoreError;
use sqlx::{AssertSqlSafe, query, query_as};

use super::columns::{column, text};
use super::readers::Readers;
use super::session::Session;
use super::statement::{UnmatchedRows, insert, on_primary, update};
use crate::rows::Select;
use crate::rows::columns::{Id, Json, Millis, Number};

/// A move is kept by the statement that makes it: one way to the server, and no move without it.
const INSERT: &str = "
    WITH new (
        id, revision, status, generation, attempts, tries, release, receipt, findings, action,
        message, attempt, lease_by, lease_until, due_at, probes, execution_time_ms, updated_at,
        view, external_id, distribution, event, owner, channel, created_at
    ) AS (
        SELECT * FROM unnest(
            $1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
            $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::uuid[],
            $13::uuid[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[],
            $18::bigint[], $19::text[], $20::text[], $21::uuid[], $22::uuid[], $23::text[],
            $24::text[], $25::bigint[]
        )
    ), kept AS (
        INSERT INTO delivery_changes (delivery, revision, at, view)
        SELECT id, revision + 1, updated_at, view FROM new
    )
    INSERT INTO deliveries (
        id, revision, status, generation, attempts, tries, release, receipt, findings, action,
        message, attempt, lease_by, lease_until, due_at, probes, execution_time_ms, updated_at,
        external_id, distribution, event, owner, channel, created_at
    )
    SELECT
        id, revision + 1, status, generation, attempts, tries, release, receipt, findings, action,
        message, attempt, lease_by, lease_until, due_at, probes, execution_time_ms, updated_at,
        external_id, distribution, event, owner, channel, created_at
    FROM new";
pub(super) const UPDATE: &str = "
    WITH moved AS (
        UPDATE deliveries
        SET revision = new.revision + 1, status = new.status, generation = new.generation,
            attempts = new.attempts, tries = new.tries, release = new.release,
            receipt = new.receipt, findings = new.findings, action = new.action,
            message = new.message, attempt = new.attempt, lease_by = new.lease_by,
            lease_until = new.lease_until, due_at = new.due_at, probes = new.probes,
            execution_time_ms = new.execution_time_ms, updated_at = new.updated_at,
            external_id = new.external_id, taken_by = NULL, taken_until = NULL
        FROM unnest(
            $1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
            $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::uuid[],
            $13::uuid[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[],
            $18::bigint[], $19::text[], $20::text[]
        ) WITH ORDINALITY AS new (
            id, revision, status, generation, attempts, tries, release, receipt, findings, action,
            message, attempt, lease_by, lease_until, due_at, probes, execution_time_ms,
            updated_at, view, external_id, place
        )
        WHERE deliveries.id = new.id AND deliveries.revision = new.revision
        RETURNING new.place, deliveries.id, deliveries.revision, deliveries.updated_at, new.view
    ), kept AS (
        INSERT INTO delivery_changes (delivery, revision, at, view)
        SELECT id, revision, updated_at, view FROM moved
    )
    SELECT place FROM moved";

/// All of them new, or none. Keeps the moves as well.
pub async fn put(
    session: &mut Session,
    deliveries: &[&Delivery],
) -> Result<UnmatchedRows, sqlx::Error> {
    let Some(first) = deliveries.first() else {
        return Ok(UnmatchedRows::new());
    };
    let is_new = first.revision == 0;
    let statement = query_as(if is_new { INSERT } else { UPDATE })
        .bind(column(deliveries, |delivery| Id(delivery.id.0)))
        .bind(column(deliveries, |delivery| delivery.revision))
        .bind(column(deliveries, |delivery| delivery.status.as_str()))
        .bind(column(deliveries, |delivery| Number(delivery.generation)))
        .bind(column(deliveries, |delivery| Number(delivery.attempts)))
        .bind(column(deliveries, |delivery| Number(delivery.tries)))
        .bind(column(deliveries, |delivery| {
            delivery.release.map(|digest| digest.to_string())
        }))
        .bind(column(deliveries, |delivery| Json(&delivery.receipt)))
        .bind(column(deliveries, |delivery| Json(&delivery.findings)))
        .bind(column(deliveries, |delivery| {
            delivery.action.as_ref().map(Json)
        }))
        .bind(column(deliveries, |delivery| {
            let message = delivery.message.as_ref();
            message.map(|reason| text(&reason.text().tagged()).into_owned())
        }))
        .bind(column(deliveries, |delivery| {
            delivery.attempt.map(|attempt| Id(attempt.0))
        }))
        .bind(column(deliveries, |delivery| {
            delivery.lease.map(|lease| Id(lease.holder.0))
        }))
        .bind(column(deliveries, |delivery| {
            delivery.lease.map(|lease| Millis(lease.until))
        }))
        .bind(column(deliveries, |delivery| delivery.due_at.map(Millis)))
        .bind(column(deliveries, |delivery| Number(delivery.probes)))
        .bind(column(deliveries, |delivery| {
            Number(delivery.execution_time_ms)
        }))
        .bind(column(deliveries, |delivery| Millis(delivery.updated_at)))
        .bind(column(deliveries, |delivery| {
            Json(DeliveryRevision::after_storing(delivery).view)
        }))
        .bind(column(deliveries, |delivery| {
            delivery.receipt.external_id.as_deref().map(text)
        }))
        .bind(column(deliveries, |delivery| Id(delivery.distribution.0)))
        .bind(column(deliveries, |delivery| Id(delivery.event.0)))
        .bind(column(deliveries, |delivery| delivery.owner.as_str()))
        .bind(column(deliveries, |delivery| delivery.channel.as_str()))
        .bind(column(deliveries, |delivery| Millis(delivery.created_at)));
    if is_new {
        insert(session, statement).await
    } else {
        update(session, statement, deliveries.len()).await
    }
}

pub(super) const RENEW: &str = "
    UPDATE deliveries SET lease_until = $3 WHERE id = ANY ($1) AND lease_by = $2";

/// The revisions stay: who has read a delivery still knows all of it that matters.
pub async fn renew(
    session: &mut Session,
    deliveries: &[DeliveryId],
    lease: Lease,
) -> Result<(), sqlx::Error> {
    let statement = query(RENEW)
        .bind(column(deliveries, |delivery| Id(delivery.0)))
        .bind(Id(lease.holder.0))
        .bind(Millis(lease.until));
    session.execute(statement).await.map(drop)
}

/// The index has the beginnings of ids.
pub const OTHER_POSTS: Select = Select::of(
    "deliveries",
    "
    SELECT external_id FROM deliveries
    WHERE owner = $1 AND channel = $2 AND id <> $3 AND external_id = ANY ($4)
        AND left(external_id, 200) = ANY (ARRAY(SELECT left(id, 200) FROM unnest($4::text[]) AS id))
    UNION ALL
    SELECT external_id FROM deliveries
    WHERE owner = $1 AND channel = $2 AND id <> $3 AND left(external_id, 200) IS NULL
        AND (status IN ('RUNNING', 'ACCEPTED')
            OR (status IN ('LIVE', 'UNKNOWN') AND updated_at >= $5))",
);

pub async fn other_posts(
    readers: &Readers,
    of: &Delivery,
    external_ids: &[String],
    since: Timestamp,
) -> Result<OtherPosts, StoreError> {
    let statement = query_as(AssertSqlSafe(on_primary(OTHER_POSTS)))
        .bind(of.owner.as_str())
        .bind(of.channel.as_str())
        .bind(Id(of.id.0))
        .bind(column(external_ids, |id| text(id)))
        .bind(Millis(since));
    let found: Vec<(Option<String>,)> = readers.rows(statement).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}
