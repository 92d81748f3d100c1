//! The paths, and what travels on them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::call::Call;
use super::error::GraphError;
use super::{Instagram, view};

const MEDIA_PAGE: usize = 25;
const MEDIA_PAGE_LIMIT: usize = 100;

/// What Meta answers: 60 days, less the seconds that have passed.
const TOKEN_LIFETIME_S: u32 = 5_183_944;

pub(crate) fn router(instagram: Arc<Instagram>) -> Router {
    Router::new()
        .route("/refresh_access_token", get(refresh_token))
        .route("/{version}/refresh_access_token", get(refresh_token))
        .route("/{version}/{node}", get(read_node).delete(delete_node))
        .route(
            "/{version}/{user}/media",
            get(list_media).post(create_container),
        )
        .route("/{version}/{user}/media_publish", post(publish))
        .route(
            "/{version}/{user}/content_publishing_limit",
            get(publishing_limit),
        )
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_path)
        .with_state(instagram)
}

type HandlerResult = Result<Json<Value>, GraphError>;
type Provider = State<Arc<Instagram>>;
/// The version, which makes no difference here, and the id behind it.
type Versioned = Path<(String, String)>;

async fn create_container(
    State(instagram): Provider,
    path: Versioned,
    call: Call,
) -> HandlerResult {
    let id = instagram.create_container(numeric(&path)?, &call)?;
    Ok(Json(json!({ "id": id.to_string() })))
}

async fn publish(State(instagram): Provider, path: Versioned, call: Call) -> HandlerResult {
    let id = instagram.publish(numeric(&path)?, call.require("creation_id")?, call.lag)?;
    Ok(Json(json!({ "id": id.to_string() })))
}

async fn read_node(State(instagram): Provider, path: Versioned, call: Call) -> HandlerResult {
    let found = instagram.node(numeric(&path)?);
    let (node_type, node) = found.ok_or_else(|| GraphError::unknown_object(&path.1))?;
    Ok(Json(view::select(node, node_type, call.get("fields"))?))
}

async fn delete_node(State(instagram): Provider, path: Versioned, _call: Call) -> HandlerResult {
    if instagram.delete(numeric(&path)?) {
        Ok(Json(json!({ "success": true })))
    } else {
        Err(GraphError::unknown_object(&path.1))
    }
}

async fn list_media(State(instagram): Provider, path: Versioned, call: Call) -> HandlerResult {
    let limit = call.get("limit").map_or(Ok(MEDIA_PAGE), |limit| {
        let refused = |_| GraphError::invalid_parameter("Param limit must be a whole number");
        limit.parse::<usize>().map_err(refused)
    })?;
    let after = call.get("after").and_then(|cursor| cursor.parse().ok());
    let posts = instagram.posts_of(numeric(&path)?, after, limit.min(MEDIA_PAGE_LIMIT));
    let cursors = match (posts.first(), posts.last()) {
        (Some((first, _)), Some((last, _))) => {
            json!({ "cursors": { "before": first.to_string(), "after": last.to_string() } })
        }
        _ => json!({}),
    };
    let fields = call.get("fields");
    let data: Vec<Value> = posts
        .into_iter()
        .map(|(_, post)| view::select(post, "Media", fields))
        .collect::<Result<_, _>>()?;
    Ok(Json(json!({ "data": data, "paging": cursors })))
}

async fn publishing_limit(
    State(instagram): Provider,
    path: Versioned,
    call: Call,
) -> HandlerResult {
    let (used, total) = instagram.quota(numeric(&path)?);
    let mut limit = json!({ "quota_usage": used });
    if call
        .get("fields")
        .is_some_and(|fields| fields.contains("config"))
    {
        limit["config"] = json!({ "quota_total": total, "quota_duration": 86_400 });
    }
    Ok(Json(json!({ "data": [limit] })))
}

async fn refresh_token(State(instagram): Provider, call: Call) -> HandlerResult {
    if call.require("grant_type")? != "ig_refresh_token" {
        return Err(GraphError::invalid_parameter("Invalid grant_type"));
    }
    Ok(Json(json!({
        "access_token": instagram.refresh_token(),
        "token_type": "bearer",
        "expires_in": TOKEN_LIFETIME_S,
    })))
}

async fn unknown_path(uri: axum::http::Uri) -> GraphError {
    GraphError::unknown_object(uri.path().trim_start_matches('/'))
}

/// Users, containers and posts all have numbers.
fn numeric(path: &Versioned) -> Result<u64, GraphError> {
    path.1
        .parse()
        .map_err(|_| GraphError::unknown_object(&path.1))
}
