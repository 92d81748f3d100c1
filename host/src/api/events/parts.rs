//! The parts of a draft, one by one.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use baepo_domain::model::content::Content;
use baepo_domain::model::draft::{Draft, Objective, Recommendation};
use baepo_domain::model::event::last_objective_key;
use baepo_domain::model::id::{ChannelId, EventId};
use baepo_domain::ports::Cache;
use baepo_domain::usecases::event_edit::Editor;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{ChannelSettings, EventBody};
use crate::api::auth::Owner;
use crate::api::error::{Problem, ProblemBody};
use crate::api::extract::{Body, Path};
use crate::api::state::ApiState;

/// For how long the objective that an owner chose is remembered.
const PURPOSE_TTL: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ObjectiveBody {
    objective: Objective,
}

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChannelsBody {
    #[schema(value_type = Vec<String>, example = json!(["instagram", "uridongne-tv"]))]
    channels: Vec<ChannelId>,
    /// Options by channel. Left out, they stay.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, Map<String, Value>>>)]
    channel_settings: Option<ChannelSettings>,
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(put_objective))
        .routes(routes!(put_recommendation))
        .routes(routes!(put_content))
        .routes(routes!(put_channels))
}

/// Choose the objective
#[utoipa::path(put, path = "/api/events/{id}/objective", tag = "events", operation_id = "putObjective",
    params(("id" = uuid::Uuid, Path)), request_body = ObjectiveBody,
    responses(
        (status = 200, description = "The changed event.", body = EventBody),
        (status = 404, description = "You have no such event.", body = ProblemBody),
        (status = 409, description = "It is being published, or channels already have it.",
            body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.event.put_objective", skip_all, fields(event = %id))]
async fn put_objective(
    State(editor): State<Arc<Editor>>,
    State(cache): State<Arc<dyn Cache>>,
    Owner(owner): Owner,
    Path(id): Path<EventId>,
    Body(ObjectiveBody { objective }): Body<ObjectiveBody>,
) -> Result<Json<EventBody>, Problem> {
    let with = |draft| Draft {
        objective: Some(objective),
        ..draft
    };
    let event = editor.change(&owner, id, &with).await?;
    let key = last_objective_key(&owner);
    // Losing a cached value is never an error.
    if let Err(error) = cache.put(&key, objective.as_str(), PURPOSE_TTL).await {
        tracing::warn!(%error, "the objective was not cached");
    }
    Ok(Json(event.into()))
}

/// Choose the marketing idea
#[utoipa::path(put, path = "/api/events/{id}/recommendation", tag = "events", operation_id = "putRecommendation",
    params(("id" = uuid::Uuid, Path)), request_body = Recommendation,
    responses(
        (status = 200, description = "The changed event.", body = EventBody),
        (status = 404, description = "You have no such event.", body = ProblemBody),
        (status = 409, description = "It is being published, or channels already have it.",
            body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.event.put_recommendation", skip_all, fields(event = %id))]
async fn put_recommendation(
    State(editor): State<Arc<Editor>>,
    Owner(owner): Owner,
    Path(id): Path<EventId>,
    Body(recommendation): Body<Recommendation>,
) -> Result<Json<EventBody>, Problem> {
    let with = |draft| Draft {
        recommendation: Some(recommendation.clone()),
        ..draft
    };
    let event = editor.change(&owner, id, &with).await?;
    Ok(Json(event.into()))
}

/// Write the content
#[utoipa::path(put, path = "/api/events/{id}/content", tag = "events", operation_id = "putContent",
    params(("id" = uuid::Uuid, Path)), request_body = Content,
    responses(
        (status = 200, description = "The changed event.", body = EventBody),
        (status = 404, description = "You have no such event.", body = ProblemBody),
        (status = 409, description = "It is being published, or channels already have it.",
            body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.event.put_content", skip_all, fields(event = %id))]
async fn put_content(
    State(editor): State<Arc<Editor>>,
    Owner(owner): Owner,
    Path(id): Path<EventId>,
    Body(content): Body<Content>,
) -> Result<Json<EventBody>, Problem> {
    let with = |draft| Draft {
        content: Some(content.clone()),
        ..draft
    };
    let event = editor.change(&owner, id, &with).await?;
    Ok(Json(event.into()))
}

/// Choose the channels
///
/// Also when some channels already have the event: publishing again adds the new ones.
#[utoipa::path(put, path = "/api/events/{id}/channels", tag = "events", operation_id = "putChannels",
    params(("id" = uuid::Uuid, Path)), request_body = ChannelsBody,
    responses(
        (status = 200, description = "The changed event.", body = EventBody),
        (status = 404, description = "You have no such event.", body = ProblemBody),
        (status = 409, description = "An attempt is in progress.",
            body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.event.put_channels", skip_all, fields(event = %id))]
async fn put_channels(
    State(editor): State<Arc<Editor>>,
    Owner(owner): Owner,
    Path(id): Path<EventId>,
    Body(chosen): Body<ChannelsBody>,
) -> Result<Json<EventBody>, Problem> {
    let with = |draft: Draft| {
        let chosen = chosen.clone();
        Draft {
            channels: chosen.channels,
            channel_settings: chosen.channel_settings.unwrap_or(draft.channel_settings),
            ..draft
        }
    };
    let event = editor.change(&owner, id, &with).await?;
    Ok(Json(event.into()))
}
