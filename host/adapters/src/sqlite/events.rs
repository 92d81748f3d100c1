//! The table `events`.

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::{EventId, OwnerId};
use baepo_domain::model::lease::Lease;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::model::schedule::Schedule;
use baepo_domain::ports::{EventStore, Page, StoreError};
use sqlx::{SqliteConnection, query, query_as, query_scalar};
use uuid::Uuid;

use super::statement::{WriteError, read_all, read_ids, read_one, unavailable, write_one};
use super::store::SqliteStore;
use crate::rows::EventRow;
use crate::rows::columns::{Id, Json, Millis};

const INSERT: &str = "
    INSERT INTO events (
        id, revision, draft, status, updated_at, approved_at, distributed_at, distribution,
        publishing_by, publishing_until, schedule, publish_at, owner, created_at
    ) VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT DO NOTHING";
const UPDATE: &str = "
    UPDATE events
    SET revision = $2 + 1, draft = $3, status = $4, updated_at = $5, approved_at = $6,
        distributed_at = $7, distribution = $8, publishing_by = $9, publishing_until = $10,
        schedule = $11, publish_at = $12
    WHERE id = $1 AND revision = $2";

pub async fn put(connection: &mut SqliteConnection, event: &Event) -> Result<(), WriteError> {
    let statement = query(if event.revision == 0 { INSERT } else { UPDATE })
        .bind(Id(event.id.0))
        .bind(event.revision)
        .bind(Json(&event.draft))
        .bind(event.status.as_str())
        .bind(Millis(event.updated_at))
        .bind(event.approved_at.map(Millis))
        .bind(event.distributed_at.map(Millis))
        .bind(event.distribution.map(|id| Id(id.0)))
        .bind(event.publishing.map(|lease| Id(lease.holder.0)))
        .bind(event.publishing.map(|lease| Millis(lease.until)))
        .bind(event.schedule.as_ref().map(Json))
        .bind(
            event
                .schedule
                .as_ref()
                .and_then(Schedule::due_at)
                .map(Millis),
        )
        .bind(event.owner.as_str())
        .bind(Millis(event.created_at));
    write_one(connection, "event", statement).await
}

pub(super) const BY_ID: &str = "SELECT * FROM events WHERE id = $1";

pub(super) const OF_OWNER: &str = "
    SELECT * FROM events WHERE owner = $1 AND id < $2 ORDER BY id DESC LIMIT $3";

pub(super) const UNFINISHED_BEFORE: &str = "
    SELECT id FROM events
    WHERE publishing_by IS NOT NULL AND publishing_until < $1
    ORDER BY publishing_until, id LIMIT $2";
pub(super) const UNFINISHED_ALL_BUT: &str = "
    SELECT id FROM events
    WHERE publishing_by IS NOT NULL AND (publishing_by <> $2 OR publishing_until < $1)
    ORDER BY publishing_until, id LIMIT $3";

pub(super) const SCHEDULED: &str = "
    SELECT id FROM events WHERE publish_at <= $1 ORDER BY publish_at, id LIMIT $2";

pub(super) const NEXT_SCHEDULED: &str = "
    SELECT publish_at FROM events WHERE publish_at IS NOT NULL ORDER BY publish_at LIMIT 1";

const RENEW: &str = "
    UPDATE events SET publishing_until = $3 WHERE id = $1 AND publishing_by = $2";

/// The revision stays: who has read the event still knows all of it that matters.
pub async fn renew(
    connection: &mut SqliteConnection,
    event: EventId,
    lease: Lease,
) -> Result<(), WriteError> {
    let statement = query(RENEW)
        .bind(Id(event.0))
        .bind(Id(lease.holder.0))
        .bind(Millis(lease.until));
    write_one(connection, "lease", statement).await
}

#[async_trait]
impl EventStore for SqliteStore {
    async fn event(&self, id: EventId) -> Result<Option<Event>, StoreError> {
        read_one::<EventRow, _>(&self.readers, query_as(BY_ID).bind(Id(id.0))).await
    }

    async fn events(&self, owner: &OwnerId, page: Page<EventId>) -> Result<Vec<Event>, StoreError> {
        let before = page.after.map_or(Uuid::max(), |id| id.0);
        let statement = query_as(OF_OWNER)
            .bind(owner.as_str())
            .bind(Id(before))
            .bind(page.limit);
        read_all::<EventRow, _>(&self.readers, statement).await
    }

    async fn unfinished_publishes(
        &self,
        scope: ReclaimScope,
        limit: u32,
    ) -> Result<Vec<EventId>, StoreError> {
        let statement = match scope {
            ReclaimScope::Before(time) => query_scalar(UNFINISHED_BEFORE).bind(Millis(time)),
            ReclaimScope::AllBut { holder, now } => query_scalar(UNFINISHED_ALL_BUT)
                .bind(Millis(now))
                .bind(Id(holder.0)),
        };
        read_ids(&self.readers, statement.bind(limit), EventId).await
    }

    async fn scheduled(&self, until: Timestamp, limit: u32) -> Result<Vec<EventId>, StoreError> {
        let statement = query_scalar(SCHEDULED).bind(Millis(until)).bind(limit);
        read_ids(&self.readers, statement, EventId).await
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, StoreError> {
        let statement = query_scalar(NEXT_SCHEDULED)
            .fetch_optional(self.readers.pool()?)
            .await;
        let time: Option<Millis> = statement.map_err(unavailable)?;
        Ok(time.map(|time| time.0))
    }
}
