//! The table `deliveries`.

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::attempt::Action;
use baepo_domain::model::attribution::OtherPosts;
use baepo_domain::model::delivery::{Delivery, DeliveryStatus};
use baepo_domain::model::findings::Finding;
use baepo_domain::model::id::{
    AttemptId, ChannelId, DeliveryId, Digest, DistributionId, EventId, HolderId, OwnerId,
};
use baepo_domain::model::lease::Lease;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::model::reason::Reason;
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::{ClaimDue, DeliveryStore, DueQueue, StoreError};

use super::columns::{Id, Json, Millis, Number, Text};
use super::row::row;
use super::select::{Read, Select, Value};
use super::store::{SqlDatabase, SqlStore};
use super::stored::Table;

pub const BY_ID: Select = Select::of(
    "deliveries",
    "
    SELECT id, distribution, event, owner, channel, status, generation, attempts, tries, release,
        receipt, findings, action, message, attempt, lease_by, lease_until, due_at, probes,
        execution_time_ms, created_at, updated_at, revision
    FROM deliveries WHERE id = $1",
);
pub const OF_DISTRIBUTION: Select = Select::of(
    "deliveries",
    "
    SELECT id, distribution, event, owner, channel, status, generation, attempts, tries, release,
        receipt, findings, action, message, attempt, lease_by, lease_until, due_at, probes,
        execution_time_ms, created_at, updated_at, revision
    FROM deliveries WHERE distribution = $1 ORDER BY sequence",
);
pub const RECLAIMABLE_BEFORE: Select = Select::of(
    "deliveries",
    "
    SELECT id FROM deliveries
    WHERE lease_by IS NOT NULL AND lease_until < $1
    ORDER BY lease_until, sequence LIMIT $2",
);
pub const RECLAIMABLE_ALL_BUT: Select = Select::of(
    "deliveries",
    "
    SELECT id FROM deliveries
    WHERE lease_by IS NOT NULL AND (lease_by <> $2 OR lease_until < $1)
    ORDER BY lease_until, sequence LIMIT $3",
);
pub const ORPHANED: Select = Select::of(
    "deliveries",
    "
    SELECT id FROM deliveries
    WHERE status IN ('PENDING', 'RUNNING', 'ACCEPTED') AND lease_by IS NULL AND due_at IS NULL
        AND updated_at < $1
        AND NOT (status = 'PENDING' AND EXISTS (
            SELECT 1 FROM events
            WHERE events.id = deliveries.event AND events.publishing_by IS NOT NULL
        ))
    ORDER BY updated_at LIMIT $2",
);
pub const NEXT_DUE: Select = Select::of(
    "deliveries",
    "
    SELECT due_at FROM deliveries
    WHERE due_at IS NOT NULL AND taken_by IS NULL
    ORDER BY due_at LIMIT 1",
);

row! {
    pub struct DeliveryRow {
        id: Id,
        distribution: Id,
        event: Id,
        owner: Text<OwnerId>,
        channel: Text<ChannelId>,
        status: Text<DeliveryStatus>,
        generation: Number<u32>,
        attempts: Number<u32>,
        tries: Number<u32>,
        release: Option<Text<Digest>>,
        receipt: Json<Receipt>,
        findings: Json<Vec<Finding>>,
        action: Option<Json<Action>>,
        message: Option<String>,
        attempt: Option<Id>,
        lease_by: Option<Id>,
        lease_until: Option<Millis>,
        due_at: Option<Millis>,
        probes: Number<u32>,
        execution_time_ms: Number<u64>,
        created_at: Millis,
        updated_at: Millis,
        revision: i64,
    }
}

impl Table for DeliveryRow {
    const NAME: &'static str = "deliveries";
}

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Self {
        let lease = row.lease_by.zip(row.lease_until);
        Self {
            id: DeliveryId(row.id.0),
            distribution: DistributionId(row.distribution.0),
            event: EventId(row.event.0),
            owner: row.owner.0,
            channel: row.channel.0,
            status: row.status.0,
            generation: row.generation.0,
            attempts: row.attempts.0,
            tries: row.tries.0,
            release: row.release.map(|digest| digest.0),
            receipt: row.receipt.0,
            findings: row.findings.0,
            action: row.action.map(|action| action.0),
            message: row
                .message
                .as_deref()
                .map(Localized::parse)
                .map(Reason::Given),
            attempt: row.attempt.map(|id| AttemptId(id.0)),
            lease: lease.map(|(holder, until)| Lease {
                holder: HolderId(holder.0),
                until: until.0,
            }),
            due_at: row.due_at.map(|at| at.0),
            probes: row.probes.0,
            execution_time_ms: row.execution_time_ms.0,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
            revision: row.revision,
        }
    }
}

#[async_trait]
impl<D: SqlDatabase> DeliveryStore for SqlStore<D> {
    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.one::<DeliveryRow, _>(BY_ID.with([Value::Id(id.0)]))
            .await
    }

    async fn deliveries(&self, distribution: DistributionId) -> Result<Vec<Delivery>, StoreError> {
        let read = OF_DISTRIBUTION.with([Value::Id(distribution.0)]);
        self.all::<DeliveryRow, _>(read).await
    }

    async fn reclaimable(
        &self,
        scope: ReclaimScope,
        limit: u32,
    ) -> Result<Vec<DeliveryId>, StoreError> {
        let read = Read::reclaimable(RECLAIMABLE_BEFORE, RECLAIMABLE_ALL_BUT, scope, limit);
        self.ids(read, DeliveryId).await
    }

    async fn orphaned(
        &self,
        unchanged_since: Timestamp,
        limit: u32,
    ) -> Result<Vec<DeliveryId>, StoreError> {
        let read = ORPHANED.with([Value::Millis(unchanged_since), limit.into()]);
        self.ids(read, DeliveryId).await
    }

    async fn other_posts(
        &self,
        of: &Delivery,
        external_ids: &[String],
        since: Timestamp,
    ) -> Result<OtherPosts, StoreError> {
        self.0.other_posts(of, external_ids, since).await
    }
}

#[async_trait]
impl<D: SqlDatabase> DueQueue for SqlStore<D> {
    async fn claim_due(&self, claim: ClaimDue) -> Result<Vec<DeliveryId>, StoreError> {
        self.0.claim_due(claim).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.time(NEXT_DUE.with([])).await
    }
}
