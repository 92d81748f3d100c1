//! 우리동네TV and 지니TV: the same service under two names, apart from each other.

mod airtime;
mod campaign;
mod creative;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use bytes::Bytes;
use serde_json::json;

use self::{airtime::AirtimeRequest, campaign::Campaign, creative::Creative};
use super::{
    creation::{Creation, parse},
    partner::Partner,
    problem::Problem,
    review::Stage,
    routes::{self, Accepted, Answer, accepted, find_order, read_asset, read_order},
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

async fn create_creative(State(tv): Shared, creation: Creation) -> Accepted {
    let created = tv.create(&creation, |state, circumstances| {
        let request: creative::CreativeRequest = creation.parse()?;
        Ok(state.take_in(request.check()?, circumstances))
    });
    created.map(accepted)
}

async fn forecast(State(tv): Shared, body: Bytes) -> Answer {
    let circumstances = tv.circumstances();
    let request: AirtimeRequest = parse(&body)?;
    let length = parse::<creative::LengthRequest>(&body)?.check()?;
    let airtime = request.check(&circumstances)?;
    let forecast = airtime.forecast(length);
    Ok(Json(json!({
        "estimatedImpressions": forecast.impressions,
        "reach": forecast.reach,
        "minBudget": circumstances.settings.min_budget,
    })))
}

async fn create_campaign(State(tv): Shared, creation: Creation) -> Accepted {
    let created = tv.create(&creation, |state, circumstances| {
        campaign::create(&creation, state, circumstances)
    });
    created.map(accepted)
}

async fn cancel_campaign(State(tv): Shared, Path(id): Path<String>) -> Answer {
    match tv.cancel(&id)? {
        (Stage::Ended, _) => Err(Problem::campaign_ended()),
        (_, campaign) => Ok(Json(campaign)),
    }
}
