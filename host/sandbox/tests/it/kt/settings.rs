//! How a test makes the three providers behave.

use reqwest::Method;
use serde_json::json;

use super::{MINUTE_MS, creative, partner};
use crate::support::{answer, fixture};

#[tokio::test]
async fn absent_settings_are_left_unchanged() {
    let fixture = fixture().await;

    fixture.settings(json!({ "reviewMs": 5 })).await;
    fixture.settings(json!({ "videoReads": 3 })).await;

    let shown = fixture.request(Method::GET, "/_control/settings");
    let (_, settings) = answer(shown.send().await.unwrap()).await;
    assert_eq!(settings["reviewMs"], 5);
    assert_eq!(settings["videoReads"], 3);
    assert_eq!(settings["creativeMs"], 1_000);
    assert_eq!(settings["review"], "approve");
    assert_eq!(settings["inventory"], "available");
    assert_eq!(settings["lines"], "owned");
    let unknown = json!({ "review": "maybe" });
    assert_eq!(
        fixture.control(Method::PATCH, "/settings", unknown).await.0,
        400
    );
}

#[tokio::test]
async fn a_review_uses_the_settings_in_force_at_its_end() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    let id = tv.id(tv.create("/campaigns", "k", &campaign).await);
    let path = format!("/campaigns/{id}");

    fixture.settings(json!({ "review": "reject" })).await;
    fixture.advance_clock(3 * MINUTE_MS).await;
    // The campaign has not been read when the settings change again.
    fixture.settings(json!({ "review": "approve" })).await;

    assert_eq!(tv.status(&path).await, "REJECTED");
}

#[tokio::test]
async fn a_shorter_review_time_applies_to_running_reviews() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    let id = tv.id(tv.create("/campaigns", "k", &campaign).await);

    fixture.settings(json!({ "reviewMs": 0 })).await;

    assert_eq!(tv.status(&format!("/campaigns/{id}")).await, "ON_AIR");
}

#[tokio::test]
async fn processing_keeps_the_duration_in_force_at_its_start() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "uridongne-tv").await;
    fixture.settings(json!({ "creativeMs": 0 })).await;
    let id = tv.id(tv.create("/creatives", "k", &creative()).await);

    fixture.settings(json!({ "creativeMs": 60_000 })).await;

    assert_eq!(tv.status(&format!("/creatives/{id}")).await, "READY");
}

#[tokio::test]
async fn deleting_the_posts_resets_campaigns_and_settings_but_no_token() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    fixture.settings(json!({ "reviewMs": 0 })).await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    tv.id(tv.create("/campaigns", "k", &campaign).await);
    assert_eq!(tv.posts().await.len(), 1);

    fixture.control(Method::DELETE, "/posts", json!({})).await;

    assert!(tv.posts().await.is_empty());
    assert!(fixture.campaigns("genie-tv").await.is_empty());
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    let id = tv.id(tv.create("/campaigns", "k", &campaign).await);
    assert_eq!(tv.status(&format!("/campaigns/{id}")).await, "UNDER_REVIEW");
}
