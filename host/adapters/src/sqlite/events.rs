//! The table `events`.

use baepo_domain::model::event::Event;
use baepo_domain::model::id::EventId;
use baepo_domain::model::lease::Lease;
use baepo_domain::model::schedule::Schedule;
use sqlx::{SqliteConnection, query};

use super::statement::{WriteError, write_one};
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
