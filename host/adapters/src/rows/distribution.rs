//! The table `distributions`.

use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::id::{DistributionId, EventId, OwnerId};

use super::columns::{Id, Millis, Text};
use super::stored::Table;

#[derive(sqlx::FromRow)]
pub struct DistributionRow {
    id: Id,
    event: Id,
    owner: Text<OwnerId>,
    created_at: Millis,
    completed_at: Option<Millis>,
    revision: i64,
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
