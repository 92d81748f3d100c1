//! `/api/events`: an owner puts an event together, whole or part by part.

mod body;
mod parts;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;
use baepo_domain::model::draft::Draft;
use baepo_domain::model::id::EventId;
use baepo_domain::ports::{EventStore, Page};
use baepo_domain::usecases::event_edit::Editor;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::body::{DraftPatch, EventBody};
use super::auth::Owner;
use super::error::{Problem, ProblemBody};
use super::error_mapping::no_event;
use super::extract::{Body, Path, Query};
use super::language::ReaderLanguage;
use super::page::{Listing, PageQuery};
use super::state::ApiState;

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(show, change))
        .merge(parts::routes())
}

/// Create an event
///
/// The complete draft in one call, or any part of it, even `{}`; the rest follows part by part.
#[utoipa::path(post, path = "/api/events", tag = "events", operation_id = "createEvent",
    request_body(content = Draft, example = json!({
        "title": "가을맞이 할인",
        "objective": "SALES",
        "recommendation": {"id": "r-1", "title": "전 메뉴 20% 할인", "summary": "평일 저녁 한정"},
        "content": {
            "title": "가을맞이 전 메뉴 20% 할인",
            "body": "이번 주말, 전 메뉴를 20% 할인해 드립니다.",
            "hashtags": ["가을", "할인"],
            "link": "https://shop.example/autumn",
            "media": [{
                "kind": "image",
                "url": "https://shop.example/autumn.jpg",
                "mimeType": "image/jpeg",
                "bytes": 240_000, "width": 1_080, "height": 1_080,
                "altText": "단풍과 커피 한 잔",
            }],
            "period": {"startsAt": "2027-10-01T00:00:00Z", "endsAt": "2027-10-08T00:00:00Z"},
        },
        "channels": ["instagram"],
        "channelSettings": {},
    })),
    responses((status = 201, description = "Created.", body = EventBody,
        headers(("Location" = String, description = "Where the event is.")))))]
#[tracing::instrument(name = "api.event.create", skip_all, fields(owner = %owner))]
async fn create(
    State(editor): State<Arc<Editor>>,
    Owner(owner): Owner,
    Body(draft): Body<Draft>,
) -> Result<impl IntoResponse, Problem> {
    let event = editor.create(&owner, draft).await?;
    let location = [(LOCATION, format!("/api/events/{}", event.id))];
    Ok((StatusCode::CREATED, location, Json(EventBody::from(event))))
}

/// List events, newest first
#[utoipa::path(get, path = "/api/events", tag = "events", operation_id = "listEvents", params(PageQuery),
    responses((status = 200, description = "A page of your events.", body = Listing<EventBody>)))]
#[tracing::instrument(name = "api.event.list", skip_all, fields(owner = %owner))]
async fn list(
    State(events): State<Arc<dyn EventStore>>,
    Owner(owner): Owner,
    ReaderLanguage(language): ReaderLanguage,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listing<EventBody>>, Problem> {
    let limit = query.limit()?;
    let page = Page {
        after: query.after()?,
        limit: limit + 1,
    };
    let page = events.events(&owner, page).await?;
    let listing = Listing::of(page, limit, |event| event.id.to_string());
    Ok(Json(listing.map(|event| EventBody::new(event, language))))
}

/// Show an event
#[utoipa::path(get, path = "/api/events/{id}", tag = "events", operation_id = "showEvent", params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The event.", body = EventBody),
        (status = 404, description = "You have no such event.", body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.event.show", skip_all, fields(event = %id))]
async fn show(
    State(events): State<Arc<dyn EventStore>>,
    Owner(owner): Owner,
    ReaderLanguage(language): ReaderLanguage,
    Path(id): Path<EventId>,
) -> Result<Json<EventBody>, Problem> {
    let event = events.event(id).await?;
    let event = event.filter(|event| event.owner == owner);
    let event = event.ok_or_else(no_event)?;
    Ok(Json(EventBody::new(event, language)))
}

/// Change parts of an event
///
/// A part that is there replaces the stored one as a whole, `null` removes it, and what is left
/// out stays.
#[utoipa::path(patch, path = "/api/events/{id}", tag = "events", operation_id = "changeEvent", params(("id" = uuid::Uuid, Path)),
    request_body = DraftPatch,
    responses(
        (status = 200, description = "The changed event.", body = EventBody),
        (status = 404, description = "You have no such event.", body = ProblemBody),
        (status = 409, description = "It is being published, or channels already have it.",
            body = ProblemBody),
    ))]
#[tracing::instrument(name = "api.event.change", skip_all, fields(event = %id))]
async fn change(
    State(editor): State<Arc<Editor>>,
    Owner(owner): Owner,
    Path(id): Path<EventId>,
    Body(patch): Body<DraftPatch>,
) -> Result<Json<EventBody>, Problem> {
    let patched = |draft| patch.clone().apply(draft);
    let event = editor.change(&owner, id, &patched).await?;
    Ok(Json(event.into()))
}
