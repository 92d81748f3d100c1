//! The table `deliveries`.

use baepo_domain::Timestamp;
use baepo_domain::delivery::Delivery;
use baepo_domain::id::{DeliveryId, DistributionId, HolderId};
use baepo_domain::ports::{Abandoned, StoreError};
use sqlx::{SqliteConnection, SqlitePool, query, query_as, query_scalar};

use super::statement::{WriteError, read_all, read_ids, read_one, write_one};
use crate::rows::DeliveryRow;
use crate::rows::columns::{Id, Json, Millis, Number};

const INSERT: &str = "
    INSERT INTO deliveries (
        id, revision, status, generation, attempts, tries, release, receipt, findings, action,
        message, attempt, lease_by, lease_until, due_at, probes, execution_time_ms, updated_at,
        distribution, event, owner, channel, created_at
    ) VALUES (
        $1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $21, $22, $23
    )
    ON CONFLICT DO NOTHING";
const UPDATE: &str = "
    UPDATE deliveries
    SET revision = $2 + 1, status = $3, generation = $4, attempts = $5, tries = $6, release = $7,
        receipt = $8, findings = $9, action = $10, message = $11, attempt = $12,
        lease_by = $13, lease_until = $14, due_at = $15, probes = $16, execution_time_ms = $17,
        updated_at = $18, taken_by = NULL, taken_until = NULL
    WHERE id = $1 AND revision = $2";

/// A trigger keeps the move as well.
pub async fn put(connection: &mut SqliteConnection, delivery: &Delivery) -> Result<(), WriteError> {
    let statement = query(if delivery.revision == 0 {
        INSERT
    } else {
        UPDATE
    })
    .bind(Id(delivery.id.0))
    .bind(delivery.revision)
    .bind(delivery.status.as_str())
    .bind(delivery.generation)
    .bind(delivery.attempts)
    .bind(delivery.tries)
    .bind(delivery.release.map(|digest| digest.to_string()))
    .bind(Json(&delivery.receipt))
    .bind(Json(&delivery.findings))
    .bind(delivery.action.as_ref().map(Json))
    .bind(&delivery.message)
    .bind(delivery.attempt.map(|attempt| Id(attempt.0)))
    .bind(delivery.lease.map(|lease| Id(lease.holder.0)))
    .bind(delivery.lease.map(|lease| Millis(lease.until)))
    .bind(delivery.due_at.map(Millis))
    .bind(delivery.probes)
    .bind(Number(delivery.execution_time_ms))
    .bind(Millis(delivery.updated_at))
    .bind(Id(delivery.distribution.0))
    .bind(Id(delivery.event.0))
    .bind(delivery.owner.as_str())
    .bind(delivery.channel.as_str())
    .bind(Millis(delivery.created_at));
    write_one(connection, "delivery", statement).await
}

pub(super) const BY_ID: &str = "SELECT * FROM deliveries WHERE id = $1";

pub async fn by_id(readers: &SqlitePool, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    read_one::<DeliveryRow, _>(readers, query_as(BY_ID).bind(Id(id.0))).await
}

pub(super) const OF_DISTRIBUTION: &str = "
    SELECT * FROM deliveries WHERE distribution = $1 ORDER BY sequence";

pub async fn of_distribution(
    readers: &SqlitePool,
    distribution: DistributionId,
) -> Result<Vec<Delivery>, StoreError> {
    let statement = query_as(OF_DISTRIBUTION).bind(Id(distribution.0));
    read_all::<DeliveryRow, _>(readers, statement).await
}

pub(super) const RENEW: &str = "
    UPDATE deliveries SET lease_until = $2 WHERE lease_by = $1";

/// The revisions stay: who has read a delivery still knows all of it that matters.
pub async fn renew(
    connection: &mut SqliteConnection,
    holder: HolderId,
    until: Timestamp,
) -> Result<(), WriteError> {
    let statement = query(RENEW).bind(Id(holder.0)).bind(Millis(until));
    statement.execute(connection).await?;
    Ok(())
}

pub(super) const ABANDONED_BEFORE: &str = "
    SELECT id FROM deliveries
    WHERE lease_by IS NOT NULL AND lease_until < $1
    ORDER BY lease_until, sequence LIMIT $2";
pub(super) const ABANDONED_NOT_OF: &str = "
    SELECT id FROM deliveries
    WHERE lease_by IS NOT NULL AND lease_by <> $1
    ORDER BY lease_until, sequence LIMIT $2";

pub async fn abandoned(
    readers: &SqlitePool,
    claims: Abandoned,
    limit: u32,
) -> Result<Vec<DeliveryId>, StoreError> {
    let statement = match claims {
        Abandoned::Before(time) => query_scalar(ABANDONED_BEFORE).bind(Millis(time)),
        Abandoned::NotOf(holder) => query_scalar(ABANDONED_NOT_OF).bind(Id(holder.0)),
    };
    read_ids(readers, statement.bind(limit), DeliveryId).await
}
