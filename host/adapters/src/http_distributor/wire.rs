//! The JSON of `POST /api/distribution/distribute`, as the service's OpenAPI description has it.

use baepo_domain::model::content::Content;
use baepo_domain::model::delivery::DeliveryStatus;
use baepo_domain::model::delivery::result::DeliveryResult;
use baepo_domain::model::findings::Finding;
use baepo_domain::model::id::{ChannelId, Digest, DistributionId, EventId, OwnerId};
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::DistributionOrder;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderBody<'a> {
    distribution_id: DistributionId,
    event_id: EventId,
    user_id: &'a OwnerId,
    channels: &'a [ChannelId],
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a Content>,
}

impl<'a> From<&'a DistributionOrder> for OrderBody<'a> {
    fn from(order: &'a DistributionOrder) -> Self {
        Self {
            distribution_id: order.distribution,
            event_id: order.event,
            user_id: &order.owner,
            channels: &order.channels,
            content: order.content.as_ref(),
        }
    }
}

/// A newer service may say more.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DistributedBody {
    pub distribution_results: Vec<ResultBody>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResultBody {
    channel: ChannelId,
    status: DeliveryStatus,
    external_id: Option<String>,
    url: Option<String>,
    estimated_reach: Option<u64>,
    execution_time_ms: u64,
    attempts: u32,
    message: Option<Localized>,
    findings: Vec<Finding>,
    release: Option<Digest>,
}

impl From<ResultBody> for DeliveryResult {
    fn from(body: ResultBody) -> Self {
        Self {
            channel: body.channel,
            status: body.status,
            receipt: Receipt {
                external_id: body.external_id,
                url: body.url,
                estimated_reach: body.estimated_reach,
            },
            execution_time_ms: body.execution_time_ms,
            attempts: body.attempts,
            message: body.message,
            findings: body.findings,
            release: body.release,
        }
    }
}
