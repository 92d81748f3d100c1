//! A channel's line in an answer.

use baepo_domain::model::delivery::DeliveryStatus;
use baepo_domain::model::delivery::result::DeliveryResult;
use baepo_domain::model::text::{Language, Localized};
use serde::Serialize;

use crate::api::findings::FindingBody;

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
    findings: Vec<FindingBody>,
    /// SHA-256 of the component that ran last.
    release: Option<String>,
}

impl ResultBody {
    /// For a reader of that language.
    pub fn for_reader(result: DeliveryResult, language: Language) -> Self {
        Self::rendered(result, |text| text.get(language).to_owned())
    }

    /// For another host, which renders the texts for its own readers.
    pub fn for_service(result: DeliveryResult) -> Self {
        Self::rendered(result, Localized::tagged)
    }

    fn rendered(result: DeliveryResult, render: impl Fn(&Localized) -> String) -> Self {
        Self {
            channel: result.channel.into(),
            status: result.status,
            external_id: result.receipt.external_id,
            url: result.receipt.url,
            estimated_reach: result.receipt.estimated_reach,
            execution_time_ms: result.execution_time_ms,
            attempts: result.attempts,
            message: result.message.as_ref().map(&render),
            findings: FindingBody::rendered(result.findings, render),
            release: result.release.map(String::from),
        }
    }
}
