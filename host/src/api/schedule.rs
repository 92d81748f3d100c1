//! `/api/events/{id}/schedule`: publishing at a time that is set before.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use baepo_domain::Timestamp;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::{ChannelId, EventId};
use baepo_domain::model::instant;
use baepo_domain::model::schedule::Schedule;
use baepo_domain::model::text::Language;
use baepo_domain::usecases::schedule::Scheduler;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::OwnerActor;
use super::channel_choice::chosen;
use super::error::{Problem, ProblemBody};
use super::extract::{Body, Path};
use super::findings::FindingBody;
use super::language::ReaderLanguage;
use super::state::ApiState;

/// When to publish.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ScheduleRequest)]
struct RequestBody {
    /// From now to a year ahead.
    #[serde(deserialize_with = "instant::deserialize")]
    publish_at: Timestamp,
    /// Without them the event's own selection at that time.
    #[serde(default, deserialize_with = "chosen")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50, example = json!(["instagram"]))]
    channels: Option<Vec<ChannelId>>,
}

/// A publish that is to begin by itself.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Schedule)]
pub(super) struct ScheduleBody {
    publish_at: Timestamp,
    #[schema(example = json!(["instagram"]))]
    channels: Option<Vec<String>>,
    /// Why it did not begin when its time had come: set another time, or publish.
    problem: Option<String>,
    /// What to consider: the offer ends soon after that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FindingBody>,
}

impl ScheduleBody {
    /// Of an event that is to be published by itself.
    pub(super) fn of(event: &Event, language: Language) -> Option<Self> {
        let Schedule {
            publish_at,
            channels,
            problem,
        } = event.schedule.clone()?;
        Some(Self {
            publish_at,
            channels: channels.map(|channels| channels.into_iter().map(String::from).collect()),
            problem: problem.map(|problem| problem.get(language).to_owned()),
            warnings: FindingBody::list(event.schedule_warnings(), language),
        })
    }
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(schedule, cancel))
}

/// Schedule a publish, or move it
#[utoipa::path(put, path = "/api/events/{id}/schedule", tag = "publishing", operation_id = "scheduleEvent",
    params(("id" = uuid::Uuid, Path)), request_body = RequestBody,
    responses(
        (status = 200, description = "The publish is scheduled.", body = ScheduleBody),
        (status = 404, description = "You have no such event.", body = ProblemBody),
        (status = 409, description = "A publish of the event is running.", body = ProblemBody),
        (status = 422, description = "The time is past, too far ahead, or not before the offer's \
            end (`errors` at `/publishAt`), parts of the event are missing (`missing`), or a channel is not installed (`channels`).",
            body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.event.schedule", skip_all, fields(event = %event))]
async fn schedule(
    State(scheduler): State<Arc<Scheduler>>,
    OwnerActor(actor): OwnerActor,
    ReaderLanguage(language): ReaderLanguage,
    Path(event): Path<EventId>,
    Body(given): Body<RequestBody>,
) -> Result<Json<Option<ScheduleBody>>, Problem> {
    let event = scheduler
        .schedule(&actor, event, given.channels, given.publish_at)
        .await?;
    Ok(Json(ScheduleBody::of(&event, language)))
}

/// Cancel a scheduled publish
///
/// Until it begins; then `POST /api/distribution/{id}/deliveries/{channel}/withdraw` is the way.
#[utoipa::path(delete, path = "/api/events/{id}/schedule", tag = "publishing", operation_id = "cancelSchedule",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 204, description = "The schedule was cancelled."),
        (status = 404, description = "You have no such event.", body = ProblemBody),
        (status = 409, description = "Nothing is scheduled, or it has begun (`eventStatus`).",
            body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.event.cancel_schedule", skip_all, fields(event = %event))]
async fn cancel(
    State(scheduler): State<Arc<Scheduler>>,
    OwnerActor(actor): OwnerActor,
    Path(event): Path<EventId>,
) -> Result<StatusCode, Problem> {
    scheduler.cancel(&actor, event).await?;
    Ok(StatusCode::NO_CONTENT)
}
