//! 우리동네TV and 지니TV: the same service under two names, apart from each other.

mod airtime;
mod campaign;
mod creative;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use serde_json::json;

use self::airtime::AirtimeRequest;
use self::campaign::Campaign;
use self::creative::Creative;
use super::creation::{Creation, parse};
use super::partner::Partner;
use super::problem::Problem;
use super::review::OrderPhase;
use super::routes::{
    self, AcceptedResult, HandlerResult, accepted, find_order, read_asset, read_order,
};

pub(super) type Tv = Partner<Creative, Campaign>;

type Shared = routes::Shared<Creative, Campaign>;

pub(super) fn router(tv: Arc<Tv>) -> Router {
    let resources = Router::new()
        .route("/creatives", post(create_creative))
        .route("/creatives/{id}", get(read_asset))
        .route("/forecasts", post(forecast))
        .route("/campaigns", get(find_order).post(create_campaign))
        .route("/campaigns/{id}", get(read_order))
        .route("/campaigns/{id}/cancel", post(cancel_campaign));
    routes::router(tv, resources)
}

async fn create_creative(State(tv): Shared, creation: Creation) -> AcceptedResult {
    let created = tv.create(&creation, |state, context| {
        let request: creative::CreativeRequest = creation.parse()?;
        Ok(state.add_asset(request.check()?, context))
    });
    created.map(accepted)
}

async fn forecast(State(tv): Shared, body: Bytes) -> HandlerResult {
    let context = tv.context();
    let request: AirtimeRequest = parse(&body)?;
    let length = parse::<creative::LengthRequest>(&body)?.check()?;
    let airtime = request.check(&context)?;
    let forecast = airtime.forecast(length);
    Ok(Json(json!({
        "estimatedImpressions": forecast.impressions,
        "reach": forecast.reach,
        "minBudget": context.settings.min_budget,
    })))
}

async fn create_campaign(State(tv): Shared, creation: Creation) -> AcceptedResult {
    let created = tv.create(&creation, |state, context| {
        campaign::create(&creation, state, context)
    });
    created.map(accepted)
}

async fn cancel_campaign(State(tv): Shared, Path(id): Path<String>) -> HandlerResult {
    match tv.cancel(&id)? {
        (OrderPhase::Ended, _) => Err(Problem::campaign_ended()),
        (_, campaign) => Ok(Json(campaign)),
    }
}
