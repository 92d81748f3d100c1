//! Deliveries that are due, and who was given them.

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::id::DeliveryId;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::ports::{ClaimDue, DueQueue, StoreError};
use sqlx::query_as;

use super::statement::on_primary;
use super::store::PostgresStore;
use crate::rows::columns::{Id, Millis};

pub(super) const CLAIM_BEFORE: &str = "
    WITH due AS MATERIALIZED (
        SELECT id FROM deliveries
        WHERE due_at <= $1 AND (taken_by IS NULL OR taken_until < $2)
        ORDER BY due_at, sequence LIMIT $5
        FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE deliveries SET taken_by = $3, taken_until = $4
    FROM due WHERE deliveries.id = due.id
    RETURNING deliveries.due_at, deliveries.sequence, deliveries.id";
pub(super) const CLAIM_ALL_BUT: &str = "
    WITH due AS MATERIALIZED (
        SELECT id FROM deliveries
        WHERE due_at <= $1 AND (taken_by IS NULL OR taken_by <> $6 OR taken_until < $2)
        ORDER BY due_at, sequence LIMIT $5
        FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE deliveries SET taken_by = $3, taken_until = $4
    FROM due WHERE deliveries.id = due.id
    RETURNING deliveries.due_at, deliveries.sequence, deliveries.id";

pub(super) const NEXT_DUE: &str = on_primary!(
    "deliveries",
    "
    SELECT due_at FROM deliveries
    WHERE due_at IS NOT NULL AND taken_by IS NULL
    ORDER BY due_at LIMIT 1"
);

#[async_trait]
impl DueQueue for PostgresStore {
    /// Takes what is due, and nobody waits for anybody: what another host takes at this moment is
    /// passed over. The revisions stay: who works on a delivery claims it all the same.
    async fn claim_due(&self, due: ClaimDue) -> Result<Vec<DeliveryId>, StoreError> {
        let (statement, ran_out, all_but) = match due.scope {
            ReclaimScope::Before(time) => (CLAIM_BEFORE, time, None),
            ReclaimScope::AllBut { holder, now } => (CLAIM_ALL_BUT, now, Some(holder)),
        };
        let statement = query_as(statement)
            .bind(Millis(due.now))
            .bind(Millis(ran_out))
            .bind(Id(due.lease.holder.0))
            .bind(Millis(due.lease.until))
            .bind(i64::from(due.limit));
        let statement = match all_but {
            Some(holder) => statement.bind(Id(holder.0)),
            None => statement,
        };
        let mut taken: Vec<(i64, i64, Id)> = self.readers.rows(statement).await?;
        if !taken.is_empty() {
            self.commits.increment();
        }
        // An UPDATE returns its rows in no order.
        taken.sort_by_key(|(due_at, sequence, _)| (*due_at, *sequence));
        Ok(taken
            .into_iter()
            .map(|(_, _, id)| DeliveryId(id.0))
            .collect())
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let times: Vec<(Millis,)> = self.readers.rows(query_as(NEXT_DUE)).await?;
        Ok(times.first().map(|(time,)| time.0))
    }
}
