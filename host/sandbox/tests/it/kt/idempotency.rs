//! Nothing is created twice: idempotency keys, references, and answers that were lost.

use serde_json::{Value, json};

use super::{MINUTE_MS, code, creative, partner};
use crate::support::fixture;

#[tokio::test]
async fn a_repeated_key_and_body_replay_the_first_response() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;

    let first = tv.create("/campaigns", "k", &campaign).await;
    fixture.advance_clock(5 * MINUTE_MS).await;
    let again = tv.create("/campaigns", "k", &campaign).await;

    assert_eq!(first.0, 202);
    assert_eq!(again, first, "also when it has gone on air meanwhile");
    assert_eq!(fixture.campaigns("genie-tv").await.len(), 1);
    assert_eq!(tv.posts().await.len(), 1);
}

#[tokio::test]
async fn a_key_reused_with_another_body_is_rejected() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    let mut campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    tv.id(tv.create("/campaigns", "k", &campaign).await);

    campaign["name"] = json!("다른 이름");
    let refused = tv.create("/campaigns", "k", &campaign).await;

    assert_eq!((refused.0, code(&refused)), (422, "IDEMPOTENCY_KEY_REUSED"));
}

#[tokio::test]
async fn a_reference_is_unique_under_any_key() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "uridongne-tv").await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    let id = tv.id(tv.create("/campaigns", "k1", &campaign).await);
    tv.post(&format!("/campaigns/{id}/cancel"), &Value::Null)
        .await;

    let refused = tv.create("/campaigns", "k2", &campaign).await;

    let expected = (409, "DUPLICATE_CLIENT_REFERENCE");
    assert_eq!((refused.0, code(&refused)), expected);
    assert_eq!(refused.1["existingId"], id);
    let ringo = partner(&fixture, "ringo-biz").await;
    let assignment = ringo
        .assignment("delivery-1", &ringo.ready_tone().await)
        .await;
    let id = ringo.id(ringo.create("/assignments", "k1", &assignment).await);
    let refused = ringo.create("/assignments", "k2", &assignment).await;
    assert_eq!((refused.0, code(&refused)), expected);
    assert_eq!(refused.1["existingId"], id);
}

#[tokio::test]
async fn a_key_expires_after_a_day_and_a_reference_does_not() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "genie-tv").await;
    let first = tv.id(tv.create("/creatives", "k", &creative()).await);
    let mut campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    campaign["period"] = tv.period(0, 72 * super::HOUR_MS).await;
    tv.id(tv.create("/campaigns", "k", &campaign).await);

    fixture.advance_clock(25 * super::HOUR_MS).await;

    let tv = partner(&fixture, "genie-tv").await;
    let second = tv.id(tv.create("/creatives", "k", &creative()).await);
    assert_ne!(first, second);
    let refused = tv.create("/campaigns", "k", &campaign).await;
    assert_eq!(code(&refused), "DUPLICATE_CLIENT_REFERENCE");
}

#[tokio::test]
async fn a_lost_response_leaves_one_findable_campaign() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "uridongne-tv").await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    fixture
        .fault(json!({
            "provider": "uridongne-tv", "path": "/v1/campaigns", "fault": "reset-after",
        }))
        .await;

    let request = tv
        .request(reqwest::Method::POST, "/campaigns")
        .json(&campaign);
    let lost = request.header("Idempotency-Key", "k").send().await;

    assert!(lost.is_err());
    let (_, found) = tv.get("/campaigns?clientReference=delivery-1").await;
    let id = found["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(tv.id(tv.create("/campaigns", "k", &campaign).await), id);
    assert_eq!(fixture.campaigns("uridongne-tv").await.len(), 1);
}

#[tokio::test]
async fn a_lagging_campaign_exists_and_is_found_later() {
    let fixture = fixture().await;
    let tv = partner(&fixture, "uridongne-tv").await;
    let campaign = tv.campaign("delivery-1", &tv.ready_creative().await).await;
    let of_reference = "/campaigns?clientReference=delivery-1";
    fixture
        .fault(json!({
            "provider": "uridongne-tv", "path": "/v1/campaigns", "fault": "lag", "value": 60_000,
        }))
        .await;

    let id = tv.id(tv.create("/campaigns", "k", &campaign).await);

    let by_id = format!("/campaigns/{id}");
    assert_eq!(fixture.campaigns("uridongne-tv").await.len(), 1);
    assert_eq!(tv.get(&by_id).await.0, 404);
    assert_eq!(tv.get(of_reference).await.1["items"], json!([]));
    assert_eq!(tv.id(tv.create("/campaigns", "k", &campaign).await), id);
    fixture.advance_clock(60_000).await;
    assert_eq!(tv.get(&by_id).await.0, 200);
    assert_eq!(tv.get(of_reference).await.1["items"][0]["id"], id);
}

#[tokio::test]
async fn concurrent_requests_with_one_key_create_one_campaign() {
    let fixture = fixture().await;
    let ringo = partner(&fixture, "ringo-biz").await;
    let assignment = ringo
        .assignment("delivery-1", &ringo.ready_tone().await)
        .await;

    let creations = (0..50).map(|_| ringo.create("/assignments", "k", &assignment));
    let answers = futures::future::join_all(creations).await;

    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(answers[0].0, 202);
    assert_eq!(fixture.campaigns("ringo-biz").await.len(), 1);
}
