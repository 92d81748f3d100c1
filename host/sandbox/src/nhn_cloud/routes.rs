//! The paths, the two headers that count, and the envelope of an answer.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{delete, get};
use axum::{Json, Router};
use bytes::Bytes;
use serde_json::{Value, json};

use super::failure::{Failure, success};
use super::{NhnCloud, lookup, message};
use crate::lag::ReadLag;
use crate::provider::CREDENTIAL_PREFIX;

pub(crate) fn router(nhn_cloud: Arc<NhnCloud>) -> Router {
    let account = Router::new()
        .route("/freestyle-messages", get(find).post(send))
        .route("/messages", get(find))
        .route("/messages/{request_id}", delete(cancel));
    Router::new()
        .nest("/brand-message/v1.0/appkeys/{app_key}", account)
        .fallback(async || StatusCode::NOT_FOUND)
        .with_state(nhn_cloud)
}

type HandlerResult = Result<Json<Value>, Failure>;
type Provider = State<Arc<NhnCloud>>;

/// A client with an app key in the path and a secret key that fits.
struct Caller {
    app_key: String,
    lag: ReadLag,
}

#[derive(serde::Deserialize)]
struct AppKey {
    app_key: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Path(AppKey { app_key }) = Path::from_request_parts(parts, state)
            .await
            .map_err(|_| Failure::invalid_app_key())?;
        let secret_key = header(&parts.headers, "x-secret-key");
        if secret_key.is_some_and(|key| key.starts_with(CREDENTIAL_PREFIX)) {
            let lag = ReadLag::of(&parts.extensions);
            Ok(Self { app_key, lag })
        } else {
            Err(Failure::invalid_secret_key())
        }
    }
}

async fn send(
    State(nhn_cloud): Provider,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> HandlerResult {
    let request: message::FreestyleRequest =
        serde_json::from_slice(&body).map_err(|error| Failure::invalid(error.to_string()))?;
    let key = header(&headers, "x-nc-api-idempotency-key");
    let message = nhn_cloud.send(&caller.app_key, key, request, caller.lag)?;
    Ok(Json(json!({ "header": success(), "message": message })))
}

async fn find(
    State(nhn_cloud): Provider,
    caller: Caller,
    Query(query): Query<lookup::Query>,
) -> HandlerResult {
    nhn_cloud.find(&caller.app_key, &query).map(Json)
}

async fn cancel(
    State(nhn_cloud): Provider,
    caller: Caller,
    Path((_, request_id)): Path<(String, String)>,
) -> HandlerResult {
    nhn_cloud.cancel(&caller.app_key, &request_id)?;
    Ok(Json(json!({ "header": success() })))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
