//! A channel's line in an answer.

use baepo_domain::model::delivery::DeliveryStatus;
use baepo_domain::model::delivery::result::DeliveryResult;
use baepo_domain::model::findings::Finding;
use baepo_domain::model::text::{Language, in_language};
use serde::Serialize;

/// The state of one channel's delivery.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeliveryResult)]
pub(crate) struct ResultBody {
    #[schema(example = "instagram")]
    channel: String,
    status: DeliveryStatus,
    /// The provider's id of the post.
    external_id: Option<String>,
    /// Where the public sees it.
    url: Option<String>,
    /// People, by the provider's forecast.
    estimated_reach: Option<u64>,
    /// Of all attempts together, without the waits between them.
    execution_time_ms: u64,
    attempts: u32,
    /// What you should know, in a sentence.
    message: Option<String>,
    /// What you should change, by place. At `/accounts/{channel}`: connect the account again.
    findings: Vec<Finding>,
    /// SHA-256 of the component that ran last.
    release: Option<String>,
}

impl ResultBody {
    /// The same for a reader: until then its texts are in both languages.
    #[must_use]
    pub fn localized(self, language: Language) -> Self {
        Self {
            message: self.message.map(|message| in_language(&message, language)),
            findings: Finding::in_language(self.findings, language),
            ..self
        }
    }
}

impl From<DeliveryResult> for ResultBody {
    fn from(result: DeliveryResult) -> Self {
        Self {
            channel: result.channel.into(),
            status: result.status,
            external_id: result.receipt.external_id,
            url: result.receipt.url,
            estimated_reach: result.receipt.estimated_reach,
            execution_time_ms: result.execution_time_ms,
            attempts: result.attempts,
            message: result.message,
            findings: result.findings,
            release: result.release.map(String::from),
        }
    }
}
