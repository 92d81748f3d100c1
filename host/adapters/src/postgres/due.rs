//! Deliveries that are due, and who was given them.

use baepo_domain::model::id::DeliveryId;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::ports::{ClaimDue, StoreError};
use sqlx::query_as;

use super::readers::Readers;
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

/// Takes what is due, and nobody waits for anybody: what another host takes at this moment is
/// passed over. The revisions stay: who works on a delivery claims it all the same.
pub async fn claim(readers: &Readers, due: ClaimDue) -> Result<Vec<DeliveryId>, StoreError> {
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
    let mut taken: Vec<(i64, i64, Id)> = readers.rows(statement).await?;
    // An UPDATE returns its rows in no order.
    taken.sort_by_key(|(due_at, sequence, _)| (*due_at, *sequence));
    Ok(taken
        .into_iter()
        .map(|(_, _, id)| DeliveryId(id.0))
        .collect())
}
