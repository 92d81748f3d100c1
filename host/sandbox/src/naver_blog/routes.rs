//! The editor's two requests.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use serde_json::{Value, json};

use super::NaverBlog;
use super::draft::{DraftRequest, Refusal};

pub(crate) fn router(naver_blog: Arc<NaverBlog>) -> Router {
    Router::new()
        .route("/{blog_id}/drafts", post(create_draft))
        .route("/{blog_id}/drafts/{draft_id}/publish", post(publish_draft))
        .fallback(async || StatusCode::NOT_FOUND)
        .with_state(naver_blog)
}

type HandlerResult = Result<(StatusCode, Json<Value>), Refusal>;
type Editor = State<Arc<NaverBlog>>;

async fn create_draft(
    State(naver_blog): Editor,
    Path(blog_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> HandlerResult {
    let request: DraftRequest =
        serde_json::from_slice(&body).map_err(|error| Refusal::Unreadable(error.to_string()))?;
    let draft = request.check(blog_id, naver_blog.clock.now())?;
    let draft_id = naver_blog.keep(draft).to_string();
    // The address under which the client knows the sandbox is the one that its browser knows.
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let origin = host
        .map(|host| format!("http://{host}"))
        .unwrap_or_default();
    let edit_url = format!("{origin}/#draft-{draft_id}");
    let body = json!({ "draftId": draft_id, "editUrl": edit_url });
    Ok((StatusCode::CREATED, Json(body)))
}

async fn publish_draft(
    State(naver_blog): Editor,
    Path((blog_id, draft_id)): Path<(String, String)>,
) -> HandlerResult {
    let id = draft_id.parse().map_err(|_| Refusal::UnknownDraft)?;
    let url = naver_blog.publish(&blog_id, id)?;
    Ok((StatusCode::CREATED, Json(json!({ "url": url }))))
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Self::Unreadable(detail) => (StatusCode::BAD_REQUEST, detail),
            Self::UnknownDraft => (StatusCode::NOT_FOUND, "there is no such draft".to_owned()),
        };
        (status, Json(json!({ "detail": detail }))).into_response()
    }
}
