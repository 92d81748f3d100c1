//! The table `delivery_changes`.

use async_trait::async_trait;
use baepo_domain::model::delivery::revision::{DeliveryRevision, DeliveryView};
use baepo_domain::model::id::DeliveryId;
use baepo_domain::ports::{RevisionStore, StoreError};

use super::columns::{Id, Json, Millis};
use super::row::row;
use super::select::{Select, Value};
use super::store::{SqlDatabase, SqlStore};
use super::stored::Table;

pub const OF_DELIVERY: Select = Select::of(
    "delivery_changes",
    "
    SELECT delivery, revision, at, view FROM delivery_changes
    WHERE delivery = $1 AND revision >= $2 ORDER BY revision LIMIT $3",
);

row! {
    pub struct DeliveryRevisionRow {
        delivery: Id,
        revision: i64,
        at: Millis,
        view: Json<DeliveryView>,
    }
}

impl Table for DeliveryRevisionRow {
    const NAME: &'static str = "delivery_changes";
}

impl From<DeliveryRevisionRow> for DeliveryRevision {
    fn from(row: DeliveryRevisionRow) -> Self {
        Self {
            delivery: DeliveryId(row.delivery.0),
            revision: row.revision,
            at: row.at.0,
            view: row.view.0,
        }
    }
}

#[async_trait]
impl<D: SqlDatabase> RevisionStore for SqlStore<D> {
    async fn delivery_revisions(
        &self,
        delivery: DeliveryId,
        from_revision: i64,
        limit: u32,
    ) -> Result<Vec<DeliveryRevision>, StoreError> {
        let from_revision = Value::Number(from_revision);
        let read = OF_DELIVERY.with([Value::Id(delivery.0), from_revision, limit.into()]);
        self.all::<DeliveryRevisionRow, _>(read).await
    }
}
