//! The refusals of the contract's table, as a client meets them.

use reqwest::Method;
use serde_json::{Value, json};

use super::{HOUR_MS, Partner, airtime, code, creative, partner};
use crate::support::fixture;

/// The refusal of a campaign in which this is different.
async fn campaign_with(tv: &Partner<'_>, creative_id: &str, changes: Value) -> (u16, Value) {
    let mut campaign = tv.campaign("delivery-1", creative_id).await;
    for (name, value) in changes.as_object().unwrap() {
        campaign[name] = value.clone();
    }
    tv.create("/campaigns", "k", &campaign).await
}

#[tokio::test]
async fn an_invalid_campaign_is_rejected_with_its_error_code() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    let creative_id = tv.ready_creative().await;
    let refused = async |changes: Value| {
        let refused = campaign_with(&tv, &creative_id, changes).await;
        (refused.0, code(&refused).to_owned(), refused.1)
    };
    let far_south = json!({ "latitude": 32.9, "longitude": 126.5 });

    let (status, code, _) = refused(json!({ "period": tv.period(HOUR_MS, 0).await })).await;
    assert_eq!((status, code.as_str()), (422, "PERIOD_INVALID"));
    let over = json!({ "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2020-01-02T09:00:00+09:00" });
    let (status, code, _) = refused(json!({ "period": over })).await;
    assert_eq!((status, code.as_str()), (422, "PERIOD_INVALID"));
    let region = json!({ "center": far_south, "radius": "500m" });
    let (status, code, _) = refused(json!({ "region": region })).await;
    assert_eq!((status, code.as_str()), (422, "REGION_NOT_SERVED"));
    let districts = json!({ "region": null, "admDongCodes": ["1144068000", "9911000000"] });
    let (status, code, _) = refused(districts).await;
    assert_eq!((status, code.as_str()), (422, "REGION_NOT_SERVED"));
    let (status, code, problem) = refused(json!({ "budget": 99_999 })).await;
    assert_eq!((status, code.as_str()), (422, "BUDGET_TOO_LOW"));
    assert_eq!(problem["minBudget"], 100_000);
}

#[tokio::test]
async fn an_invalid_request_error_names_the_field() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "uridongne-tv").await;
    let creative_id = tv.ready_creative().await;
    let field = async |changes: Value| {
        let refused = campaign_with(&tv, &creative_id, changes).await;
        assert_eq!((refused.0, code(&refused)), (400, "INVALID_REQUEST"));
        refused.1["field"].as_str().unwrap().to_owned()
    };

    let too_long = json!({ "clientReference": "r".repeat(65) });
    assert_eq!(field(too_long).await, "clientReference");
    assert_eq!(field(json!({ "name": " " })).await, "name");
    assert_eq!(field(json!({ "budget": "a lot" })).await, "budget");
    assert_eq!(field(json!({ "timeBands": [] })).await, "timeBands");
    assert_eq!(
        field(json!({ "timeBands": ["noon"] })).await,
        "timeBands[0]"
    );
    let half = json!({ "startsAt": "2026-03-02T00:00:00Z" });
    assert_eq!(field(json!({ "period": half })).await, "period.endsAt");
    let civil = json!({ "startsAt": "2026-03-02", "endsAt": "2026-03-03T00:00:00Z" });
    assert_eq!(field(json!({ "period": civil })).await, "period.startsAt");
    assert_eq!(field(json!({ "region": null })).await, "region");
    assert_eq!(field(json!({ "creativeId": "cr_1" })).await, "creativeId");
    assert_eq!(
        field(json!({ "region": { "center": null, "radius": "1km" } })).await,
        "region.center"
    );
    let keyless = tv.post("/creatives", &creative()).await;
    assert_eq!(code(&keyless), "INVALID_REQUEST");
    assert_eq!(keyless.1["field"], "Idempotency-Key");
}

#[tokio::test]
async fn a_forecast_is_validated_like_a_campaign() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "uridongne-tv").await;
    let asked = airtime(&tv.period(0, HOUR_MS).await);
    let refused = async |name: &str, value: Value| {
        let mut asked = asked.clone();
        asked[name] = value;
        code(&tv.post("/forecasts", &asked).await).to_owned()
    };

    assert_eq!(
        refused("period", tv.period(1, 0).await).await,
        "PERIOD_INVALID"
    );
    assert_eq!(refused("budget", json!(1)).await, "BUDGET_TOO_LOW");
    assert_eq!(refused("durationSec", json!(20)).await, "INVALID_REQUEST");
    let center = json!({ "latitude": 39.1, "longitude": 127.0 });
    let north = json!({ "center": center, "radius": "2km" });
    assert_eq!(refused("region", north).await, "REGION_NOT_SERVED");
    fixture.settings(json!({ "inventory": "sold-out" })).await;
    assert_eq!(
        refused("durationSec", json!(15)).await,
        "INVENTORY_SOLD_OUT"
    );
}

#[tokio::test]
async fn a_sold_out_campaign_can_be_booked_once_inventory_is_available() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    fixture.settings(json!({ "inventory": "sold-out" })).await;

    let refused = tv.create("/campaigns", "k", &campaign).await;
    fixture.settings(json!({ "inventory": "available" })).await;
    let taken = tv.create("/campaigns", "k", &campaign).await;

    assert_eq!((refused.0, code(&refused)), (409, "INVENTORY_SOLD_OUT"));
    assert_eq!(taken.0, 202, "neither key nor reference were used up");
}

#[tokio::test]
async fn a_creative_is_an_mp4_of_the_right_length() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    let refused = async |name: &str, value: Value| {
        let mut creative = creative();
        creative[name] = value;
        let refused = tv.create("/creatives", "k", &creative).await;
        (refused.0, code(&refused).to_owned(), refused.1)
    };

    let (status, code, problem) = refused("mimeType", json!("video/webm")).await;
    assert_eq!((status, code.as_str()), (422, "CREATIVE_REJECTED"));
    assert!(problem["reason"].is_string());
    let (status, code, _) = refused("durationSec", json!(20)).await;
    assert_eq!((status, code.as_str()), (422, "CREATIVE_REJECTED"));
    let (_, code, problem) = refused("sourceUrl", json!("spot.mp4")).await;
    assert_eq!(
        (code.as_str(), &problem["field"]),
        ("INVALID_REQUEST", &"sourceUrl".into())
    );
    let (_, code, problem) = refused("sha256", json!("abc")).await;
    assert_eq!(
        (code.as_str(), &problem["field"]),
        ("INVALID_REQUEST", &"sha256".into())
    );
}

#[tokio::test]
async fn a_campaign_needs_a_ready_creative_and_reports_its_rejection() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    let mut unusable = creative();
    unusable["sourceUrl"] = json!("https://shop.example/sandbox-reject.mp4");
    let id = tv.id(tv.create("/creatives", "k", &unusable).await);

    let early = campaign_with(&tv, &id, json!({})).await;
    fixture.advance_clock(1_000).await;
    let late = campaign_with(&tv, &id, json!({})).await;

    assert_eq!((early.0, code(&early)), (409, "CREATIVE_PROCESSING"));
    let rejected = tv.get(&format!("/creatives/{id}")).await.1;
    assert_eq!(rejected["status"], "REJECTED");
    assert_eq!((late.0, code(&late)), (422, "CREATIVE_REJECTED"));
    assert_eq!(late.1["reason"], rejected["reason"]);
}

#[tokio::test]
async fn an_unknown_resource_is_not_found() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    for path in ["/campaigns/cp_1", "/campaigns/1", "/creatives/cr_x", "/x"] {
        let missing = tv.get(path).await;
        assert_eq!((missing.0, code(&missing)), (404, "NOT_FOUND"), "{path}");
    }
    let missing = tv.post("/campaigns/cp_1/cancel", &Value::Null).await;
    assert_eq!((missing.0, code(&missing)), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn an_injected_rate_limit_carries_retry_after() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "uridongne-tv").await;
    let body = json!({ "status": 429, "code": "RATE_LIMITED" });
    let value = json!({ "status": 429, "body": body, "headers": { "Retry-After": "7" } });
    let fault = json!({
        "provider": "uridongne-tv", "path": "/v1/creatives", "fault": "status", "value": value,
    });
    fixture.fault(fault).await;

    let met = tv.request(Method::POST, "/creatives").send().await.unwrap();

    assert_eq!(met.status(), 429);
    assert_eq!(met.headers()["retry-after"], "7");
    assert_eq!(tv.create("/creatives", "k", &creative()).await.0, 202);
}
