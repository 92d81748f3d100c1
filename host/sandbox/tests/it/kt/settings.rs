//! How a test makes the three providers behave.

use reqwest::Method;
use serde_json::json;

use super::{MINUTE_MS, creative, partner};
use crate::support::{answer, world};

#[tokio::test]
async fn what_is_absent_in_a_change_stays() {
    let world = world().await;

    world.settings(json!({ "reviewMs": 5 })).await;
    world.settings(json!({ "videoReads": 3 })).await;

    let shown = world.request(Method::GET, "/_control/settings");
    let (_, settings) = answer(shown.send().await.unwrap()).await;
    assert_eq!(settings["reviewMs"], 5);
    assert_eq!(settings["videoReads"], 3);
    assert_eq!(settings["creativeMs"], 1_000);
    assert_eq!(settings["review"], "approve");
    assert_eq!(settings["inventory"], "available");
    assert_eq!(settings["lines"], "owned");
    let unknown = json!({ "review": "maybe" });
    assert_eq!(
        world.control(Method::PATCH, "/settings", unknown).await.0,
        400
    );
}

#[tokio::test]
async fn the_settings_at_the_end_of_the_review_decide_it() {
    let world = world().await;
    let tv = partner(&world, "genie-tv").await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    let id = tv.id(tv.create("/campaigns", "k", &campaign).await);
    let path = format!("/campaigns/{id}");

    world.settings(json!({ "review": "reject" })).await;
    world.pass_time(3 * MINUTE_MS).await;
    // Nobody has read the campaign when the settings change again.
    world.settings(json!({ "review": "approve" })).await;

    assert_eq!(tv.status(&path).await, "REJECTED");
}

#[tokio::test]
async fn a_shorter_review_also_ends_one_that_has_begun() {
    let world = world().await;
    let tv = partner(&world, "genie-tv").await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    let id = tv.id(tv.create("/campaigns", "k", &campaign).await);

    world.settings(json!({ "reviewMs": 0 })).await;

    assert_eq!(tv.status(&format!("/campaigns/{id}")).await, "ON_AIR");
}

#[tokio::test]
async fn processing_takes_as_long_as_it_took_when_it_began() {
    let world = world().await;
    let tv = partner(&world, "uridongne-tv").await;
    world.settings(json!({ "creativeMs": 0 })).await;
    let id = tv.id(tv.create("/creatives", "k", &creative()).await);

    world.settings(json!({ "creativeMs": 60_000 })).await;

    assert_eq!(tv.status(&format!("/creatives/{id}")).await, "READY");
}

#[tokio::test]
async fn deleting_the_posts_forgets_campaigns_and_settings_and_no_token() {
    let world = world().await;
    let tv = partner(&world, "genie-tv").await;
    world.settings(json!({ "reviewMs": 0 })).await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    tv.id(tv.create("/campaigns", "k", &campaign).await);
    assert_eq!(tv.posts().await.len(), 1);

    world.control(Method::DELETE, "/posts", json!({})).await;

    assert!(tv.posts().await.is_empty());
    assert!(world.campaigns("genie-tv").await.is_empty());
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    let id = tv.id(tv.create("/campaigns", "k", &campaign).await);
    assert_eq!(tv.status(&format!("/campaigns/{id}")).await, "UNDER_REVIEW");
}
