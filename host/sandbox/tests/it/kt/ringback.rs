//! What callers of a line hear, from the tone to the end of the assignment.

use reqwest::Method;
use serde_json::{Value, json};

use super::{HOUR_MS, MINUTE_MS, code, partner, tone};
use crate::support::fixture;

#[tokio::test]
async fn an_assignment_runs_and_can_be_removed() {
    let fixture = fixture().await;
    let ringo = partner(&fixture, "ringo-biz").await;
    let owned = ringo
        .post("/lines/0212345678/verification", &Value::Null)
        .await;
    assert_eq!(
        owned,
        (200, json!({ "number": "0212345678", "owned": true }))
    );
    let tone_id = ringo.id(ringo.create("/tones", "k", &tone()).await);
    assert_eq!(
        ringo.status(&format!("/tones/{tone_id}")).await,
        "PROCESSING"
    );
    fixture.advance_clock(1_000).await;
    let ready = ringo.get(&format!("/tones/{tone_id}")).await.1;
    assert_eq!(ready["status"], "READY");
    assert!((1..=30).contains(&ready["durationSec"].as_u64().unwrap()));

    let assignment = ringo.assignment("delivery-1", &tone_id).await;
    let (status, created) = ringo.create("/assignments", "k", &assignment).await;
    assert_eq!((status, &created["status"]), (202, &"UNDER_REVIEW".into()));
    assert_eq!(created["phoneNumber"], "0212345678");
    assert_eq!(created["toneId"], tone_id);
    assert!(ringo.posts().await.is_empty());

    let path = format!("/assignments/{}", created["id"].as_str().unwrap());
    fixture.advance_clock(3 * MINUTE_MS).await;
    assert_eq!(ringo.status(&path).await, "ACTIVE");
    let posts = ringo.posts().await;
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0]["reference"], "delivery-1");
    assert_eq!(posts[0]["text"], "안녕하세요, 우리 가게입니다.");
    let (_, found) = ringo.get("/assignments?clientReference=delivery-1").await;
    assert_eq!(found["items"][0]["id"], created["id"]);

    assert_eq!(ringo.delete(&path).await, 204);
    assert_eq!(ringo.delete(&path).await, 204);
    assert_eq!(ringo.status(&path).await, "CANCELLED");
    assert!(ringo.posts().await.is_empty());
    assert_eq!(ringo.delete("/assignments/as_1").await, 404);
}

#[tokio::test]
async fn an_assignment_waits_for_its_period_and_ends_with_it() {
    let fixture = fixture().await;
    let ringo = partner(&fixture, "ringo-biz").await;
    let mut assignment = ringo
        .assignment("delivery-1", &ringo.ready_tone().await)
        .await;
    assignment["period"] = ringo.period(10 * MINUTE_MS, 20 * MINUTE_MS).await;
    let id = ringo.id(ringo.create("/assignments", "k", &assignment).await);
    let path = format!("/assignments/{id}");

    fixture.advance_clock(9 * MINUTE_MS).await;
    assert_eq!(ringo.status(&path).await, "SCHEDULED");
    fixture.advance_clock(MINUTE_MS).await;
    assert_eq!(ringo.status(&path).await, "ACTIVE");
    fixture.advance_clock(10 * MINUTE_MS).await;
    assert_eq!(ringo.status(&path).await, "ENDED");
    assert!(ringo.posts().await.is_empty());
    assert_eq!(ringo.delete(&path).await, 204);
    assert_eq!(ringo.status(&path).await, "ENDED");
}

#[tokio::test]
async fn a_rejected_assignment_reports_the_reason() {
    let fixture = fixture().await;
    let ringo = partner(&fixture, "ringo-biz").await;
    let reject = json!({ "review": "reject", "rejectionReason": "상호가 다릅니다." });
    fixture.settings(reject).await;
    let assignment = ringo
        .assignment("delivery-1", &ringo.ready_tone().await)
        .await;
    let id = ringo.id(ringo.create("/assignments", "k", &assignment).await);

    fixture.advance_clock(3 * MINUTE_MS).await;

    let rejected = ringo.get(&format!("/assignments/{id}")).await.1;
    assert_eq!(rejected["status"], "REJECTED");
    assert_eq!(rejected["reason"]["message"], "상호가 다릅니다.");
}

#[tokio::test]
async fn a_line_not_owned_is_rejected() {
    let fixture = fixture().await;
    let ringo = partner(&fixture, "ringo-biz").await;
    let assignment = ringo
        .assignment("delivery-1", &ringo.ready_tone().await)
        .await;
    fixture.settings(json!({ "lines": "not-owned" })).await;

    let verified = ringo
        .post("/lines/0212345678/verification", &Value::Null)
        .await;
    let created = ringo.create("/assignments", "k", &assignment).await;

    assert_eq!((verified.0, code(&verified)), (403, "LINE_NOT_OWNED"));
    assert_eq!((created.0, code(&created)), (403, "LINE_NOT_OWNED"));
    let malformed = ringo.post("/lines/02-123/verification", &Value::Null).await;
    assert_eq!((malformed.0, code(&malformed)), (400, "INVALID_REQUEST"));
}

#[tokio::test]
async fn a_tone_is_a_recording_or_a_short_script() {
    let fixture = fixture().await;
    let ringo = partner(&fixture, "ringo-biz").await;
    let refused = async |tone: Value| {
        let refused = ringo.create("/tones", "k", &tone).await;
        assert_eq!(code(&refused), "INVALID_REQUEST", "{tone}");
        refused.1["field"].as_str().unwrap().to_owned()
    };
    let script = |text: &str| json!({ "ttsScript": text, "voice": "male-calm" });

    assert_eq!(refused(json!({})).await, "audioUrl");
    assert_eq!(
        refused(json!({ "audioUrl": "ftp://shop.example" })).await,
        "audioUrl"
    );
    assert_eq!(refused(json!({ "ttsScript": "안녕하세요" })).await, "voice");
    assert_eq!(refused(script(&"가".repeat(201))).await, "ttsScript");
    let shouting = json!({ "ttsScript": "안녕하세요", "voice": "shouting" });
    assert_eq!(refused(shouting).await, "voice");
    ringo.id(ringo
        .create("/tones", "k", &script(&"가".repeat(200)))
        .await);
    let recording = json!({ "audioUrl": "https://shop.example/hello.mp3" });
    ringo.id(ringo.create("/tones", "k2", &recording).await);
}

#[tokio::test]
async fn an_assignment_waits_for_its_tone() {
    let fixture = fixture().await;
    let ringo = partner(&fixture, "ringo-biz").await;
    let tone_id = ringo.id(ringo.create("/tones", "k", &tone()).await);
    let assignment = ringo.assignment("delivery-1", &tone_id).await;

    let early = ringo.create("/assignments", "k", &assignment).await;
    fixture.advance_clock(1_000).await;
    let later = ringo.create("/assignments", "k", &assignment).await;

    assert_eq!((early.0, code(&early)), (409, "TONE_PROCESSING"));
    assert_eq!(later.0, 202, "what was refused has not used its key up");
}

#[tokio::test]
async fn a_recording_is_posted_as_the_ringback_media() {
    let fixture = fixture().await;
    let ringo = partner(&fixture, "ringo-biz").await;
    let recording = json!({ "audioUrl": "https://shop.example/hello.mp3" });
    let tone_id = ringo.id(ringo.create("/tones", "k", &recording).await);
    fixture.advance_clock(1_000).await;
    let assignment = ringo.assignment("delivery-1", &tone_id).await;
    ringo.id(ringo.create("/assignments", "k", &assignment).await);

    fixture.advance_clock(HOUR_MS - 1_000 - MINUTE_MS).await;

    let media = &ringo.posts().await[0]["media"][0];
    assert_eq!(media["kind"], "audio");
    assert_eq!(media["url"], "https://shop.example/hello.mp3");
    assert_eq!(
        ringo
            .request(Method::PUT, "/tones")
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
}
