//! The table `events`.

use baepo_domain::model::event::Event;
use baepo_domain::model::id::EventId;
use baepo_domain::model::lease::Lease;
use baepo_domain::model::schedule::Schedule;
use sqlx::query_as;

use super::columns::column;
use super::session::Session;
use super::statement::{UnmatchedRows, insert, update};
use crate::rows::columns::{Id, Json, Millis};

const INSERT: &str = "
    INSERT INTO events (
        id, revision, draft, status, updated_at, approved_at, distributed_at, distribution,
        publishing_by, publishing_until, schedule, publish_at, owner, created_at
    )
    SELECT
        id, revision + 1, draft, status, updated_at, approved_at, distributed_at, distribution,
        publishing_by, publishing_until, schedule, publish_at, owner, created_at
    FROM unnest(
        $1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
        $7::bigint[], $8::uuid[], $9::uuid[], $10::bigint[], $11::text[], $12::bigint[],
        $13::text[], $14::bigint[]
    ) AS new (
        id, revision, draft, status, updated_at, approved_at, distributed_at, distribution,
        publishing_by, publishing_until, schedule, publish_at, owner, created_at
    )";
pub(super) const UPDATE: &str = "
    UPDATE events
    SET revision = new.revision + 1, draft = new.draft, status = new.status,
        updated_at = new.updated_at, approved_at = new.approved_at,
        distributed_at = new.distributed_at, distribution = new.distribution,
        publishing_by = new.publishing_by, publishing_until = new.publishing_until,
        schedule = new.schedule, publish_at = new.publish_at
    FROM unnest(
        $1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
        $7::bigint[], $8::uuid[], $9::uuid[], $10::bigint[], $11::text[], $12::bigint[]
    ) WITH ORDINALITY AS new (
        id, revision, draft, status, updated_at, approved_at, distributed_at, distribution,
        publishing_by, publishing_until, schedule, publish_at, place
    )
    WHERE events.id = new.id AND events.revision = new.revision
    RETURNING new.place";

/// All of them new, or none.
pub async fn put(session: &mut Session, events: &[&Event]) -> Result<UnmatchedRows, sqlx::Error> {
    let Some(first) = events.first() else {
        return Ok(UnmatchedRows::new());
    };
    let is_new = first.revision == 0;
    let statement = query_as(if is_new { INSERT } else { UPDATE })
        .bind(column(events, |event| Id(event.id.0)))
        .bind(column(events, |event| event.revision))
        .bind(column(events, |event| Json(&event.draft)))
        .bind(column(events, |event| event.status.as_str()))
        .bind(column(events, |event| Millis(event.updated_at)))
        .bind(column(events, |event| event.approved_at.map(Millis)))
        .bind(column(events, |event| event.distributed_at.map(Millis)))
        .bind(column(events, |event| {
            event.distribution.map(|id| Id(id.0))
        }))
        .bind(column(events, |event| {
            event.publishing.map(|lease| Id(lease.holder.0))
        }))
        .bind(column(events, |event| {
            event.publishing.map(|lease| Millis(lease.until))
        }))
        .bind(column(events, |event| event.schedule.as_ref().map(Json)))
        .bind(column(events, |event| {
            let due_at = event.schedule.as_ref().and_then(Schedule::due_at);
            due_at.map(Millis)
        }))
        .bind(column(events, |event| event.owner.as_str()))
        .bind(column(events, |event| Millis(event.created_at)));
    if is_new {
        insert(session, statement).await
    } else {
        update(session, statement, events.len()).await
    }
}

pub(super) const RENEW: &str = "
    UPDATE events
    SET publishing_until = new.until
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) WITH ORDINALITY
        AS new (id, holder, until, place)
    WHERE events.id = new.id AND events.publishing_by = new.holder
    RETURNING new.place";

/// The revisions stay: who has read an event still knows all of it that matters.
pub async fn renew(
    session: &mut Session,
    leases: &[(EventId, Lease)],
) -> Result<UnmatchedRows, sqlx::Error> {
    if leases.is_empty() {
        return Ok(UnmatchedRows::new());
    }
    let statement = query_as(RENEW)
        .bind(column(leases, |(event, _)| Id(event.0)))
        .bind(column(leases, |(_, lease)| Id(lease.holder.0)))
        .bind(column(leases, |(_, lease)| Millis(lease.until)));
    update(session, statement, leases.len()).await
}
