//! The paths that all three have: the token, and what is read by id or reference.

use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::asset::Content;
use super::creation::required;
use super::order::OrderDetails;
use super::partner::Partner;
use super::problem::Problem;
use super::token::{bearer, has_sandbox_credentials};

pub(super) type Shared<C, T> = State<Arc<Partner<C, T>>>;
pub(super) type HandlerResult = Result<Json<Value>, Problem>;
/// 202: it is taken in, and not yet what it will be.
pub(super) type AcceptedResult = Result<(StatusCode, Json<Value>), Problem>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReferenceQuery {
    client_reference: Option<String>,
}

/// `resources` are under `/v1`, for those who have a token.
pub(super) fn router<C: Content, T: OrderDetails>(
    partner: Arc<Partner<C, T>>,
    resources: Router<Arc<Partner<C, T>>>,
) -> Router {
    let resources = resources
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_path)
        .layer(from_fn_with_state(Arc::clone(&partner), authorize::<C, T>));
    Router::new()
        .route("/oauth2/token", post(issue_token::<C, T>))
        .nest("/v1", resources)
        .fallback(unknown_path)
        .with_state(partner)
}

pub(super) fn accepted(body: Value) -> (StatusCode, Json<Value>) {
    (StatusCode::ACCEPTED, Json(body))
}

async fn authorize<C: Content, T: OrderDetails>(
    State(partner): Shared<C, T>,
    request: Request,
    next: Next,
) -> Response {
    let token = bearer(request.headers());
    if token.is_some_and(|token| partner.accepts(token)) {
        next.run(request).await
    } else {
        Problem::unauthorized().into_response()
    }
}

/// Errors here are RFC 6749's and no problems.
async fn issue_token<C: Content, T: OrderDetails>(
    State(partner): Shared<C, T>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    if !has_sandbox_credentials(&headers) {
        let basic = [(header::WWW_AUTHENTICATE, "Basic")];
        let error = Json(json!({ "error": "invalid_client" }));
        return (StatusCode::UNAUTHORIZED, basic, error).into_response();
    }
    let mut form = form_urlencoded::parse(&body);
    if !form.any(|(name, value)| name == "grant_type" && value == "client_credentials") {
        let error = Json(json!({ "error": "unsupported_grant_type" }));
        return (StatusCode::BAD_REQUEST, error).into_response();
    }
    (no_store, Json(partner.issue_token())).into_response()
}

pub(super) async fn read_asset<C: Content, T: OrderDetails>(
    State(partner): Shared<C, T>,
    Path(id): Path<String>,
) -> HandlerResult {
    partner.asset(&id).map(Json)
}

pub(super) async fn read_order<C: Content, T: OrderDetails>(
    State(partner): Shared<C, T>,
    Path(id): Path<String>,
) -> HandlerResult {
    partner.order(&id).map(Json)
}

pub(super) async fn find_order<C: Content, T: OrderDetails>(
    State(partner): Shared<C, T>,
    Query(query): Query<ReferenceQuery>,
) -> HandlerResult {
    let reference = required("clientReference", query.client_reference)?;
    let items: Vec<_> = partner.order_of(&reference).into_iter().collect();
    Ok(Json(json!({ "items": items })))
}

async fn unknown_path() -> Problem {
    Problem::not_found()
}
