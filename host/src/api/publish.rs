//! `POST /api/events/{id}/publish`: one call, one answer, a line per channel.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use baepo_domain::event::EventStatus;
use baepo_domain::id::{ChannelId, EventId};
use baepo_domain::publish::{Ending, Publication, PublishRequest, Publisher};
use serde::{Deserialize, Serialize};
use tokio_util::task::TaskTracker;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::ApiState;
use super::auth::Owner;
use super::distribution::ResultBody;
use super::error::{Kind, Problem, ProblemBody, retry_after_seconds};
use super::extract::{Idempotency, OptionalBody, Path};
use super::run;

/// Which channels; without it the event's own selection.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ChannelsChoice {
    #[schema(value_type = Option<Vec<String>>, example = json!(["instagram"]))]
    pub channels: Option<Vec<ChannelId>>,
}

/// What became of a publish.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Publication)]
struct PublicationBody {
    event_id: Uuid,
    status: EventStatus,
    distribution_id: Uuid,
    /// A line per selected channel; empty while nothing was distributed yet.
    distribution_results: Vec<ResultBody>,
    /// What it waits for, when it is underway.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(publish))
}

/// Publish an event
///
/// Drives the selected channels to LIVE: adds those that are new, retries those that certainly
/// failed, leaves the others alone. Calling it again is always safe; it never posts twice. It
/// runs to its end when the caller goes away.
#[utoipa::path(post, path = "/api/events/{id}/publish", tag = "publishing", operation_id = "publishEvent",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, max_length = 255,
            description = "A repeat with the same key gets the same answer."),
    ),
    request_body = Option<ChannelsChoice>,
    responses(
        (status = 200, description = "Distributed; the results say how.", body = PublicationBody),
        (status = 202, description = "A part of the system is down; it goes on by itself.",
            body = PublicationBody, headers(
                ("Location" = String, description = "The distribution."),
                ("Retry-After" = u64, description = "When to look, in seconds."))),
        (status = 404, description = "You have no such event.", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 409, description = "Another publish of the event is running.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Parts are missing (`missing`), a channel is not installed \
            (`channels`), or the key was used for another request.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 502, description = "Every channel failed (`distributionResults`); publishing \
            again retries.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
#[tracing::instrument(name = "api.event.publish", skip_all, fields(event = %event))]
async fn publish(
    State(publisher): State<Arc<Publisher>>,
    State(tasks): State<TaskTracker>,
    Owner(owner): Owner,
    Path(event): Path<EventId>,
    Idempotency(key): Idempotency,
    OptionalBody(choice): OptionalBody<ChannelsChoice>,
) -> Result<Response, Problem> {
    let channels = choice.channels;
    let request = PublishRequest {
        owner,
        event,
        channels,
        key,
    };
    let work = async move { publisher.publish(request).await };
    let publication = run::to_its_end(&tasks, work).await??;
    answer(publication)
}

fn answer(publication: Publication) -> Result<Response, Problem> {
    let body = PublicationBody {
        event_id: publication.event.0,
        status: publication.status,
        distribution_id: publication.distribution.0,
        distribution_results: publication
            .results
            .into_iter()
            .map(ResultBody::from)
            .collect(),
        message: None,
    };
    match publication.ending {
        Ending::Distributed => Ok(Json(body).into_response()),
        Ending::AllFailed => Err(all_failed(&body)),
        Ending::Underway { why, retry_after } => Ok(underway(body, why, retry_after)),
    }
}

fn underway(body: PublicationBody, why: String, retry_after: Duration) -> Response {
    let location = format!("/api/distribution/{}", body.distribution_id);
    let retry_after = retry_after_seconds(retry_after).to_string();
    let headers = [(LOCATION, location), (RETRY_AFTER, retry_after)];
    let body = PublicationBody {
        message: Some(why),
        ..body
    };
    (StatusCode::ACCEPTED, headers, Json(body)).into_response()
}

fn all_failed(body: &PublicationBody) -> Problem {
    let detail = "each result says why and what to do; then publish again";
    Problem::new(Kind::AllChannelsFailed, detail)
        .member("eventId", body.event_id)
        .member("eventStatus", body.status)
        .member("distributionId", body.distribution_id)
        .member("distributionResults", &body.distribution_results)
}

#[cfg(test)]
mod tests;
