//! 링고비즈: the announcement that callers of a shop's line hear while it rings.

mod assignment;
mod line;
mod tone;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

use self::assignment::Assignment;
use self::tone::Tone;
use super::creation::Creation;
use super::partner::Partner;
use super::problem::Problem;
use super::routes::{
    self, AcceptedResult, HandlerResult, accepted, find_order, read_asset, read_order,
};

pub(super) type RingoBiz = Partner<Tone, Assignment>;

type Shared = routes::Shared<Tone, Assignment>;

pub(super) fn router(ringo_biz: Arc<RingoBiz>) -> Router {
    let resources = Router::new()
        .route("/lines/{number}/verification", post(verify_line))
        .route("/tones", post(create_tone))
        .route("/tones/{id}", get(read_asset))
        .route("/assignments", get(find_order).post(create_assignment))
        .route(
            "/assignments/{id}",
            get(read_order).delete(delete_assignment),
        );
    routes::router(ringo_biz, resources)
}

async fn verify_line(State(ringo_biz): Shared, Path(number): Path<String>) -> HandlerResult {
    let number = line::check("number", number)?;
    line::check_owner(&ringo_biz.context())?;
    Ok(Json(json!({ "number": number, "owned": true })))
}

async fn create_tone(State(ringo_biz): Shared, creation: Creation) -> AcceptedResult {
    let created = ringo_biz.create(&creation, |state, context| {
        let request: tone::ToneRequest = creation.parse()?;
        Ok(state.add_asset(request.check()?, context))
    });
    created.map(accepted)
}

async fn create_assignment(State(ringo_biz): Shared, creation: Creation) -> AcceptedResult {
    let created = ringo_biz.create(&creation, |state, context| {
        assignment::create(&creation, state, context)
    });
    created.map(accepted)
}

/// Also of one that is over: what is wanted is so.
async fn delete_assignment(
    State(ringo_biz): Shared,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    ringo_biz.cancel(&id)?;
    Ok(StatusCode::NO_CONTENT)
}
