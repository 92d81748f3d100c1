//! `POST /api/distribution/distribute`: what event services ask of the distribution service.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRef, State};
use baepo_domain::model::content::Content;
use baepo_domain::model::id::{ChannelId, DistributionId, EventId, OwnerId};
use baepo_domain::model::text::Localized;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{DistributionOrder, Distributor, DistributorError, EventStore};
use serde::{Deserialize, Serialize};
use tokio_util::task::TaskTracker;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::auth::{Service, Tokens};
use super::background;
use super::distribution::ResultBody;
use super::error::{Kind, Problem, ProblemBody};
use super::extract::Body;

/// What the handlers take from.
#[derive(Clone, FromRef)]
pub struct ServiceState {
    pub events: Arc<dyn EventStore>,
    pub distributor: Arc<dyn Distributor>,
    pub clock: Arc<dyn Clock>,
    pub tokens: Arc<Tokens>,
    /// What must run to its end though its caller has gone; a stop waits for it.
    pub tasks: TaskTracker,
}

/// What to distribute.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = DistributionOrder)]
struct OrderBody {
    #[schema(value_type = Uuid)]
    distribution_id: DistributionId,
    #[schema(value_type = Uuid)]
    event_id: EventId,
    /// The event's owner.
    #[schema(value_type = String, min_length = 1, max_length = 128, pattern = "^[!-~]+$", example = "shop-1")]
    user_id: OwnerId,
    #[schema(value_type = Vec<String>, min_items = 1, example = json!(["instagram"]))]
    channels: Vec<ChannelId>,
    /// What the caller takes the event's content for. Where it is given it must be the content
    /// that is stored, which is what the channels get.
    content: Option<Content>,
}

/// How far the deliveries of a distribution are.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Distributed)]
struct DistributedBody {
    distribution_id: Uuid,
    /// A line per delivery.
    distribution_results: Vec<ResultBody>,
}

pub(super) fn routes() -> OpenApiRouter<ServiceState> {
    OpenApiRouter::new().routes(routes!(distribute))
}

/// Distribute an event
///
/// Begins what has not begun and answers when every channel has answered, at 65 s with what there
/// is; the rest goes on. Idempotent by `distributionId`: a caller that got no answer asks again.
#[utoipa::path(post, path = "/api/distribution/distribute", tag = "service", operation_id = "distribute",
    request_body = OrderBody,
    responses(
        (status = 200, description = "The state of every delivery.", body = DistributedBody),
        (status = 404, description = "No distribution for this event and owner.",
            body = ProblemBody),
        (status = 409, description = "The content does not match the stored event.", body = ProblemBody),
        (status = 503, description = "The store is unavailable; retry later.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.distribution.distribute", skip_all, fields(distribution = %order.distribution_id))]
async fn distribute(
    State(events): State<Arc<dyn EventStore>>,
    State(distributor): State<Arc<dyn Distributor>>,
    State(tasks): State<TaskTracker>,
    _caller: Service,
    Body(order): Body<OrderBody>,
) -> Result<Json<DistributedBody>, Problem> {
    if let Some(given) = &order.content {
        let event = events.event(order.event_id).await?;
        let known = event
            .filter(|event| event.owner == order.user_id)
            .ok_or_else(unknown)?;
        let known = known.draft.content.map(Content::normalized);
        if known.as_ref() != Some(&given.clone().normalized()) {
            let detail = Localized::new(
                "저장된 행사의 내용과 다릅니다. 내용을 빼거나 저장된 내용을 그대로 보내 주세요.",
                "The content does not match the stored event. Omit it or send the stored content.",
            );
            return Err(Problem::new(Kind::OtherContent, detail));
        }
    }
    let distribution_id = order.distribution_id.0;
    let order = DistributionOrder {
        distribution: order.distribution_id,
        event: order.event_id,
        owner: order.user_id,
        channels: order.channels,
        content: order.content,
    };
    let work = async move { distributor.distribute(order).await };
    let results = background::run_to_completion(&tasks, work)
        .await?
        .map_err(problem)?;
    Ok(Json(DistributedBody {
        distribution_id,
        distribution_results: results.into_iter().map(ResultBody::for_service).collect(),
    }))
}

fn problem(error: DistributorError) -> Problem {
    match error {
        DistributorError::NotFound => unknown(),
        DistributorError::Unavailable { why, retry_after } => {
            Problem::new(Kind::StoreUnavailable, why).retry_after(retry_after)
        }
        DistributorError::Store(error) => error.into(),
    }
}

fn unknown() -> Problem {
    let detail = Localized::new(
        "이 행사와 사용자의 게시가 없습니다.",
        "No distribution for this event and owner.",
    );
    Problem::new(Kind::NotFound, detail)
}
