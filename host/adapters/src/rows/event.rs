//! The table `events`.

use baepo_domain::model::draft::Draft;
use baepo_domain::model::event::{Event, EventStatus};
use baepo_domain::model::id::{DistributionId, EventId, HolderId, OwnerId};
use baepo_domain::model::lease::Lease;
use baepo_domain::model::schedule::Schedule;

use super::columns::{Id, Json, Millis, Text};
use super::stored::Table;

#[derive(sqlx::FromRow)]
pub struct EventRow {
    id: Id,
    owner: Text<OwnerId>,
    draft: Json<Draft>,
    status: Text<EventStatus>,
    created_at: Millis,
    updated_at: Millis,
    approved_at: Option<Millis>,
    distributed_at: Option<Millis>,
    distribution: Option<Id>,
    schedule: Option<Json<Schedule>>,
    publishing_by: Option<Id>,
    publishing_until: Option<Millis>,
    revision: i64,
}

impl Table for EventRow {
    const NAME: &'static str = "events";
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        let lease = row.publishing_by.zip(row.publishing_until);
        Self {
            id: EventId(row.id.0),
            owner: row.owner.0,
            draft: row.draft.0,
            status: row.status.0,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
            approved_at: row.approved_at.map(|at| at.0),
            distributed_at: row.distributed_at.map(|at| at.0),
            distribution: row.distribution.map(|id| DistributionId(id.0)),
            schedule: row.schedule.map(|schedule| schedule.0),
            publishing: lease.map(|(by, until)| Lease {
                holder: HolderId(by.0),
                until: until.0,
            }),
            revision: row.revision,
        }
    }
}
