//! The table `deliveries`.

use baepo_domain::model::attempt::Action;
use baepo_domain::model::delivery::{Delivery, DeliveryStatus};
use baepo_domain::model::findings::Finding;
use baepo_domain::model::id::{
    AttemptId, ChannelId, DeliveryId, Digest, DistributionId, EventId, HolderId, OwnerId,
};
use baepo_domain::model::lease::Lease;
use baepo_domain::model::receipt::Receipt;

use super::columns::{Id, Json, Millis, Number, Text};
use super::stored::Table;

#[derive(sqlx::FromRow)]
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
            message: row.message,
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
