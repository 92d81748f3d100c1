//! The table `delivery_changes`. Moves are added by the statements that make them, see
//! [`deliveries`](super::deliveries).

use async_trait::async_trait;
use baepo_domain::model::delivery::revision::DeliveryRevision;
use baepo_domain::model::id::DeliveryId;
use baepo_domain::ports::{RevisionStore, StoreError};
use sqlx::{query, query_as};

use super::columns::column;
use super::session::Session;
use super::statement::on_primary;
use super::store::PostgresStore;
use crate::rows::DeliveryRevisionRow;
use crate::rows::columns::Id;

pub(super) const FORGET: &str = "
    DELETE FROM delivery_changes AS earlier
    WHERE delivery = ANY ($1) AND revision < (
        SELECT max(revision) FROM delivery_changes WHERE delivery = earlier.delivery
    )";

/// Keeps of these deliveries only their last moves.
pub async fn forget(session: &mut Session, deliveries: &[DeliveryId]) -> Result<(), sqlx::Error> {
    let statement = query(FORGET).bind(column(deliveries, |delivery| Id(delivery.0)));
    session.execute(statement).await.map(drop)
}

pub(super) const OF_DELIVERY: &str = on_primary!(
    "delivery_changes",
    "
    SELECT delivery, revision, at, view FROM delivery_changes
    WHERE delivery = $1 AND revision >= $2 ORDER BY revision LIMIT $3"
);

#[async_trait]
impl RevisionStore for PostgresStore {
    async fn delivery_revisions(
        &self,
        delivery: DeliveryId,
        from_revision: i64,
        limit: u32,
    ) -> Result<Vec<DeliveryRevision>, StoreError> {
        let statement = query_as(OF_DELIVERY)
            .bind(Id(delivery.0))
            .bind(from_revision)
            .bind(i64::from(limit));
        self.readers
            .read_all::<DeliveryRevisionRow, _>(statement)
            .await
    }
}
