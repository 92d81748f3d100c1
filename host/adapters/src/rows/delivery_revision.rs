//! The table `delivery_changes`.

use baepo_domain::model::delivery::revision::{DeliveryRevision, DeliveryView};
use baepo_domain::model::id::DeliveryId;

use super::columns::{Id, Json, Millis};
use super::stored::Table;

#[derive(sqlx::FromRow)]
pub struct DeliveryRevisionRow {
    delivery: Id,
    revision: i64,
    at: Millis,
    view: Json<DeliveryView>,
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
