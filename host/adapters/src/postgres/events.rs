//! The table `events`.

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::{EventId, OwnerId};
use baepo_domain::model::lease::Lease;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::model::schedule::Schedule;
use baepo_domain::ports::{EventStore, Page, StoreError};
use sqlx::query_as;
use uuid::Uuid;

use super::columns::column;
use super::session::Session;
use super::statement::{UnmatchedRows, insert, on_primary, update};
use super::store::PostgresStore;
use crate::rows::EventRow;
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

// Columns are named, here and elsewhere: `*` would be others once a newer Baepo has added some,
// and PostgreSQL refuses a prepared statement then.
pub(super) const BY_ID: &str = on_primary!(
    "events",
    "
    SELECT id, owner, draft, status, created_at, updated_at, approved_at, distributed_at,
        distribution, schedule, publishing_by, publishing_until, revision
    FROM events WHERE id = $1"
);

pub(super) const OF_OWNER: &str = on_primary!(
    "events",
    "
    SELECT id, owner, draft, status, created_at, updated_at, approved_at, distributed_at,
        distribution, schedule, publishing_by, publishing_until, revision
    FROM events WHERE owner = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
);

pub(super) const UNFINISHED_BEFORE: &str = on_primary!(
    "events",
    "
    SELECT id FROM events
    WHERE publishing_by IS NOT NULL AND publishing_until < $1
    ORDER BY publishing_until, id LIMIT $2"
);
pub(super) const UNFINISHED_ALL_BUT: &str = on_primary!(
    "events",
    "
    SELECT id FROM events
    WHERE publishing_by IS NOT NULL AND (publishing_by <> $2 OR publishing_until < $1)
    ORDER BY publishing_until, id LIMIT $3"
);

pub(super) const SCHEDULED: &str = on_primary!(
    "events",
    "
    SELECT id FROM events WHERE publish_at <= $1 ORDER BY publish_at, id LIMIT $2"
);

pub(super) const NEXT_SCHEDULED: &str = on_primary!(
    "events",
    "
    SELECT publish_at FROM events WHERE publish_at IS NOT NULL ORDER BY publish_at LIMIT 1"
);

#[async_trait]
impl EventStore for PostgresStore {
    async fn event(&self, id: EventId) -> Result<Option<Event>, StoreError> {
        self.readers
            .read_one::<EventRow, _>(query_as(BY_ID).bind(Id(id.0)))
            .await
    }

    async fn events(&self, owner: &OwnerId, page: Page<EventId>) -> Result<Vec<Event>, StoreError> {
        let before = page.after.map_or(Uuid::max(), |id| id.0);
        let statement = query_as(OF_OWNER)
            .bind(owner.as_str())
            .bind(Id(before))
            .bind(i64::from(page.limit));
        self.readers.read_all::<EventRow, _>(statement).await
    }

    async fn unfinished_publishes(
        &self,
        scope: ReclaimScope,
        limit: u32,
    ) -> Result<Vec<EventId>, StoreError> {
        let statement = match scope {
            ReclaimScope::Before(time) => query_as(UNFINISHED_BEFORE).bind(Millis(time)),
            ReclaimScope::AllBut { holder, now } => query_as(UNFINISHED_ALL_BUT)
                .bind(Millis(now))
                .bind(Id(holder.0)),
        };
        let ids: Vec<(Id,)> = self.readers.rows(statement.bind(i64::from(limit))).await?;
        Ok(ids.into_iter().map(|(id,)| EventId(id.0)).collect())
    }

    async fn scheduled(&self, until: Timestamp, limit: u32) -> Result<Vec<EventId>, StoreError> {
        let statement = query_as(SCHEDULED)
            .bind(Millis(until))
            .bind(i64::from(limit));
        let ids: Vec<(Id,)> = self.readers.rows(statement).await?;
        Ok(ids.into_iter().map(|(id,)| EventId(id.0)).collect())
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, StoreError> {
        let times: Vec<(Millis,)> = self.readers.rows(query_as(NEXT_SCHEDULED)).await?;
        Ok(times.first().map(|(time,)| time.0))
    }
}
