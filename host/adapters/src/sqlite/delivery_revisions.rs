//! The table `delivery_changes`, which triggers fill.

use baepo_domain::model::id::DeliveryId;
use sqlx::{SqliteConnection, query};

use super::statement::WriteError;
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
