//! The table `attempts`.

use async_trait::async_trait;
use baepo_domain::model::attempt::{Attempt, AttemptInput, AttemptSummary};
use baepo_domain::model::content::Content;
use baepo_domain::model::id::{AttemptId, ChannelId, DeliveryId, Digest, DistributionId, EventId};
use baepo_domain::model::manifest::DeclaredLimits;
use baepo_domain::ports::{AttemptStore, StoreError};
use uuid::Uuid;

use super::columns::{Id, Json, Millis, Number, Text};
use super::row::row;
use super::select::{Select, Value};
use super::store::{SqlDatabase, SqlStore};
use super::stored::Table;

pub const BY_ID: Select = Select::of(
    "attempts",
    "
    SELECT id, delivery, distribution, channel, release, number, beginning, started_at, ended,
        revision
    FROM attempts WHERE id = $1",
);
pub const OF_DISTRIBUTION: Select = Select::of(
    "attempts",
    "
    SELECT id, delivery, distribution, channel, release, number, beginning, started_at, ended,
        revision
    FROM attempts WHERE distribution = $1 ORDER BY sequence",
);

row! {
    pub struct AttemptRow {
        id: Id,
        delivery: Id,
        distribution: Id,
        channel: Text<ChannelId>,
        release: Text<Digest>,
        number: Number<u32>,
        /// None before migration 2.
        beginning: Option<Json<AttemptInput>>,
        started_at: Millis,
        ended: Option<Json<AttemptSummary>>,
        revision: i64,
    }
}

impl Table for AttemptRow {
    const NAME: &'static str = "attempts";
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
            beginning: row.beginning.map_or_else(missing_beginning, |json| json.0),
            started_at: row.started_at.0,
            ended: row.ended.map(|ended| ended.0),
            revision: row.revision,
        }
    }
}

/// In place of a beginning from before beginnings were kept. Such an attempt has ended: it is
/// listed, and never run again.
fn missing_beginning() -> AttemptInput {
    AttemptInput {
        idempotency_key: String::new(),
        event: EventId(Uuid::nil()),
        content: Content {
            title: "(not kept)".to_owned(),
            body: String::new(),
            hashtags: Vec::new(),
            link: None,
            media: Vec::new(),
            period: None,
        },
        options: serde_json::Value::Null,
        settings: serde_json::Map::new(),
        limits: DeclaredLimits::default(),
    }
}

#[async_trait]
impl<D: SqlDatabase> AttemptStore for SqlStore<D> {
    async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
        self.one::<AttemptRow, _>(BY_ID.with([Value::Id(id.0)]))
            .await
    }

    async fn attempts(&self, distribution: DistributionId) -> Result<Vec<Attempt>, StoreError> {
        let read = OF_DISTRIBUTION.with([Value::Id(distribution.0)]);
        self.all::<AttemptRow, _>(read).await
    }
}
