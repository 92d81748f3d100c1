//! The table `distributions`.

use async_trait::async_trait;
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::id::{DistributionId, EventId, OwnerId};
use baepo_domain::ports::{DistributionStore, StoreError};

use super::columns::{Id, Millis, Text};
use super::row::row;
use super::select::{Select, Value};
use super::store::{SqlDatabase, SqlStore};
use super::stored::Table;

pub const BY_ID: Select = Select::of(
    "distributions",
    "
    SELECT id, event, owner, created_at, completed_at, revision
    FROM distributions WHERE id = $1",
);

row! {
    pub struct DistributionRow {
        id: Id,
        event: Id,
        owner: Text<OwnerId>,
        created_at: Millis,
        completed_at: Option<Millis>,
        revision: i64,
    }
}

impl Table for DistributionRow {
    const NAME: &'static str = "distributions";
}

impl From<DistributionRow> for Distribution {
    fn from(row: DistributionRow) -> Self {
        Self {
            id: DistributionId(row.id.0),
            event: EventId(row.event.0),
            owner: row.owner.0,
            created_at: row.created_at.0,
            completed_at: row.completed_at.map(|at| at.0),
            revision: row.revision,
        }
    }
}

#[async_trait]
impl<D: SqlDatabase> DistributionStore for SqlStore<D> {
    async fn distribution(&self, id: DistributionId) -> Result<Option<Distribution>, StoreError> {
        self.one::<DistributionRow, _>(BY_ID.with([Value::Id(id.0)]))
            .await
    }
}
