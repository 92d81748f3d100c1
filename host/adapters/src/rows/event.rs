//! The table `events`.

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::draft::Draft;
use baepo_domain::model::event::{Event, EventStatus};
use baepo_domain::model::id::{DistributionId, EventId, HolderId, OwnerId};
use baepo_domain::model::lease::Lease;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::model::schedule::Schedule;
use baepo_domain::ports::{EventStore, Page, StoreError};
use uuid::Uuid;

use super::columns::{Id, Json, Millis, Text};
use super::row::row;
use super::select::{Read, Select, Value};
use super::store::{SqlDatabase, SqlStore};
use super::stored::Table;

pub const BY_ID: Select = Select::of(
    "events",
    "
    SELECT id, owner, draft, status, created_at, updated_at, approved_at, distributed_at,
        distribution, schedule, publishing_by, publishing_until, revision
    FROM events WHERE id = $1",
);
pub const OF_OWNER: Select = Select::of(
    "events",
    "
    SELECT id, owner, draft, status, created_at, updated_at, approved_at, distributed_at,
        distribution, schedule, publishing_by, publishing_until, revision
    FROM events WHERE owner = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
);
pub const UNFINISHED_BEFORE: Select = Select::of(
    "events",
    "
    SELECT id FROM events
    WHERE publishing_by IS NOT NULL AND publishing_until < $1
    ORDER BY publishing_until, id LIMIT $2",
);
pub const UNFINISHED_ALL_BUT: Select = Select::of(
    "events",
    "
    SELECT id FROM events
    WHERE publishing_by IS NOT NULL AND (publishing_by <> $2 OR publishing_until < $1)
    ORDER BY publishing_until, id LIMIT $3",
);
pub const SCHEDULED: Select = Select::of(
    "events",
    "
    SELECT id FROM events WHERE publish_at <= $1 ORDER BY publish_at, id LIMIT $2",
);
pub const NEXT_SCHEDULED: Select = Select::of(
    "events",
    "
    SELECT publish_at FROM events WHERE publish_at IS NOT NULL ORDER BY publish_at LIMIT 1",
);

row! {
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

#[async_trait]
impl<D: SqlDatabase> EventStore for SqlStore<D> {
    async fn event(&self, id: EventId) -> Result<Option<Event>, StoreError> {
        self.one::<EventRow, _>(BY_ID.with([Value::Id(id.0)])).await
    }

    async fn events(&self, owner: &OwnerId, page: Page<EventId>) -> Result<Vec<Event>, StoreError> {
        let before = Value::Id(page.after.map_or(Uuid::max(), |id| id.0));
        let read = OF_OWNER.with([owner.as_str().into(), before, page.limit.into()]);
        self.all::<EventRow, _>(read).await
    }

    async fn unfinished_publishes(
        &self,
        scope: ReclaimScope,
        limit: u32,
    ) -> Result<Vec<EventId>, StoreError> {
        let read = Read::reclaimable(UNFINISHED_BEFORE, UNFINISHED_ALL_BUT, scope, limit);
        self.ids(read, EventId).await
    }

    async fn scheduled(&self, until: Timestamp, limit: u32) -> Result<Vec<EventId>, StoreError> {
        let read = SCHEDULED.with([Value::Millis(until), limit.into()]);
        self.ids(read, EventId).await
    }

    async fn next_scheduled(&self) -> Result<Option<Timestamp>, StoreError> {
        self.time(NEXT_SCHEDULED.with([])).await
    }
}
