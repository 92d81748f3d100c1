//! What a start does with what an earlier process left behind.

use std::sync::Arc;

use crate::delivery::{Delivery, DeliveryStatus};
use crate::distribute::Deliverer;
use crate::id::DeliveryId;
use crate::ports::StoreError;

/// Deliveries that an earlier process left open: those that were waiting go on; those whose
/// attempt was cut off are UNKNOWN, since their post may be out.
///
/// Must run before any delivery is driven, on a store that no other process works on.
///
/// # Errors
/// When the store cannot answer; calling again goes on.
pub async fn recover(deliverer: &Arc<Deliverer>) -> Result<Vec<DeliveryId>, StoreError> {
    let mut due = Vec::new();
    for delivery in deliverer.store.open_deliveries().await? {
        if delivery.due_at.is_some() {
            due.push(delivery.id);
        } else {
            deliverer.change(delivery.id, &cut_off, None).await?;
        }
    }
    Ok(due)
}

fn cut_off(
    delivery: Delivery,
    now: jiff::Timestamp,
) -> Result<Delivery, crate::delivery::InvalidTransition> {
    let message = match delivery.status {
        DeliveryStatus::Accepted => {
            "the host stopped after the provider took it: look at the channel before you publish it again"
        }
        _ => {
            "the host stopped during the attempt, so the post may be out: look at the channel before you publish it again"
        }
    };
    delivery.lose(message.to_owned(), now)
}
