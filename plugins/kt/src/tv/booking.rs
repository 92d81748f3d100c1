//! Video → creative → forecast → campaign.

use baepo_sdk::{Content, Failure, run};
use serde::{Deserialize, Serialize};

use super::check::{self, AdSpot};
use super::order::Order;
use super::service::Service;
use crate::answer::{self, Reason, SendResult};
use crate::api::Api;
use crate::asset;
use crate::period::{self, ApiPeriod};
use crate::placement::{self, Placement};
use crate::provider::Provider;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewCreative<'a> {
    source_url: &'a str,
    duration_sec: u32,
    mime_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ForecastRequest<'a> {
    period: &'a ApiPeriod,
    #[serde(flatten)]
    order: &'a Order,
    duration_sec: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewCampaign<'a> {
    client_reference: &'a str,
    name: &'a str,
    creative_id: &'a str,
    period: &'a ApiPeriod,
    #[serde(flatten)]
    order: &'a Order,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tv_channels: &'a [String],
}

/// The campaign, and how many people the forecast says that it reaches.
pub fn book(
    api: &Api,
    service: &Service,
    reference: &str,
    content: &Content,
    spot: &AdSpot<'_>,
    order: &Order,
) -> Result<(Placement, Option<u64>), Failure> {
    let provider = &service.provider;
    let period = ApiPeriod::from(period::of(content)?);
    let duration_sec = spot.length_s(service);
    let material = spot.json_pointer();

    let creative = NewCreative {
        source_url: &spot.video.url,
        duration_sec,
        mime_type: "video/mp4",
    };
    let key = format!("{reference}-creative");
    let creative_id = asset::prepare(api, provider, &key, &creative, &material)?;

    let forecast_request = ForecastRequest {
        period: &period,
        order,
        duration_sec,
    };
    let reach = forecast(
        api.post_safe("forecasts").json(&forecast_request).send(),
        provider,
    )?;

    let name = check::campaign_name(&content.title);
    let campaign = NewCampaign {
        client_reference: reference,
        name: &name,
        creative_id: &creative_id,
        period: &period,
        order,
        tv_channels: &order.tv_channels,
    };
    let campaign = placement::create(api, provider, reference, &campaign, &material)?;
    Ok((campaign, reach))
}

/// A forecast that cannot be had is only a number less. One that says no saves a campaign that
/// would be refused for the same reason.
fn forecast(answer: SendResult, provider: &Provider) -> Result<Option<u64>, Failure> {
    #[derive(Deserialize)]
    struct Forecast {
        reach: u64,
    }
    let api_error = match answer::read::<Forecast>(answer) {
        Ok(Forecast { reach }) => return Ok(Some(reach)),
        Err(api_error) => api_error,
    };
    match api_error.reason {
        Reason::RegionNotServed
        | Reason::PeriodInvalid
        | Reason::SoldOut
        | Reason::BudgetTooLow { .. } => Err(api_error.into_failure(provider, "")),
        _ => {
            run::warn(format!("no forecast: {}", api_error.words));
            Ok(None)
        }
    }
}
