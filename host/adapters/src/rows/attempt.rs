//! The table `attempts`.

use baepo_domain::attempt::{Attempt, Ended};
use baepo_domain::id::{AttemptId, ChannelId, DeliveryId, Digest, DistributionId};

use super::columns::{Id, Json, Millis, Number, Text};

#[derive(sqlx::FromRow)]
pub struct AttemptRow {
    id: Id,
    delivery: Id,
    distribution: Id,
    channel: Text<ChannelId>,
    release: Text<Digest>,
    number: Number<u32>,
    started_at: Millis,
    ended: Option<Json<Ended>>,
    revision: i64,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        Self {
            id: AttemptId(row.id.0),
            delivery: DeliveryId(row.delivery.0),
            distribution: DistributionId(row.distribution.0),
            channel: row.channel.0,
            release: row.release.0,
            number: row.number.0,
            started_at: row.started_at.0,
            ended: row.ended.map(|ended| ended.0),
            revision: row.revision,
        }
    }
}
