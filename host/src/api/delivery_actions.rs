//! `/api/distribution/{id}/deliveries/{channel}/…`: a person's actions on a delivery.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use baepo_domain::model::audit::Actor;
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::delivery::result::DeliveryResult;
use baepo_domain::model::id::{ChannelId, DistributionId};
use baepo_domain::model::text::Language;
use baepo_domain::usecases::delivery_actions::{
    DeliveryActionError, DeliveryActions, Resolution, Target,
};
use serde::Deserialize;
use tokio_util::task::TaskTracker;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::action_kind::DeliveryActionKind;
use super::auth::OwnerOrOperator;
use super::background;
use super::concurrency_limit::ConcurrencyLimiter;
use super::distribution::ResultBody;
use super::error::{Problem, ProblemBody};
use super::error_mapping::delivery_action_problem;
use super::extract::{Body, Path};
use super::language::ReaderLanguage;
use super::state::ApiState;

/// Where you have posted it.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Confirmation)]
struct ConfirmationBody {
    /// The address of the post in any form in which it can be copied; kept in the channel's own.
    #[schema(min_length = 1, example = "https://blog.naver.com/ondam/223456789")]
    url: String,
}

/// What you found when you looked.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Resolution)]
struct ResolutionBody {
    status: Found,
    /// Where it is, if it is out; as for a confirmation.
    #[schema(example = "https://www.instagram.com/p/C8xYz123abc/")]
    url: Option<String>,
    /// The provider's id of it, if it is out.
    external_id: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Found {
    /// It is out.
    Live,
    /// It is certainly not out.
    Failed,
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(retry))
        .routes(routes!(confirm))
        .routes(routes!(withdraw))
        .routes(routes!(resolve))
}

/// Retry a delivery that failed, or that waits
///
/// FAILED → PENDING, at once. What waits for its next attempt (`nextAttemptAt`), such as because the provider asked
/// for patience, is tried at once. Does nothing while it is tried already.
#[utoipa::path(post, path = "/api/distribution/{id}/deliveries/{channel}/retry",
    tag = "publishing", operation_id = "retryDelivery",
    params(("id" = uuid::Uuid, Path), ("channel" = String, Path, example = "instagram")),
    responses(
        (status = 200, description = "A new attempt was scheduled.", body = ResultBody),
        (status = 404, description = "You have no such delivery.", body = ProblemBody),
        (status = 409, description = "It is in another state (`deliveryStatus`).", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.delivery.retry", skip_all, fields(distribution = %id, channel = %channel))]
async fn retry(
    State(delivery_actions): State<Arc<DeliveryActions>>,
    OwnerOrOperator(actor): OwnerOrOperator,
    ReaderLanguage(language): ReaderLanguage,
    Path((id, channel)): Path<(DistributionId, ChannelId)>,
) -> Result<Json<ResultBody>, Problem> {
    let target = target(actor, id, channel);
    let retried = delivery_actions.retry(&target).await;
    answer(retried, DeliveryActionKind::Retry, language)
}

/// Confirm that you have posted it yourself
///
/// ACTION_REQUIRED → LIVE, with the address of the post.
#[utoipa::path(post, path = "/api/distribution/{id}/deliveries/{channel}/confirm",
    tag = "publishing", operation_id = "confirmDelivery",
    params(("id" = uuid::Uuid, Path), ("channel" = String, Path, example = "naver-blog")),
    request_body = ConfirmationBody,
    responses(
        (status = 200, description = "The delivery is now LIVE.", body = ResultBody),
        (status = 404, description = "You have no such delivery.", body = ProblemBody),
        (status = 409, description = "It is in another state (`deliveryStatus`).", body = ProblemBody),
        (status = 422, description = "The URL is not a post on your account.",
            body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.delivery.confirm", skip_all, fields(distribution = %id, channel = %channel))]
async fn confirm(
    State(delivery_actions): State<Arc<DeliveryActions>>,
    OwnerOrOperator(actor): OwnerOrOperator,
    ReaderLanguage(language): ReaderLanguage,
    Path((id, channel)): Path<(DistributionId, ChannelId)>,
    Body(given): Body<ConfirmationBody>,
) -> Result<Json<ResultBody>, Problem> {
    let target = target(actor, id, channel);
    let confirmed = delivery_actions.confirm(&target, &given.url).await;
    answer(confirmed, DeliveryActionKind::Confirm, language)
}

/// Withdraw a delivery
///
/// Takes down what is out, and calls off what is not: PENDING, RUNNING, ACCEPTED or LIVE →
/// WITHDRAWN. Runs to its end when the caller goes away.
#[utoipa::path(post, path = "/api/distribution/{id}/deliveries/{channel}/withdraw",
    tag = "publishing", operation_id = "withdrawDelivery",
    params(("id" = uuid::Uuid, Path), ("channel" = String, Path, example = "instagram")),
    responses(
        (status = 200, description = "The delivery is now WITHDRAWN.", body = ResultBody),
        (status = 404, description = "You have no such delivery.", body = ProblemBody),
        (status = 409, description = "The delivery is in another state (`deliveryStatus`), an attempt is in progress, or \
            the channel cannot: then the detail says what you can do.", body = ProblemBody),
        (status = 429, description = "The caller's limit of concurrent channel calls (`share`) is reached.",
            body = ProblemBody),
        (status = 502, description = "The provider did not remove the post.", body = ProblemBody),
        (status = 503, description = "The provider is unavailable; retry later.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.delivery.withdraw", skip_all, fields(distribution = %id, channel = %channel))]
async fn withdraw(
    State(delivery_actions): State<Arc<DeliveryActions>>,
    State(running): State<Arc<ConcurrencyLimiter>>,
    State(tasks): State<TaskTracker>,
    OwnerOrOperator(actor): OwnerOrOperator,
    ReaderLanguage(language): ReaderLanguage,
    Path((id, channel)): Path<(DistributionId, ChannelId)>,
) -> Result<Json<ResultBody>, Problem> {
    let permit = running.take(&actor)?;
    let target = target(actor, id, channel);
    let work = async move {
        let withdrawn = delivery_actions.withdraw(&target).await;
        drop(permit);
        withdrawn
    };
    let withdrawn = background::run_to_completion(&tasks, work).await?;
    answer(withdrawn, DeliveryActionKind::Withdraw, language)
}

/// Resolve a delivery of unknown outcome
///
/// UNKNOWN → LIVE or FAILED, by what you found when you looked. FAILED can be retried.
#[utoipa::path(post, path = "/api/distribution/{id}/deliveries/{channel}/resolve",
    tag = "publishing", operation_id = "resolveDelivery",
    params(("id" = uuid::Uuid, Path), ("channel" = String, Path, example = "kakao-channel")),
    request_body = ResolutionBody,
    responses(
        (status = 200, description = "It is LIVE or FAILED.", body = ResultBody),
        (status = 404, description = "You have no such delivery.", body = ProblemBody),
        (status = 409, description = "It is in another state (`deliveryStatus`).", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.delivery.resolve", skip_all, fields(distribution = %id, channel = %channel))]
async fn resolve(
    State(delivery_actions): State<Arc<DeliveryActions>>,
    OwnerOrOperator(actor): OwnerOrOperator,
    ReaderLanguage(language): ReaderLanguage,
    Path((id, channel)): Path<(DistributionId, ChannelId)>,
    Body(given): Body<ResolutionBody>,
) -> Result<Json<ResultBody>, Problem> {
    let resolution = match given.status {
        Found::Live => Resolution::Live {
            url: given.url,
            external_id: given.external_id,
        },
        Found::Failed => Resolution::Failed,
    };
    let target = target(actor, id, channel);
    let resolved = delivery_actions.resolve(&target, &resolution).await;
    answer(resolved, DeliveryActionKind::Resolve, language)
}

fn target(actor: Actor, distribution: DistributionId, channel: ChannelId) -> Target {
    Target {
        actor,
        distribution,
        channel,
    }
}

fn answer(
    acted: Result<Delivery, DeliveryActionError>,
    action: DeliveryActionKind,
    language: Language,
) -> Result<Json<ResultBody>, Problem> {
    let delivery = acted.map_err(|error| delivery_action_problem(error, action))?;
    let result = ResultBody::for_reader(DeliveryResult::from(&delivery), language);
    Ok(Json(result))
}
