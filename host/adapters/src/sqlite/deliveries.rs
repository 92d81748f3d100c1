//! The table `deliveries`.

use baepo_domain::delivery::Delivery;
use baepo_domain::id::{DeliveryId, DistributionId};
use baepo_domain::ports::StoreError;
use sqlx::{SqliteConnection, SqlitePool, query, query_as};

use super::statement::{WriteError, read_all, read_one, write_one};
use crate::rows::DeliveryRow;
use crate::rows::columns::{Id, Json, Millis, Number};

const INSERT: &str = "
    INSERT INTO deliveries (
        id, revision, status, generation, attempts, tries, release, receipt, findings, action,
        message, due_at, execution_time_ms, updated_at, distribution, event, owner, channel,
        created_at
    ) VALUES (
        $1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19
    )
    ON CONFLICT DO NOTHING";
const UPDATE: &str = "
    UPDATE deliveries
    SET revision = $2 + 1, status = $3, generation = $4, attempts = $5, tries = $6, release = $7,
        receipt = $8, findings = $9, action = $10, message = $11, due_at = $12,
        execution_time_ms = $13, updated_at = $14
    WHERE id = $1 AND revision = $2";

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
    .bind(delivery.due_at.map(Millis))
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

/// The statuses that are not settled, as the index `deliveries_open` has them.
pub(super) const OPEN: &str = "
    SELECT * FROM deliveries
    WHERE status IN ('PENDING', 'RUNNING', 'ACCEPTED')
    ORDER BY sequence";

pub async fn open(readers: &SqlitePool) -> Result<Vec<Delivery>, StoreError> {
    read_all::<DeliveryRow, _>(readers, query_as(OPEN)).await
}
