//! The table `delivery_changes`.

use baepo_domain::delivery::DeliveryChange;
use baepo_domain::id::DeliveryId;
use baepo_domain::ports::StoreError;
use sqlx::{SqliteConnection, SqlitePool, query, query_as};

use super::statement::{WriteError, read_all, write_one};
use crate::rows::DeliveryChangeRow;
use crate::rows::columns::{Id, Json, Millis};

const ADD: &str = "
    INSERT INTO delivery_changes (delivery, revision, at, view) VALUES ($1, $2, $3, $4)";

/// Of a delivery that has just been stored.
pub async fn add(
    connection: &mut SqliteConnection,
    change: &DeliveryChange,
) -> Result<(), WriteError> {
    let statement = query(ADD)
        .bind(Id(change.delivery.0))
        .bind(change.revision)
        .bind(Millis(change.at))
        .bind(Json(&change.view));
    write_one(connection, "delivery", statement).await
}

pub(super) const FORGET: &str = "
    DELETE FROM delivery_changes
    WHERE delivery = $1
        AND revision < (SELECT max(revision) FROM delivery_changes WHERE delivery = $1)";

/// Keeps of a delivery only its last move.
pub async fn forget(
    connection: &mut SqliteConnection,
    delivery: DeliveryId,
) -> Result<(), WriteError> {
    let statement = query(FORGET).bind(Id(delivery.0));
    statement.execute(connection).await?;
    Ok(())
}

pub(super) const OF_DELIVERY: &str = "
    SELECT * FROM delivery_changes
    WHERE delivery = $1 AND revision >= $2 ORDER BY revision LIMIT $3";

pub async fn of_delivery(
    readers: &SqlitePool,
    delivery: DeliveryId,
    from_revision: i64,
    limit: u32,
) -> Result<Vec<DeliveryChange>, StoreError> {
    let statement = query_as(OF_DELIVERY)
        .bind(Id(delivery.0))
        .bind(from_revision)
        .bind(limit);
    read_all::<DeliveryChangeRow, _>(readers, statement).await
}
