//! Every fault, as the client that meets it feels it, and what the public sees afterwards.

use std::error::Error as _;
use std::time::Duration;

use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::support::{answer, client, fixture, message, publish_under, time};

/// The error and what caused it, in one line.
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[tokio::test]
async fn a_status_fault_replaces_the_work() {
    let fixture = fixture().await;

    let (met, out) = publish_under(&fixture, json!({ "fault": "status", "value": 503 })).await;

    assert_eq!(met.unwrap().status(), 503);
    assert_eq!(out, 0);
}

#[tokio::test]
async fn a_status_fault_can_have_body_and_headers_and_follow_the_work() {
    let fixture = fixture().await;
    let body = json!({ "error": { "code": 4, "error_subcode": 2_207_051 } });
    let value = json!({
        "status": 400, "body": body, "headers": { "Retry-After": "7" }, "after": true,
    });

    let (met, out) = publish_under(&fixture, json!({ "fault": "status", "value": value })).await;

    let met = met.unwrap();
    assert_eq!(met.headers()["retry-after"], "7");
    assert_eq!(answer(met).await, (400, body));
    assert_eq!(out, 1, "the error is an error, and the post is live");
}

#[tokio::test]
async fn a_delay_precedes_the_work() {
    let fixture = fixture().await;

    let (met, out) = publish_under(&fixture, json!({ "fault": "delay", "value": 20 })).await;

    assert_eq!(met.unwrap().status(), 200);
    assert_eq!(out, 1);
}

#[tokio::test]
async fn a_delayed_post_goes_live_after_the_client_timed_out() {
    let fixture = fixture().await;
    let container = fixture.ready_image("늦은 게시").await;
    let fault = json!({
        "provider": "instagram", "path": "media_publish", "fault": "delay", "value": 1_000,
    });
    fixture.fault(fault).await;
    let (impatient, request) = fixture.publish_request(&container).build_split();
    drop(impatient);

    let met = client(Duration::from_millis(50))
        .execute(request.unwrap())
        .await;

    assert!(met.unwrap_err().is_timeout());
    // Before the look-ups, since the stand-ins keep the last requests only.
    let requested_at = fixture.requested_at("media_publish").await;
    while fixture.status(&container).await != "PUBLISHED" {
        tokio::task::yield_now().await;
    }
    let posts = fixture.posts("instagram").await;
    assert_eq!(posts.len(), 1);
    let delay = time(&posts[0]["at"]).duration_since(requested_at);
    assert!(delay.as_millis() >= 1_000, "{delay}");
}

#[tokio::test]
async fn reset_before_closes_the_connection_and_does_no_work() {
    let fixture = fixture().await;

    let (met, out) = publish_under(&fixture, json!({ "fault": "reset-before" })).await;

    let error = chain(&met.unwrap_err());
    assert!(
        error.contains("connection closed before message completed"),
        "{error}"
    );
    assert_eq!(out, 0);
}

#[tokio::test]
async fn reset_after_closes_the_connection_after_posting() {
    let fixture = fixture().await;

    let (met, out) = publish_under(&fixture, json!({ "fault": "reset-after" })).await;

    let error = chain(&met.unwrap_err());
    assert!(
        error.contains("connection closed before message completed"),
        "{error}"
    );
    assert_eq!(out, 1);
}

#[tokio::test]
async fn reset_after_consumes_the_key_and_leaves_a_findable_message() {
    let fixture = fixture().await;
    fixture
        .fault(json!({ "provider": "kakao-channel", "fault": "reset-after" }))
        .await;
    let request = fixture.bizmessage(Method::POST, "/freestyle-messages");
    let request = request.header("X-NC-API-IDEMPOTENCY-KEY", "key-1");
    let message = message(&["01012345678"]);
    request.json(&message).send().await.unwrap_err();

    let repeated = fixture.send("key-1", &message).await;

    assert_eq!(repeated["header"]["resultCode"], -1005);
    assert_eq!(
        fixture.look_up("senderGroupingKey=delivery-1").await["totalCount"],
        1
    );
    assert_eq!(fixture.posts("kakao-channel").await.len(), 1);
}

#[tokio::test]
async fn a_slow_body_is_sent_byte_by_byte() {
    let fixture = fixture().await;

    let (met, out) = publish_under(&fixture, json!({ "fault": "slow-body", "value": 1 })).await;

    let mut met = met.unwrap();
    let first = met.chunk().await.unwrap().unwrap();
    assert!(first.len() < 10, "{} bytes at once", first.len());
    let mut body = first.to_vec();
    while let Some(chunk) = met.chunk().await.unwrap() {
        body.extend_from_slice(&chunk);
    }
    assert!(serde_json::from_slice::<Value>(&body).unwrap()["id"].is_string());
    assert_eq!(out, 1);
}

#[tokio::test]
async fn a_huge_body_has_the_requested_size_and_stays_parseable() {
    let fixture = fixture().await;
    let fault = json!({ "fault": "huge-body", "value": 1_000_001 });

    let (met, out) = publish_under(&fixture, fault).await;

    let met = met.unwrap();
    assert_eq!(
        met.content_length(),
        None,
        "the client has to count for itself"
    );
    let body = met.bytes().await.unwrap();
    assert_eq!(body.len(), 1_000_001);
    assert!(serde_json::from_slice::<Value>(&body).unwrap()["id"].is_string());
    assert_eq!(out, 1);
}

#[tokio::test]
async fn a_redirect_points_to_the_metadata_address() {
    let fixture = fixture().await;

    let (met, out) = publish_under(&fixture, json!({ "fault": "redirect" })).await;

    let met = met.unwrap();
    assert_eq!(met.status(), 307);
    assert_eq!(
        met.headers()[header::LOCATION],
        "http://169.254.169.254/latest/meta-data/"
    );
    assert_eq!(out, 0);
}

#[tokio::test]
async fn a_hanging_request_does_not_block_the_shutdown() {
    let fixture = fixture().await;
    fixture
        .fault(json!({ "provider": "instagram", "fault": "hang", "times": 0 }))
        .await;
    let hanging = fixture.publish_request("1").send();
    let impatient = fixture
        .publish_request("1")
        .timeout(Duration::from_millis(50))
        .send();

    assert!(impatient.await.unwrap_err().is_timeout());

    let hanging = tokio::spawn(hanging);
    tokio::task::yield_now().await;
    fixture.sandbox.stop().await;
    hanging.await.unwrap().unwrap_err();
}

#[tokio::test]
async fn a_response_can_use_an_unrequested_encoding() {
    for (value, encoding, begins) in [
        ("gzip", Some("gzip"), &[0x1f, 0x8b][..]),
        ("deflate", Some("deflate"), &[0x78]),
        ("zstd", Some("zstd"), &[0x28, 0xb5, 0x2f, 0xfd]),
        ("br", Some("br"), &[]),
        ("bom", None, &[0xef, 0xbb, 0xbf, b'{']),
    ] {
        let fixture = fixture().await;
        let fault = json!({ "fault": "compressed", "value": value });
        let (met, out) = publish_under(&fixture, fault).await;
        let met = met.unwrap();
        let actual = met.headers().get(header::CONTENT_ENCODING);
        let actual = actual.map(|actual| actual.to_str().unwrap().to_owned());
        assert_eq!(actual.as_deref(), encoding);
        let body = met.bytes().await.unwrap();
        assert!(body.starts_with(begins), "{value}: {body:?}");
        assert_eq!(out, 1);
    }
}

#[tokio::test]
async fn a_provider_can_echo_the_request_credentials() {
    let fixture = fixture().await;
    let (met, out) = publish_under(&fixture, json!({ "fault": "echo-secret" })).await;
    let met = met.unwrap();
    let header = met.headers()["x-echo-0"].to_str().unwrap().to_owned();
    assert!(header.starts_with("sandbox-"), "{header}");
    let (status, body) = answer(met).await;
    assert_eq!(status, 200);
    assert!(body["id"].is_string(), "its own answer is there: {body}");
    assert_eq!(body["echo"]["as0"], header);
    assert_eq!(out, 1);

    let refused = json!({ "fault": "echo-secret", "value": 400 });
    let (met, out) = publish_under(&fixture, refused).await;
    let (status, body) = answer(met.unwrap()).await;
    assert_eq!((status, out), (400, 1), "it did nothing");
    assert!(
        body["error"]["message"].as_str().unwrap().contains(&header),
        "{body}"
    );
}
