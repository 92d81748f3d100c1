//! What is particular to 지니TV: districts, several times of day, TV channels, spots of 30 s.

use baepo_sdk::testing::{self, Host, RawJob, ScriptedResponse};
use baepo_sdk::{Content, Failure, Media, Outcome, Period, Probe, Receipt, Withdraw};
use channel_genie_tv::GenieTv;
use serde_json::{Value, json};

const KEY: &str = "0195f0a1-5a3c-7c1e-9b8d-2f4e6a8c0b1d:1";
const FIND: &str = "GET /v1/campaigns?clientReference=0195f0a1-5a3c-7c1e-9b8d-2f4e6a8c0b1d%3A1";
const START_MS: u64 = 1_772_420_400_000 + 3 * 86_400_000;

fn connected() -> Host {
    let host = Host::new();
    let creative = json!({ "id": "cr_3", "status": "READY" });
    let forecast = json!({ "estimatedImpressions": 90_000, "reach": 31_000, "minBudget": 50_000 });
    host.setting("apiHost", "partner.genie-tv.example")
        .setting("firstLookSeconds", "120")
        .always("POST /v1/creatives", ScriptedResponse::json(202, &creative))
        .always("POST /v1/forecasts", ScriptedResponse::json(200, &forecast));
    host
}

fn content() -> Content {
    Content {
        media: vec![Media {
            width: Some(1_920),
            height: Some(1_080),
            duration_ms: Some(30_033),
            ..testing::video("https://m.example/spot.mp4")
        }],
        period: Some(Period {
            starts_at: START_MS,
            ends_at: START_MS + 7 * 86_400_000,
        }),
        ..testing::content()
    }
}

fn options() -> Value {
    json!({
        "areas": ["1144068000", "1144069000"], "timeBands": ["morning", "night"],
        "tvChannels": ["ENA"], "budget": 500_000,
    })
}

fn distribute(host: &Host, options: &Value) -> Result<Outcome, Failure> {
    host.distribute::<GenieTv>(RawJob {
        options: options.to_string(),
        ..testing::job(content())
    })
}

fn campaign(status: &str) -> Value {
    json!({ "id": "cp_9", "clientReference": KEY, "status": status, "estimatedReach": 30_000,
            "viewUrl": "https://partner.genie-tv.example/view/cp_9" })
}

fn on_air() -> Receipt {
    Receipt {
        external_id: Some("cp_9".into()),
        url: Some("https://partner.genie-tv.example/view/cp_9".into()),
        estimated_reach: Some(31_000),
    }
}

#[test]
fn a_spot_of_30_seconds_goes_on_air_in_the_chosen_districts() {
    let host = connected();
    host.next(
        "POST /v1/campaigns",
        ScriptedResponse::json(202, &campaign("UNDER_REVIEW")),
    )
    .next(
        "GET /v1/campaigns/cp_9",
        ScriptedResponse::json(200, &campaign("ON_AIR")),
    );

    assert_eq!(distribute(&host, &options()), Ok(Outcome::Live(on_air())));

    assert_eq!(
        host.bodies("POST /v1/creatives"),
        [json!({
            "sourceUrl": "https://m.example/spot.mp4", "durationSec": 30, "mimeType": "video/mp4",
        })]
    );
    let ordered = json!({
        "period": {
            "startsAt": "2026-03-05T12:00:00+09:00", "endsAt": "2026-03-12T12:00:00+09:00",
        },
        "admDongCodes": ["1144068000", "1144069000"], "timeBands": ["morning", "night"],
        "budget": 500_000,
    });
    let with = |members: Value| {
        let mut whole = ordered.clone();
        let members = members.as_object().expect("an object").clone();
        whole.as_object_mut().expect("an object").extend(members);
        whole
    };
    assert_eq!(
        host.bodies("POST /v1/forecasts"),
        [with(json!({ "durationSec": 30 }))]
    );
    assert_eq!(
        host.bodies("POST /v1/campaigns"),
        [with(json!({
            "clientReference": KEY, "name": "봄맞이 크루아상 1+1", "creativeId": "cr_3",
            "tvChannels": ["ENA"],
        }))]
    );
}

#[test]
fn unset_options_default_to_the_evening_on_any_channel() {
    let host = connected();
    host.next(
        "POST /v1/campaigns",
        ScriptedResponse::json(202, &campaign("ON_AIR")),
    );
    let few = json!({ "areas": ["1144068000"], "budget": 50_000 });
    assert_eq!(distribute(&host, &few), Ok(Outcome::Live(on_air())));

    let [body] = host.bodies("POST /v1/campaigns").try_into().expect("one");
    assert_eq!(body["timeBands"], json!(["evening"]));
    assert_eq!(body.get("tvChannels"), None);
}

#[test]
fn a_district_that_is_not_served_or_sold_out_has_a_finding() {
    for (status, code, at) in [
        (422, "REGION_NOT_SERVED", "/options/areas"),
        (409, "INVENTORY_SOLD_OUT", "/options/timeBands"),
    ] {
        let host = connected();
        let problem = json!({ "code": code, "detail": "as KT says" });
        host.next(
            "POST /v1/campaigns",
            ScriptedResponse::json(status, &problem),
        )
        .next(FIND, ScriptedResponse::json(200, &json!({ "items": [] })));
        let Err(Failure::Rejected(findings)) = distribute(&host, &options()) else {
            panic!("rejected")
        };
        assert_eq!(findings[0].at, at);
    }
}

#[test]
fn nothing_is_sent_before_a_district_and_a_budget_are_chosen() {
    let host = connected();
    let Err(Failure::Rejected(findings)) = distribute(&host, &json!({})) else {
        panic!("rejected")
    };
    let at: Vec<_> = findings.iter().map(|finding| finding.at.as_str()).collect();
    assert_eq!(at, ["/options/budget", "/options/areas"]);
    assert!(host.sent().is_empty());
}

#[test]
fn a_campaign_is_found_and_cancelled() {
    let host = connected();
    host.next(
        FIND,
        ScriptedResponse::json(200, &json!({ "items": [campaign("ON_AIR")] })),
    )
    .next(
        "POST /v1/campaigns/cp_9/cancel",
        ScriptedResponse::json(200, &campaign("CANCELLED")),
    );
    let receipt = GenieTv::probe(KEY, "event")
        .expect("an answer")
        .expect("it is out");
    assert_eq!(receipt.external_id.as_deref(), Some("cp_9"));
    assert_eq!(GenieTv::withdraw(KEY, &receipt), Ok(()));
}

#[test]
fn a_preview_lists_the_options_and_escapes_them() {
    let host = Host::new();
    let mut options = options();
    options["tvChannels"] = json!(["<script>"]);
    let html = host.render::<GenieTv>(&content(), &options.to_string());
    for part in [
        "지니TV",
        "1144068000, 1144069000",
        "아침·밤",
        "500,000원",
        "&lt;script&gt;",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("<script"));
}
