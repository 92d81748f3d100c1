//! The table `delivery_changes`, which triggers fill.

use async_trait::async_trait;
use baepo_domain::model::delivery::revision::DeliveryRevision;
use baepo_domain::model::id::DeliveryId;
use baepo_domain::ports::{RevisionStore, StoreError};
use sqlx::{SqliteConnection, query, query_as};

use super::statement::{WriteError, read_all};
use super::store::SqliteStore;
use crate::rows::DeliveryRevisionRow;
use crate::rows::columns::Id;

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

#[async_trait]
impl RevisionStore for SqliteStore {
    async fn delivery_revisions(
        &self,
        delivery: DeliveryId,
        from_revision: i64,
        limit: u32,
    ) -> Result<Vec<DeliveryRevision>, StoreError> {
        let statement = query_as(OF_DELIVERY)
            .bind(Id(delivery.0))
            .bind(from_revision)
            .bind(limit);
        read_all::<DeliveryRevisionRow, _>(&self.readers, statement).await
    }
}
