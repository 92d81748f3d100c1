//! `POST /api/events/{id}/check`: what the channels think of a draft. Nothing is sent.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use baepo_domain::model::id::EventId;
use baepo_domain::model::text::Language;
use baepo_domain::usecases::check::{ChannelCheck, CheckRequest, Checker};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Owner;
use super::channel_choice::ChannelsChoice;
use super::concurrency_limit::ConcurrencyLimiter;
use super::error::{Problem, ProblemBody};
use super::extract::{OptionalBody, Path};
use super::findings::FindingBody;
use super::language::ReaderLanguage;
use super::page::Listing;
use super::state::ApiState;

/// What one channel thinks of a draft.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ChannelCheck)]
struct CheckBody {
    #[schema(example = "instagram")]
    channel: String,
    /// Empty when everything is in order.
    findings: Vec<FindingBody>,
    /// HTML for a sandboxed frame; null when the channel shows none.
    preview: Option<String>,
}

impl CheckBody {
    fn new(check: ChannelCheck, language: Language) -> Self {
        Self {
            channel: check.channel.into(),
            findings: FindingBody::list(check.findings, language),
            preview: check.preview,
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(check))
}

/// Check an event with its channels
///
/// Findings and a preview per channel. Nothing is sent to a provider.
#[utoipa::path(post, path = "/api/events/{id}/check", tag = "publishing", operation_id = "checkEvent",
    params(("id" = uuid::Uuid, Path)), request_body = Option<ChannelsChoice>,
    responses(
        (status = 200, description = "An item per selected channel.", body = Listing<CheckBody>),
        (status = 404, description = "You have no such event.", body = ProblemBody),
        (status = 422, description = "There is no content or channel (`missing`), or a channel \
            is not installed (`channels`).",
            body = ProblemBody),
        (status = 429, description = "The caller's limit of concurrent channel calls (`share`) is reached.",
            body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.event.check", skip_all, fields(event = %event))]
async fn check(
    State(checker): State<Arc<Checker>>,
    State(running): State<Arc<ConcurrencyLimiter>>,
    Owner(owner): Owner,
    ReaderLanguage(language): ReaderLanguage,
    Path(event): Path<EventId>,
    OptionalBody(choice): OptionalBody<ChannelsChoice>,
) -> Result<Json<Listing<CheckBody>>, Problem> {
    let _permit = running.take(&owner)?;
    let request = CheckRequest {
        owner,
        event,
        channels: choice.channels,
    };
    let checks = checker.check(&request).await?;
    let items = checks
        .into_iter()
        .map(|check| CheckBody::new(check, language))
        .collect();
    Ok(Json(Listing { items, next: None }))
}
