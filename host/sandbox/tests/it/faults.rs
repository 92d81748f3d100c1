//! Every fault, as the client that meets it feels it, and what the public sees afterwards.

use std::error::Error as _;
use std::time::Duration;

use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::support::{Fixture, USER, answer, client, fixture, id, message};

/// Publishes a new container under this fault; what the client got, and how many posts are out.
async fn publish_under(
    fixture: &Fixture,
    fault: Value,
) -> (reqwest::Result<reqwest::Response>, usize) {
    let container = fixture.ready_image("장애 속에서").await;
    let mut rule = json!({ "provider": "instagram", "path": "media_publish" });
    rule.as_object_mut()
        .unwrap()
        .extend(fault.as_object().unwrap().clone());
    fixture.fault(rule).await;
    let met = fixture.publish_request(&container).send().await;
    (met, fixture.posts("instagram").await.len())
}

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
    assert_eq!(
        fixture.status(&container).await,
        "FINISHED",
        "it may still be racing"
    );
    while fixture.status(&container).await != "PUBLISHED" {
        tokio::task::yield_now().await;
    }
    assert_eq!(fixture.posts("instagram").await.len(), 1);
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
async fn a_fault_applies_the_requested_number_of_times() {
    let fixture = fixture().await;
    fixture
        .fault(json!({ "provider": "instagram", "fault": "status", "value": 500, "times": 2 }))
        .await;

    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(
            fixture
                .container(json!({ "image_url": "https://a.example/1.jpg" }))
                .await
                .0,
        );
    }

    assert_eq!(statuses, [500, 500, 200]);
}

#[tokio::test]
async fn an_unlimited_fault_applies_until_deleted() {
    let fixture = fixture().await;
    fixture
        .fault(json!({ "provider": "instagram", "fault": "status", "value": 500, "times": null }))
        .await;
    for _ in 0..5 {
        assert_eq!(fixture.publish("1").await.0, 500);
    }
    let (_, listed) = fixture.control(Method::GET, "/faults", json!({})).await;
    assert_eq!(listed["faults"][0]["hits"], 5);

    fixture.control(Method::DELETE, "/faults", json!({})).await;

    assert_eq!(fixture.publish("1").await.0, 400);
}

#[tokio::test]
async fn a_fault_matches_provider_method_and_path() {
    let fixture = fixture().await;
    fixture
        .fault(json!({
            "provider": "instagram", "method": "POST", "path": "*/media",
            "fault": "status", "value": 500, "times": 0,
        }))
        .await;

    assert_eq!(
        fixture
            .container(json!({ "image_url": "https://a.example/1.jpg" }))
            .await
            .0,
        500
    );
    assert_eq!(fixture.publish("1").await.0, 400, "not this path");
    fixture.graph_get("/17841400000000001/media").await;
    assert_eq!(
        fixture.send("k", &message(&["010"])).await["header"]["resultCode"],
        0
    );
}

#[tokio::test]
async fn an_invalid_fault_is_rejected_with_the_reason() {
    let fixture = fixture().await;
    let refused = async |fault: Value| {
        let (status, problem) = fixture.control(Method::POST, "/faults", fault).await;
        assert_eq!(status, 400);
        problem["detail"].as_str().unwrap().to_owned()
    };
    let fault = |fault: &str, value: Value| json!({ "provider": "instagram", "fault": fault, "value": value });

    let provider = refused(json!({ "provider": "myspace", "fault": "hang" })).await;
    assert!(
        provider.contains("myspace") && provider.contains("nhn-cloud"),
        "{provider}"
    );
    let kind = refused(fault("explode", json!(null))).await;
    assert!(
        kind.contains("explode") && kind.contains("reset-before"),
        "{kind}"
    );
    let field = refused(json!({ "provider": "instagram", "fault": "hang", "when": 1 })).await;
    assert!(field.contains("when") && field.contains("times"), "{field}");
    assert!(
        refused(fault("status", json!(99)))
            .await
            .contains("200 to 599")
    );
    assert!(
        refused(fault("status", json!({ "code": 400 })))
            .await
            .contains("code")
    );
    assert!(
        refused(fault("delay", json!("1s")))
            .await
            .contains("milliseconds")
    );
    assert!(
        refused(fault("redirect", json!("a\nb")))
            .await
            .contains("header")
    );
    assert!(
        refused(fault("hang", json!(1)))
            .await
            .contains("takes none")
    );
}

#[tokio::test]
async fn faults_do_not_touch_the_control_api() {
    let fixture = fixture().await;
    fixture
        .fault(json!({ "provider": "instagram", "fault": "reset-before", "times": 0 }))
        .await;
    let container = fixture.publish_request("1").send().await;

    assert!(container.is_err());
    assert!(fixture.posts("instagram").await.is_empty());
    fixture.control(Method::DELETE, "/faults", json!({})).await;
    id(fixture
        .publish(&fixture.ready_image("다시 된다").await)
        .await);
}

#[tokio::test]
async fn a_lagging_container_can_be_published_before_it_can_be_read() {
    let fixture = fixture().await;
    let lag =
        json!({ "provider": "instagram", "path": "*/media", "fault": "lag", "value": 600_000 });
    fixture.fault(lag).await;
    let container = fixture.ready_image("보이지 않는 준비").await;
    let unreadable = || fixture.graph(Method::GET, &format!("/{container}?fields=status_code"));

    let (status, error) = answer(unreadable().send().await.unwrap()).await;
    assert_eq!(status, 400);
    assert_eq!(error["error"]["code"], 100);
    assert_eq!(error["error"]["error_subcode"], 33);
    fixture.advance_clock(600_000).await;
    assert_eq!(fixture.status(&container).await, "FINISHED");
}

#[tokio::test]
async fn a_lagging_post_is_published_and_visible_later() {
    let fixture = fixture().await;
    let container = fixture.ready_image("늦게 보이는 게시").await;
    let lag = json!({
        "provider": "instagram", "path": "media_publish", "fault": "lag", "value": 600_000,
    });
    fixture.fault(lag).await;

    let (status, post) = fixture.publish(&container).await;

    assert_eq!(status, 200);
    assert_eq!(
        fixture.posts("instagram").await.len(),
        1,
        "the public sees it"
    );
    let node = format!("/{}?fields=permalink", post["id"].as_str().unwrap());
    assert_eq!(fixture.status(&container).await, "FINISHED");
    let (status, _) = answer(fixture.graph(Method::GET, &node).send().await.unwrap()).await;
    assert_eq!(status, 400);
    assert_eq!(listed(&fixture).await, 0);
    let (status, again) = fixture.publish(&container).await;
    assert_eq!(
        status, 400,
        "it is published once, whatever is shown: {again}"
    );

    fixture.advance_clock(600_000).await;
    assert_eq!(fixture.status(&container).await, "PUBLISHED");
    assert!(fixture.graph_get(&node).await["permalink"].is_string());
    assert_eq!(listed(&fixture).await, 1);
}

async fn listed(fixture: &Fixture) -> usize {
    let list = fixture.graph_get(&format!("/{USER}/media?fields=id")).await;
    list["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_late_list_lags_behind_single_reads() {
    let fixture = fixture().await;
    let container = fixture.ready_image("늦은 목록").await;
    let late = json!({ "provider": "instagram", "path": "media_publish", "fault": "late-list", "value": 600_000 });
    fixture.fault(late).await;

    let (_, post) = fixture.publish(&container).await;

    assert_eq!(fixture.status(&container).await, "PUBLISHED");
    let node = format!("/{}?fields=permalink", post["id"].as_str().unwrap());
    assert!(fixture.graph_get(&node).await["permalink"].is_string());
    assert_eq!(listed(&fixture).await, 0);
    fixture.advance_clock(600_000).await;
    assert_eq!(listed(&fixture).await, 1);
}

#[tokio::test]
async fn a_contradiction_is_an_error_for_completed_work_visible_later() {
    let fixture = fixture().await;
    let container = fixture.ready_image("모순").await;
    let fault = json!({
        "provider": "instagram", "path": "media_publish", "fault": "contradict", "value": 600_000,
    });
    fixture.fault(fault).await;

    let (status, error) = fixture.publish(&container).await;

    assert_eq!(status, 400);
    assert_eq!(error["error"]["error_subcode"], 2_207_051);
    assert_eq!(fixture.posts("instagram").await.len(), 1);
    assert_eq!(fixture.status(&container).await, "FINISHED");
    fixture.advance_clock(600_000).await;
    assert_eq!(fixture.status(&container).await, "PUBLISHED");
}

#[tokio::test]
async fn a_contradiction_can_have_a_custom_response() {
    let fixture = fixture().await;
    let value = json!({ "ms": 1_000, "status": 503, "body": { "why": "busy" } });

    let (met, out) =
        publish_under(&fixture, json!({ "fault": "contradict", "value": value })).await;

    assert_eq!(answer(met.unwrap()).await, (503, json!({ "why": "busy" })));
    assert_eq!(out, 1);
}

#[tokio::test]
async fn a_lagging_message_is_sent_and_found_later() {
    let fixture = fixture().await;
    let by_key = "senderGroupingKey=delivery-1";
    for fault in ["lag", "late-list"] {
        let key = format!("key-{fault}");
        let lag = json!({ "provider": "kakao-channel", "fault": fault, "value": 600_000 });
        let before = fixture.look_up(by_key).await["totalCount"].clone();
        fixture.fault(lag).await;

        let sent = fixture.send(&key, &message(&["01012345678"])).await;

        let id = sent["message"]["requestId"].as_str().unwrap();
        let by_id = fixture.look_up(&format!("requestId={id}")).await;
        assert_eq!(by_id["totalCount"] == 1, fault == "late-list", "{fault}");
        assert_eq!(
            fixture.look_up(by_key).await["totalCount"],
            before,
            "{fault}"
        );
        fixture.advance_clock(600_000).await;
        let by_id = fixture.look_up(&format!("requestId={id}")).await;
        assert_eq!(by_id["totalCount"], 1, "{fault}");
        assert_ne!(
            fixture.look_up(by_key).await["totalCount"],
            before,
            "{fault}"
        );
    }
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
