//! What a reader sees of a delivery each time it moves.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Delivery, DeliveryStatus};
use crate::model::findings::Finding;
use crate::model::id::{ChannelId, DeliveryId};
use crate::model::reason::Reason;
use crate::model::receipt::Receipt;
use crate::model::text::Localized;

/// A delivery as it was after one of its moves. Kept in the order of its revisions, so that
/// a reader that knows one knows all before it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryRevision {
    pub delivery: DeliveryId,
    /// The revision that the move gave it.
    pub revision: i64,
    pub at: Timestamp,
    pub view: DeliveryView,
}

/// What there is to see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryView {
    pub channel: ChannelId,
    pub status: DeliveryStatus,
    pub generation: u32,
    pub attempts: u32,
    #[serde(default)]
    pub receipt: Receipt,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Localized>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
}

impl From<&Delivery> for DeliveryView {
    fn from(delivery: &Delivery) -> Self {
        Self {
            channel: delivery.channel.clone(),
            status: delivery.status,
            generation: delivery.generation,
            attempts: delivery.attempts,
            receipt: delivery.receipt.clone(),
            findings: delivery.findings.clone(),
            message: delivery.message.as_ref().map(Reason::text),
            next_attempt_at: delivery.due_at,
        }
    }
}

impl DeliveryRevision {
    /// What a reader sees once `delivery`, as it is about to be stored, has been stored.
    #[must_use]
    pub fn after_storing(delivery: &Delivery) -> Self {
        Self {
            delivery: delivery.id,
            revision: delivery.revision + 1,
            at: delivery.updated_at,
            view: DeliveryView::from(delivery),
        }
    }

    /// Whether a reader who has seen `earlier` sees anything new: that somebody works on it again
    /// for a moment, to look whether a review has ended, is no news.
    #[must_use]
    pub fn has_visible_change_since(&self, earlier: &Self) -> bool {
        let quiet = |view: &DeliveryView| DeliveryView {
            next_attempt_at: None,
            ..view.clone()
        };
        let later_look = self.view.next_attempt_at.is_some()
            && self.view.next_attempt_at != earlier.view.next_attempt_at;
        later_look || quiet(&self.view) != quiet(&earlier.view)
    }
}
