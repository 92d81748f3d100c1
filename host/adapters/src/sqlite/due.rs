//! Deliveries that are due, and who was given them.

use baepo_domain::model::id::DeliveryId;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::ports::{ClaimDue, StoreError};
use sqlx::{SqliteConnection, query_as, query_scalar};

use super::statement::{Readers, unavailable};
use crate::rows::columns::{Id, Millis};

pub(super) const HAS_DUE_BEFORE: &str = "
    SELECT 1 FROM deliveries
    WHERE due_at <= $1 AND (taken_by IS NULL OR taken_until < $2) LIMIT 1";
pub(super) const HAS_DUE_ALL_BUT: &str = "
    SELECT 1 FROM deliveries
    WHERE due_at <= $1 AND (taken_by IS NULL OR taken_by <> $3 OR taken_until < $2) LIMIT 1";

/// Whether anything could be taken.
pub async fn has_due(readers: &Readers, due: ClaimDue) -> Result<bool, StoreError> {
    let statement = match due.scope {
        ReclaimScope::Before(time) => query_scalar(HAS_DUE_BEFORE)
            .bind(Millis(due.now))
            .bind(Millis(time)),
        ReclaimScope::AllBut { holder, now } => query_scalar(HAS_DUE_ALL_BUT)
            .bind(Millis(due.now))
            .bind(Millis(now))
            .bind(Id(holder.0)),
    };
    let any: Option<i64> = statement
        .fetch_optional(readers.pool()?)
        .await
        .map_err(unavailable)?;
    Ok(any.is_some())
}

pub(super) const CLAIM_BEFORE: &str = "
    UPDATE deliveries SET taken_by = $3, taken_until = $4
    WHERE sequence IN (
        SELECT sequence FROM deliveries
        WHERE due_at <= $1 AND (taken_by IS NULL OR taken_until < $2)
        ORDER BY due_at, sequence LIMIT $5
    )
    RETURNING due_at, sequence, id";
pub(super) const CLAIM_ALL_BUT: &str = "
    UPDATE deliveries SET taken_by = $3, taken_until = $4
    WHERE sequence IN (
        SELECT sequence FROM deliveries
        WHERE due_at <= $1 AND (taken_by IS NULL OR taken_by <> $6 OR taken_until < $2)
        ORDER BY due_at, sequence LIMIT $5
    )
    RETURNING due_at, sequence, id";

/// Takes what is due. The revisions stay: who works on a delivery claims it all the same.
pub async fn claim(
    connection: &mut SqliteConnection,
    due: ClaimDue,
) -> Result<Vec<DeliveryId>, sqlx::Error> {
    let (statement, ran_out, all_but) = match due.scope {
        ReclaimScope::Before(time) => (CLAIM_BEFORE, time, None),
        ReclaimScope::AllBut { holder, now } => (CLAIM_ALL_BUT, now, Some(holder)),
    };
    let statement = query_as(statement)
        .bind(Millis(due.now))
        .bind(Millis(ran_out))
        .bind(Id(due.lease.holder.0))
        .bind(Millis(due.lease.until))
        .bind(due.limit);
    let statement = match all_but {
        Some(holder) => statement.bind(Id(holder.0)),
        None => statement,
    };
    let mut taken: Vec<(i64, i64, Id)> = statement.fetch_all(connection).await?;
    // An UPDATE returns its rows in no order.
    taken.sort_by_key(|(due_at, sequence, _)| (*due_at, *sequence));
    Ok(taken
        .into_iter()
        .map(|(_, _, id)| DeliveryId(id.0))
        .collect())
}
