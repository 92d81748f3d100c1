//! How a delivery stands, as a publish answers.

use serde::{Deserialize, Serialize};

use super::{Delivery, DeliveryStatus};
use crate::model::findings::Finding;
use crate::model::id::{ChannelId, Digest};
use crate::model::reason::Reason;
use crate::model::receipt::Receipt;
use crate::model::text::Localized;

/// A line of the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryResult {
    pub channel: ChannelId,
    pub status: DeliveryStatus,
    pub receipt: Receipt,
    pub execution_time_ms: u64,
    pub attempts: u32,
    pub message: Option<Localized>,
    pub findings: Vec<Finding>,
    pub release: Option<Digest>,
}

impl From<&Delivery> for DeliveryResult {
    fn from(delivery: &Delivery) -> Self {
        Self {
            channel: delivery.channel.clone(),
            status: delivery.status,
            receipt: delivery.receipt.clone(),
            execution_time_ms: delivery.execution_time_ms,
            attempts: delivery.attempts,
            message: delivery.message.as_ref().map(Reason::text),
            findings: delivery.findings.clone(),
            release: delivery.release,
        }
    }
}
