//! A shop that is connected, an event with a spot, and the answers of 우리동네TV.

#![allow(dead_code)] // Each file of scenarios uses its part.

use baepo_sdk::testing::{self, Host, RawJob, ScriptedResponse};
use baepo_sdk::{Content, Failure, Media, Outcome, Period, Receipt};
use channel_uridongne_tv::UridongneTv;
use serde_json::{Value, json};

pub const KEY: &str = "0195f0a1-5a3c-7c1e-9b8d-2f4e6a8c0b1d:1";
/// Encoded, as it stands in a query.
pub const FIND: &str = "GET /v1/campaigns?clientReference=0195f0a1-5a3c-7c1e-9b8d-2f4e6a8c0b1d%3A1";
pub const LOOK: &str = "GET /v1/campaigns/cp_7";
pub const DAY_MS: u64 = 86_400_000;
/// 2026-03-05 at noon in Seoul, three days of the host's clock ahead.
pub const START_MS: u64 = 1_772_420_400_000 + 3 * DAY_MS;

/// An owner who has connected. No creative takes long.
pub fn connected() -> Host {
    let host = Host::new();
    host.setting("apiHost", "partner.uridongne-tv.example")
        .setting("latitude", "37.556")
        .setting("longitude", "126.905")
        .setting("firstLookSeconds", "120")
        .always("POST /v1/creatives", creative("READY"))
        .always("POST /v1/forecasts", forecast());
    host
}

/// With a picture before the video, so that places show.
pub fn content() -> Content {
    Content {
        media: vec![
            testing::image("https://m.example/1.jpg"),
            Media {
                width: Some(1_920),
                height: Some(1_080),
                ..testing::video("https://m.example/spot.mp4")
            },
        ],
        period: Some(Period {
            starts_at: START_MS,
            ends_at: START_MS + 7 * DAY_MS,
        }),
        ..testing::content()
    }
}

pub fn job() -> RawJob {
    RawJob {
        options: json!({ "budget": 300_000 }).to_string(),
        ..testing::job(content())
    }
}

pub fn distribute(host: &Host) -> Result<Outcome, Failure> {
    host.distribute::<UridongneTv>(job())
}

pub fn creative(status: &str) -> ScriptedResponse {
    ScriptedResponse::json(202, &json!({ "id": "cr_3", "status": status }))
}

pub fn forecast() -> ScriptedResponse {
    let forecast = json!({ "estimatedImpressions": 40_000, "reach": 12_000, "minBudget": 100_000 });
    ScriptedResponse::json(200, &forecast)
}

pub fn campaign_json(status: &str) -> Value {
    let mut campaign = json!({
        "id": "cp_7", "clientReference": KEY, "name": "봄맞이 크루아상 1+1", "status": status,
        "period": { "startsAt": "2026-03-05T03:00:00Z", "endsAt": "2026-03-12T03:00:00Z" },
        "estimatedReach": 11_000,
    });
    if matches!(status, "ON_AIR" | "ENDED") {
        campaign["viewUrl"] = json!("https://partner.uridongne-tv.example/view/cp_7");
    }
    campaign
}

pub fn campaign(status: &str) -> ScriptedResponse {
    ScriptedResponse::json(200, &campaign_json(status))
}

pub fn listed(campaigns: &[Value]) -> ScriptedResponse {
    ScriptedResponse::json(200, &json!({ "items": campaigns }))
}

pub fn problem(status: u16, code: &str) -> ScriptedResponse {
    let problem = json!({ "title": code, "status": status, "detail": "as KT says", "code": code });
    ScriptedResponse::json(status, &problem)
}

pub fn on_air() -> Receipt {
    Receipt {
        external_id: Some("cp_7".into()),
        url: Some("https://partner.uridongne-tv.example/view/cp_7".into()),
        estimated_reach: Some(12_000),
    }
}

pub fn rejected_at(outcome: Result<Outcome, Failure>) -> (String, String) {
    match outcome {
        Err(Failure::Rejected(findings)) => {
            let [finding] = findings.try_into().expect("one finding");
            (finding.at, finding.message)
        }
        other => panic!("{other:?}"),
    }
}
