//! `/_control`: the sandbox's own API, for tests and for the page.
//!
//! | | |
//! | --- | --- |
//! | `GET /_control/posts?provider=&limit=` | what is out, oldest first: `{"posts": […]}` |
//! | `DELETE /_control/posts` | everything the providers know, settings and time back to the start |
//! | `GET /_control/campaigns?provider=&limit=` | campaigns and assignments of KT's providers, whatever their state, oldest first per provider: `{"campaigns": [{"reference", "status", "id", "text", …}]}` |
//! | `GET /_control/drafts?limit=` | what is in the blog editor, oldest first; `url` once it is published |
//! | `GET /_control/drafts/{draftId}` | its html, as a document that may do nothing |
//! | `GET /_control/requests?provider=` | the last 1,000 requests, oldest first: `{"requests": […]}` |
//! | `DELETE /_control/requests` | forgets them |
//! | `GET · POST · DELETE /_control/faults` | the faults that stand, one more, none |
//! | `GET · PATCH /_control/settings` | see below |
//! | `POST /_control/clock` | `{"advanceMs"}`: time jumps forward for the providers |
//!
//! `provider` is `instagram`, `nhn-cloud` (also `kakao-channel`), `uridongne-tv`, `genie-tv`,
//! `ringo-biz` or `naver-blog`; without it, all. A request that is not understood is a 400 with a
//! `detail` that says why; an unknown field is refused.
//!
//! # Posts that are out for a while
//! A campaign or an assignment is a post from the moment at which it is `ON_AIR` or `ACTIVE` until it is
//! cancelled, deleted or `ENDED`. That is found out when the posts are listed, by the clock.
//!
//! # Settings
//! What is absent in a `PATCH` stays.
//!
//! | of | | at the start |
//! | --- | --- | --- |
//! | Instagram | `videoReads`: how often a video's container is `IN_PROGRESS` | 0 |
//! | Instagram | `publishingQuota`: posts per user and day | 100 |
//! | KT's three | `creativeMs`: how long a creative or tone that comes in is `PROCESSING` | 1,000 |
//! | KT's three | `reviewMs`: how long a review takes, also one that has begun | 180,000 |
//! | KT's three | `review`: `approve` or `reject`, for reviews that end from now on | `approve` |
//! | KT's three | `rejectionReason`: what the owner is told | a Korean sentence |
//! | TV | `inventory`: `available` or `sold-out` | `available` |
//! | TV | `minBudget`: won | 100,000 |
//! | 링고비즈 | `lines`: `owned` or `not-owned` | `owned` |
//!
//! # Faults
//! `{"provider", "method", "path", "fault", "value", "times"}`: the oldest fault that matches a
//! request is met, `times` times (1 if absent; 0 or `null`: until deleted). Without `method` or
//! `path` all match. A `path` with a `*` is a glob over the provider's whole path (without query
//! and without the stand-in's prefix); one without is looked for anywhere in it.
//!
//! | `fault` | `value` | the provider's work |
//! | --- | --- | --- |
//! | `status` | a status, or `{"status", "body", "headers", "after"}` | not done; with `"after": true` done first |
//! | `delay` | milliseconds | done after the delay, also if the client has gone |
//! | `reset-before` | – | not done; the connection closes without an answer |
//! | `reset-after` | – | done; the connection closes without an answer |
//! | `slow-body` | milliseconds before each byte (100) | done |
//! | `huge-body` | bytes (64 MiB), streamed: the answer, then blanks | done |
//! | `redirect` | the Location (a cloud's metadata address), as a 307 | not done |
//! | `hang` | – | not done; the connection stays open until the client closes it |
//! | `lag` | milliseconds (3,000) | done and answered; what is read shows it only after that time |
//! | `late-list` | milliseconds (3,000) | done and answered; lists and searches show it only after that time |
//! | `contradict` | milliseconds (3,000), or `{"ms", "status", "body", "headers"}` | done; the answer is an error (Meta's 4/2207051, else a gateway's 500), and what is read shows it only after that time |
//! | `compressed` | `gzip`, `deflate`, `raw-deflate`, `br`, `zstd` or `bom` (`gzip`): the answer in this encoding, which nobody asked for | done |
//! | `echo-secret` | –: the answer, and the request's credentials beside it, in fields, names and headers, in many spellings | done |
//! | `echo-secret` | a status: a refusal whose words are the credentials | not done |
//!
//! `lag`, `late-list` and `contradict` are of requests that make or publish something: an Instagram container cannot be
//! read at first (100/33) though it can be published, a published one stays `FINISHED`, its post is
//! neither to be read nor listed; a message of NHN Cloud and an asset, campaign or assignment of KT's
//! is not found. The time is that of the sandbox's own clock.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::faults::{FaultRequest, Faults};
use crate::instagram::{self, Instagram};
use crate::kt::{self, Kt};
use crate::ledger::Ledger;
use crate::naver_blog::NaverBlog;
use crate::nhn_cloud::NhnCloud;
use crate::provider::Provider;
use crate::settings::SettingsChange;

/// Html from elsewhere: pictures and its own style, and nothing that runs, loads or leads away.
const FOREIGN_HTML_POLICY: &str =
    "sandbox; default-src 'none'; img-src http: https:; style-src 'unsafe-inline'";

/// What a browser's own style lacks; the html's comes after it.
const FOREIGN_HTML_STYLE: &str = "<!doctype html><style>body { margin: 12px 14px; \
    font: 15px/1.6 system-ui, 'Noto Sans CJK KR', 'Malgun Gothic', sans-serif; \
    overflow-wrap: anywhere } img { max-width: 100% }</style>";

/// What the control API reads and changes.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) clock: Arc<Clock>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) instagram: Arc<Instagram>,
    pub(crate) nhn_cloud: Arc<NhnCloud>,
    pub(crate) kt: Kt,
    pub(crate) naver_blog: Arc<NaverBlog>,
}

pub(crate) fn router(control: Control) -> Router {
    Router::new()
        .route("/posts", get(list_posts).delete(forget_posts))
        .route("/campaigns", get(list_campaigns))
        .route("/drafts", get(list_drafts))
        .route("/drafts/{draft_id}", get(show_draft))
        .route("/requests", get(list_requests).delete(forget_requests))
        .route(
            "/faults",
            get(list_faults).post(add_fault).delete(clear_faults),
        )
        .route("/settings", get(show_settings).patch(change_settings))
        .route("/clock", post(advance_clock))
        .with_state(Arc::new(control))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PostsQuery {
    provider: Option<Provider>,
    limit: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DraftsQuery {
    limit: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RequestsQuery {
    provider: Option<Provider>,
}

/// Of all providers, in one list.
#[derive(Debug, Serialize)]
struct Settings {
    #[serde(flatten)]
    instagram: instagram::Settings,
    #[serde(flatten)]
    kt: kt::Settings,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClockChange {
    /// Up to 49 days at once.
    advance_ms: u32,
}

type Shared = State<Arc<Control>>;

async fn list_posts(
    State(control): Shared,
    query: Result<Query<PostsQuery>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(query) = query.map_err(Refusal::new)?;
    let limit = query.limit.unwrap_or(usize::MAX);
    let on_air = control.kt.posts(query.provider, limit);
    let posts = control
        .ledger
        .posts(query.provider, control.clock.now(), limit, on_air);
    let posts: Vec<_> = posts.iter().map(AsRef::as_ref).collect();
    Ok(Json(json!({ "posts": posts })))
}

async fn forget_posts(State(control): Shared) -> StatusCode {
    control.instagram.reset();
    control.nhn_cloud.reset();
    control.kt.reset();
    control.naver_blog.reset();
    control.ledger.clear_posts();
    control.clock.reset();
    StatusCode::NO_CONTENT
}

async fn list_campaigns(
    State(control): Shared,
    query: Result<Query<PostsQuery>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(query) = query.map_err(Refusal::new)?;
    let limit = query.limit.unwrap_or(usize::MAX);
    let campaigns = control.kt.campaigns(query.provider, limit);
    Ok(Json(json!({ "campaigns": campaigns })))
}

async fn list_drafts(
    State(control): Shared,
    query: Result<Query<DraftsQuery>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(query) = query.map_err(Refusal::new)?;
    let drafts = control.naver_blog.drafts(query.limit.unwrap_or(usize::MAX));
    Ok(Json(json!({ "drafts": drafts })))
}

async fn show_draft(State(control): Shared, Path(id): Path<u64>) -> Result<Response, StatusCode> {
    let html = control.naver_blog.html(id).ok_or(StatusCode::NOT_FOUND)?;
    let policy = [(header::CONTENT_SECURITY_POLICY, FOREIGN_HTML_POLICY)];
    Ok((policy, Html(format!("{FOREIGN_HTML_STYLE}{html}"))).into_response())
}

async fn list_requests(
    State(control): Shared,
    query: Result<Query<RequestsQuery>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(query) = query.map_err(Refusal::new)?;
    Ok(Json(
        json!({ "requests": control.ledger.requests(query.provider) }),
    ))
}

async fn forget_requests(State(control): Shared) -> StatusCode {
    control.ledger.clear_requests();
    StatusCode::NO_CONTENT
}

async fn list_faults(State(control): Shared) -> Json<Value> {
    Json(json!({ "faults": control.faults.active() }))
}

async fn add_fault(State(control): Shared, body: Bytes) -> Result<Response, Refusal> {
    let request: FaultRequest = parse(&body)?;
    let rule = control.faults.add(request).map_err(Refusal::new)?;
    Ok((StatusCode::CREATED, Json(rule)).into_response())
}

async fn clear_faults(State(control): Shared) -> StatusCode {
    control.faults.clear();
    StatusCode::NO_CONTENT
}

async fn show_settings(State(control): Shared) -> Json<Settings> {
    Json(settings(&control))
}

async fn change_settings(State(control): Shared, body: Bytes) -> Result<Json<Settings>, Refusal> {
    let change: SettingsChange = parse(&body)?;
    control.instagram.change_settings(&change);
    control.kt.change_settings(&change);
    Ok(Json(settings(&control)))
}

fn settings(control: &Control) -> Settings {
    Settings {
        instagram: control.instagram.settings(),
        kt: control.kt.settings(),
    }
}

async fn advance_clock(State(control): Shared, body: Bytes) -> Result<Json<Value>, Refusal> {
    let change: ClockChange = parse(&body)?;
    control.clock.advance(change.advance_ms);
    Ok(Json(json!({ "now": control.clock.now() })))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(Refusal::new)
}

/// A 400 as RFC 9457 has it.
#[derive(Debug)]
struct Refusal {
    detail: String,
}

impl Refusal {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that it can stand in a map_err"
    )]
    fn new(reason: impl ToString) -> Self {
        Self {
            detail: reason.to_string(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let problem = json!({ "title": "Bad Request", "status": 400, "detail": self.detail });
        let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
        (StatusCode::BAD_REQUEST, content_type, Json(problem)).into_response()
    }
}
