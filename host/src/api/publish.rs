//! `POST /api/events/{id}/publish`: one call, one answer, a line per channel.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{FromRef, State};
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use baepo_domain::Timestamp;
use baepo_domain::model::event::{Event, EventStatus};
use baepo_domain::model::id::{ChannelId, EventId};
use baepo_domain::model::instant;
use baepo_domain::model::text::{Language, Localized};
use baepo_domain::usecases::publish::{
    Origin, Publication, PublishOutcome, PublishRequest, Publisher, Trigger,
};
use baepo_domain::usecases::schedule::Scheduler;
use serde::{Deserialize, Serialize};
use tokio_util::task::TaskTracker;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::auth::OwnerActor;
use super::background;
use super::channel_choice::chosen;
use super::concurrency_limit::ConcurrencyLimiter;
use super::distribution::ResultBody;
use super::error::{Kind, Problem, ProblemBody, retry_after_seconds};
use super::extract::{Idempotency, OptionalBody, Path};
use super::language::ReaderLanguage;
use super::schedule::ScheduleBody;
use super::state::ApiState;

/// Says that an answer is an earlier request's.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Which channels, and when.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schema(as = PublishRequest)]
struct RequestBody {
    /// Without them the event's own selection.
    #[serde(deserialize_with = "chosen")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50, example = json!(["instagram"]))]
    channels: Option<Vec<ChannelId>>,
    /// Publishes then instead of now, as `PUT /api/events/{id}/schedule` does.
    #[serde(deserialize_with = "instant::option::deserialize")]
    publish_at: Option<Timestamp>,
}

/// Now or later, and what must run to its end.
#[derive(Clone)]
struct PublishState {
    publisher: Arc<Publisher>,
    scheduler: Arc<Scheduler>,
    running: Arc<ConcurrencyLimiter>,
    tasks: TaskTracker,
}

impl FromRef<ApiState> for PublishState {
    fn from_ref(state: &ApiState) -> Self {
        Self {
            publisher: Arc::clone(&state.publisher),
            scheduler: Arc::clone(&state.scheduler),
            running: Arc::clone(&state.running),
            tasks: state.tasks.clone(),
        }
    }
}

/// The result of a publish.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Publication)]
struct PublicationBody {
    event_id: Uuid,
    status: EventStatus,
    /// None before the first publish has begun.
    distribution_id: Option<Uuid>,
    /// A line per selected channel; empty while nothing was distributed yet.
    distribution_results: Vec<ResultBody>,
    /// When it is published, if that is later.
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<ScheduleBody>,
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
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
            pattern = "^[!-~]+$",
            description = "Names the request, so that it can be repeated. While the first runs, a repeat \
                with the same key waits for its answer. A final success is given again. After a \
                202, or a 200 with channels at work, the repeat gets today's state: 202, and 200 or \
                502 once every channel has answered. After a 502 the repeat tries again. With \
                another request the same key is refused with 422. Without effect with `publishAt`."),
    ),
    request_body = Option<RequestBody>,
    responses(
        (status = 200, description = "Distributed; the results say how.", body = PublicationBody,
            headers(("Idempotency-Replayed" = String, description = "`true`: an earlier request \
                with this key was answered so, or its state is this today; this one did nothing."))),
        (status = 202, description = "A part of the system is unavailable and the publish continues automatically; or \
            it is scheduled (`publishAt`).",
            body = PublicationBody, headers(
                ("Location" = String, description = "The distribution, or the event that is scheduled."),
                ("Retry-After" = u64, description = "Seconds until a retry."),
                ("Idempotency-Replayed" = String, description = "As with 200."))),
        (status = 404, description = "You have no such event.", body = ProblemBody),
        (status = 409, description = "Another publish of the event is running.",
            body = ProblemBody),
        (status = 422, description = "Parts are missing (`missing`), a channel is not installed \
            (`channels`), the offer has ended (`errors` at `/content/period/endsAt`) or ends before \
            `publishAt`, or the key was used for another request.",
            body = ProblemBody),
        (status = 429, description = "The caller's limit of concurrent channel calls (`share`) is reached.",
            body = ProblemBody),
        (status = 502, description = "Every channel failed (`distributionResults`); publishing \
            again retries, also with the same key.", body = ProblemBody,
            headers(("Idempotency-Replayed" = String, description = "As with 200."))),
    ))]
#[tracing::instrument(name = "api.event.publish", skip_all, fields(event = %event))]
async fn publish(
    State(publish_state): State<PublishState>,
    OwnerActor(actor): OwnerActor,
    ReaderLanguage(language): ReaderLanguage,
    Path(event): Path<EventId>,
    Idempotency(key): Idempotency,
    OptionalBody(given): OptionalBody<RequestBody>,
) -> Result<Response, Problem> {
    if let Some(publish_at) = given.publish_at {
        let scheduled = publish_state
            .scheduler
            .schedule(&actor, event, given.channels, publish_at)
            .await?;
        return Ok(scheduled_response(&scheduled, language));
    }
    let request = PublishRequest {
        owner: actor.subject,
        event,
        channels: given.channels,
        key,
        trigger: Trigger::Caller,
    };
    let permit = publish_state.running.take(&request.owner)?;
    let publisher = publish_state.publisher;
    let work = async move {
        let published = publisher.publish(request).await;
        drop(permit);
        published
    };
    let answered = background::run_to_completion(&publish_state.tasks, work).await??;
    let mut response = answer(answered.publication, language).into_response();
    if answered.origin == Origin::EarlierRequest {
        let headers = response.headers_mut();
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn scheduled_response(event: &Event, language: Language) -> Response {
    let location = format!("/api/events/{}", event.id);
    let body = PublicationBody {
        event_id: event.id.0,
        status: event.status,
        distribution_id: event.distribution.map(|id| id.0),
        distribution_results: Vec::new(),
        schedule: ScheduleBody::of(event, language),
        message: None,
    };
    (StatusCode::ACCEPTED, [(LOCATION, location)], Json(body)).into_response()
}

fn answer(publication: Publication, language: Language) -> Result<Response, Problem> {
    let body = PublicationBody {
        event_id: publication.event.0,
        status: publication.status,
        distribution_id: Some(publication.distribution.0),
        distribution_results: publication
            .results
            .into_iter()
            .map(|result| ResultBody::for_reader(result, language))
            .collect(),
        schedule: None,
        message: None,
    };
    match publication.ending {
        PublishOutcome::Distributed => Ok(Json(body).into_response()),
        PublishOutcome::AllFailed => Err(all_failed(&body)),
        PublishOutcome::Underway { why, retry_after } => {
            Ok(in_progress_response(body, why.get(language), retry_after))
        }
    }
}

fn in_progress_response(body: PublicationBody, why: &str, retry_after: Duration) -> Response {
    let distribution = body.distribution_id.unwrap_or_default();
    let location = format!("/api/distribution/{distribution}");
    let retry_after = retry_after_seconds(retry_after).to_string();
    let headers = [(LOCATION, location), (RETRY_AFTER, retry_after)];
    let body = PublicationBody {
        message: Some(why.to_owned()),
        ..body
    };
    (StatusCode::ACCEPTED, headers, Json(body)).into_response()
}

fn all_failed(body: &PublicationBody) -> Problem {
    let detail = Localized::new(
        "채널마다 까닭과 할 일이 적혀 있습니다. 고친 다음 다시 게시해 주세요.",
        "Each result gives the reason and the remedy. Fix them and publish again.",
    );
    Problem::new(Kind::AllChannelsFailed, detail)
        .member("eventId", body.event_id)
        .member("eventStatus", body.status)
        .member("distributionId", body.distribution_id)
        .member("distributionResults", &body.distribution_results)
}

#[cfg(test)]
mod tests;
