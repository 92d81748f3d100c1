//! The table `delivery_changes`. Moves are added by the statements that make them, see
//! [`deliveries`](super::deliveries).

use baepo_domain::model::id::DeliveryId;
use sqlx::query;

use super::columns::column;
use super::session::Session;
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
