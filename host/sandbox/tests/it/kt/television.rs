//! Spots on 우리동네TV and 지니TV, from the creative to the end of the campaign.

use serde_json::{Value, json};

use super::{HOUR_MS, MINUTE_MS, airtime, code, creative, partner};
use crate::support::fixture;

const BOTH: [&str; 2] = ["uridongne-tv", "genie-tv"];

#[tokio::test]
async fn a_campaign_runs_from_creative_to_end() {
    let fixture = fixture().await;
    for provider in BOTH {
        let tv = partner(&fixture, provider).await;
        let creative_id = tv.id(tv.create("/creatives", "k", &creative()).await);
        let creative_path = format!("/creatives/{creative_id}");
        assert_eq!(tv.status(&creative_path).await, "PROCESSING");
        fixture.advance_clock(1_000).await;
        assert_eq!(tv.status(&creative_path).await, "READY");

        let mut campaign = tv.campaign("delivery-1", &creative_id).await;
        campaign["period"] = tv.period(10 * MINUTE_MS, 20 * MINUTE_MS).await;
        let (status, created) = tv.create("/campaigns", "k", &campaign).await;
        assert_eq!(status, 202, "{created}");
        assert_eq!(created["status"], "UNDER_REVIEW");
        assert_eq!(created["clientReference"], "delivery-1");
        assert_eq!(created["period"], campaign["period"]);
        assert!(created["estimatedReach"].as_u64().unwrap() > 0);

        let path = format!("/campaigns/{}", created["id"].as_str().unwrap());
        assert_eq!(tv.status(&path).await, "UNDER_REVIEW");
        fixture.advance_clock(3 * MINUTE_MS).await;
        assert_eq!(tv.status(&path).await, "SCHEDULED");
        assert!(tv.posts().await.is_empty(), "not before it is on air");

        fixture.advance_clock(7 * MINUTE_MS).await;
        let on_air = tv.get(&path).await.1;
        assert_eq!(on_air["status"], "ON_AIR");
        assert!(on_air["viewUrl"].as_str().unwrap().contains(provider));
        let posts = tv.posts().await;
        assert_eq!(posts.len(), 1);
        assert_eq!(posts[0]["provider"], provider);
        assert_eq!(posts[0]["reference"], "delivery-1");
        assert_eq!(posts[0]["externalId"], created["id"]);
        assert_eq!(posts[0]["at"], campaign["period"]["startsAt"]);

        fixture.advance_clock(10 * MINUTE_MS).await;
        assert_eq!(tv.status(&path).await, "ENDED");
        assert!(tv.posts().await.is_empty());
        let cancelled = tv.post(&format!("{path}/cancel"), &Value::Null).await;
        assert_eq!((cancelled.0, code(&cancelled)), (409, "CAMPAIGN_ENDED"));
    }
}

#[tokio::test]
async fn a_rejected_campaign_reports_the_reason_in_korean() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    fixture.settings(json!({ "review": "reject" })).await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    let id = tv.id(tv.create("/campaigns", "k", &campaign).await);

    fixture.advance_clock(3 * MINUTE_MS).await;

    let rejected = tv.get(&format!("/campaigns/{id}")).await.1;
    assert_eq!(rejected["status"], "REJECTED");
    assert_eq!(rejected["reason"]["code"], "REVIEW_REJECTED");
    let message = rejected["reason"]["message"].as_str().unwrap();
    assert!(message.contains("심의"), "{message}");
    assert!(tv.posts().await.is_empty());
}

#[tokio::test]
async fn a_cancelled_campaign_stays_cancelled() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "uridongne-tv").await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    let id = tv.id(tv.create("/campaigns", "k", &campaign).await);
    fixture.advance_clock(3 * MINUTE_MS).await;
    assert_eq!(tv.posts().await.len(), 1);

    for _ in 0..2 {
        let (status, cancelled) = tv
            .post(&format!("/campaigns/{id}/cancel"), &json!({}))
            .await;
        assert_eq!((status, &cancelled["status"]), (200, &"CANCELLED".into()));
    }

    assert!(tv.posts().await.is_empty());
    fixture.advance_clock(20 * HOUR_MS).await;
    let tv = partner(&fixture, "uridongne-tv").await;
    assert_eq!(tv.status(&format!("/campaigns/{id}")).await, "CANCELLED");
}

#[tokio::test]
async fn a_campaign_under_review_can_be_cancelled() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    let id = tv.id(tv.create("/campaigns", "k", &campaign).await);

    tv.post(&format!("/campaigns/{id}/cancel"), &json!({}))
        .await;

    fixture.advance_clock(3 * MINUTE_MS).await;
    assert_eq!(tv.status(&format!("/campaigns/{id}")).await, "CANCELLED");
    assert!(tv.posts().await.is_empty());
}

#[tokio::test]
async fn a_campaign_is_found_by_its_reference() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    let id = tv.id(tv.create("/campaigns", "k", &campaign).await);

    let (_, found) = tv.get("/campaigns?clientReference=delivery-1").await;
    let (_, nothing) = tv.get("/campaigns?clientReference=delivery-2").await;

    assert_eq!(found["items"][0]["id"], id);
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(nothing, json!({ "items": [] }));
    let other = partner(&fixture, "uridongne-tv").await;
    let (_, others) = other.get("/campaigns?clientReference=delivery-1").await;
    assert_eq!(others, json!({ "items": [] }));
}

#[tokio::test]
async fn a_forecast_scales_with_the_budget_and_creates_nothing() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "uridongne-tv").await;
    let mut asked = airtime(&tv.period(0, HOUR_MS).await);
    let small = tv.post("/forecasts", &asked).await.1;
    asked["budget"] = json!(600_000);
    asked.as_object_mut().unwrap().remove("region");
    asked["admDongCodes"] = json!(["1144068000", "1144066000"]);
    let (status, large) = tv.post("/forecasts", &asked).await;

    assert_eq!(status, 200, "{large}");
    let impressions = |forecast: &Value| forecast["estimatedImpressions"].as_u64().unwrap();
    assert!(impressions(&large) > impressions(&small));
    assert!(large["reach"].as_u64().unwrap() > 0);
    assert_eq!(large["minBudget"], 100_000);
    assert!(fixture.campaigns("uridongne-tv").await.is_empty());
}

#[tokio::test]
async fn campaigns_are_listed_whatever_their_state() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "uridongne-tv").await;
    let creative_id = tv.ready_creative().await;
    for n in 1..=2 {
        let campaign = tv.campaign(&format!("delivery-{n}"), &creative_id).await;
        tv.id(tv.create("/campaigns", &format!("k{n}"), &campaign).await);
    }
    let first = fixture.campaigns("uridongne-tv").await[0].clone();
    let cancel = format!("/campaigns/{}/cancel", first["id"].as_str().unwrap());
    tv.post(&cancel, &json!({})).await;

    let listed = fixture.campaigns("uridongne-tv").await;

    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["reference"], "delivery-1");
    assert_eq!(listed[0]["status"], "CANCELLED");
    assert_eq!(listed[0]["text"], "봄맞이 전 메뉴 20% 할인");
    assert_eq!(listed[1]["reference"], "delivery-2");
    assert_eq!(listed[1]["status"], "UNDER_REVIEW");
    assert!(fixture.campaigns("genie-tv").await.is_empty());
}
