//! Every fault, as the client that meets it feels it, and what the public sees afterwards.

use std::{error::Error as _, time::Duration};

use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::support::{USER, World, answer, client, id, message, world};

/// Publishes a new container under this fault; what the client got, and how many posts are out.
async fn publish_under(world: &World, fault: Value) -> (reqwest::Result<reqwest::Response>, usize) {
    let container = world.ready_image("장애 속에서").await;
    let mut rule = json!({ "provider": "instagram", "path": "media_publish" });
    rule.as_object_mut()
        .unwrap()
        .extend(fault.as_object().unwrap().clone());
    world.fault(rule).await;
    let met = world.publish_request(&container).send().await;
    (met, world.posts("instagram").await.len())
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
async fn a_status_is_answered_instead_of_the_work() {
    let world = world().await;

    let (met, out) = publish_under(&world, json!({ "fault": "status", "value": 503 })).await;

    assert_eq!(met.unwrap().status(), 503);
    assert_eq!(out, 0);
}

#[tokio::test]
async fn a_status_may_have_a_body_and_headers_and_come_after_the_work() {
    let world = world().await;
    let body = json!({ "error": { "code": 4, "error_subcode": 2_207_051 } });
    let value = json!({
        "status": 400, "body": body, "headers": { "Retry-After": "7" }, "after": true,
    });

    let (met, out) = publish_under(&world, json!({ "fault": "status", "value": value })).await;

    let met = met.unwrap();
    assert_eq!(met.headers()["retry-after"], "7");
    assert_eq!(answer(met).await, (400, body));
    assert_eq!(out, 1, "the error is an error, and the post is live");
}

#[tokio::test]
async fn a_delay_comes_before_the_work() {
    let world = world().await;

    let (met, out) = publish_under(&world, json!({ "fault": "delay", "value": 20 })).await;

    assert_eq!(met.unwrap().status(), 200);
    assert_eq!(out, 1);
}

#[tokio::test]
async fn a_delayed_post_goes_live_after_the_client_has_given_up() {
    let world = world().await;
    let container = world.ready_image("늦은 게시").await;
    let fault = json!({
        "provider": "instagram", "path": "media_publish", "fault": "delay", "value": 1_000,
    });
    world.fault(fault).await;
    let (impatient, request) = world.publish_request(&container).build_split();
    drop(impatient);

    let met = client(Duration::from_millis(50))
        .execute(request.unwrap())
        .await;

    assert!(met.unwrap_err().is_timeout());
    assert_eq!(
        world.status(&container).await,
        "FINISHED",
        "it may still be racing"
    );
    while world.status(&container).await != "PUBLISHED" {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.posts("instagram").await.len(), 1);
}

#[tokio::test]
async fn reset_before_closes_the_connection_and_does_no_work() {
    let world = world().await;

    let (met, out) = publish_under(&world, json!({ "fault": "reset-before" })).await;

    let error = chain(&met.unwrap_err());
    assert!(
        error.contains("connection closed before message completed"),
        "{error}"
    );
    assert_eq!(out, 0);
}

#[tokio::test]
async fn reset_after_closes_the_connection_when_the_post_is_out() {
    let world = world().await;

    let (met, out) = publish_under(&world, json!({ "fault": "reset-after" })).await;

    let error = chain(&met.unwrap_err());
    assert!(
        error.contains("connection closed before message completed"),
        "{error}"
    );
    assert_eq!(out, 1);
}

#[tokio::test]
async fn reset_after_leaves_a_key_used_up_and_a_message_to_be_found() {
    let world = world().await;
    world
        .fault(json!({ "provider": "kakao-channel", "fault": "reset-after" }))
        .await;
    let request = world.bizmessage(Method::POST, "/freestyle-messages");
    let request = request.header("X-NC-API-IDEMPOTENCY-KEY", "key-1");
    let message = message(&["01012345678"]);
    request.json(&message).send().await.unwrap_err();

    let repeated = world.send("key-1", &message).await;

    assert_eq!(repeated["header"]["resultCode"], -1005);
    assert_eq!(
        world.look_up("senderGroupingKey=delivery-1").await["totalCount"],
        1
    );
    assert_eq!(world.posts("kakao-channel").await.len(), 1);
}

#[tokio::test]
async fn a_slow_body_comes_a_byte_at_a_time() {
    let world = world().await;

    let (met, out) = publish_under(&world, json!({ "fault": "slow-body", "value": 1 })).await;

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
async fn a_huge_body_is_as_huge_as_asked_for_and_still_an_answer() {
    let world = world().await;
    let fault = json!({ "fault": "huge-body", "value": 1_000_001 });

    let (met, out) = publish_under(&world, fault).await;

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
async fn a_redirect_leads_to_the_metadata_address() {
    let world = world().await;

    let (met, out) = publish_under(&world, json!({ "fault": "redirect" })).await;

    let met = met.unwrap();
    assert_eq!(met.status(), 307);
    assert_eq!(
        met.headers()[header::LOCATION],
        "http://169.254.169.254/latest/meta-data/"
    );
    assert_eq!(out, 0);
}

#[tokio::test]
async fn a_hang_never_answers_and_does_not_keep_the_sandbox_from_stopping() {
    let world = world().await;
    world
        .fault(json!({ "provider": "instagram", "fault": "hang", "times": 0 }))
        .await;
    let hanging = world.publish_request("1").send();
    let impatient = world
        .publish_request("1")
        .timeout(Duration::from_millis(50))
        .send();

    assert!(impatient.await.unwrap_err().is_timeout());

    let hanging = tokio::spawn(hanging);
    tokio::task::yield_now().await;
    world.sandbox.stop().await;
    hanging.await.unwrap().unwrap_err();
}

#[tokio::test]
async fn a_fault_is_met_as_often_as_it_says() {
    let world = world().await;
    world
        .fault(json!({ "provider": "instagram", "fault": "status", "value": 500, "times": 2 }))
        .await;

    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(
            world
                .container(json!({ "image_url": "https://a.example/1.jpg" }))
                .await
                .0,
        );
    }

    assert_eq!(statuses, [500, 500, 200]);
}

#[tokio::test]
async fn an_endless_fault_stands_until_it_is_deleted() {
    let world = world().await;
    world
        .fault(json!({ "provider": "instagram", "fault": "status", "value": 500, "times": null }))
        .await;
    for _ in 0..5 {
        assert_eq!(world.publish("1").await.0, 500);
    }
    let (_, listed) = world.control(Method::GET, "/faults", json!({})).await;
    assert_eq!(listed["faults"][0]["hits"], 5);

    world.control(Method::DELETE, "/faults", json!({})).await;

    assert_eq!(world.publish("1").await.0, 400);
}

#[tokio::test]
async fn a_fault_is_met_only_by_its_provider_method_and_path() {
    let world = world().await;
    world
        .fault(json!({
            "provider": "instagram", "method": "POST", "path": "*/media",
            "fault": "status", "value": 500, "times": 0,
        }))
        .await;

    assert_eq!(
        world
            .container(json!({ "image_url": "https://a.example/1.jpg" }))
            .await
            .0,
        500
    );
    assert_eq!(world.publish("1").await.0, 400, "not this path");
    world.graph_get("/17841400000000001/media").await;
    assert_eq!(
        world.send("k", &message(&["010"])).await["header"]["resultCode"],
        0
    );
}

#[tokio::test]
async fn a_fault_that_is_not_understood_is_refused_and_says_why() {
    let world = world().await;
    let refused = async |fault: Value| {
        let (status, problem) = world.control(Method::POST, "/faults", fault).await;
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
    let world = world().await;
    world
        .fault(json!({ "provider": "instagram", "fault": "reset-before", "times": 0 }))
        .await;
    let container = world.publish_request("1").send().await;

    assert!(container.is_err());
    assert!(world.posts("instagram").await.is_empty());
    world.control(Method::DELETE, "/faults", json!({})).await;
    id(world.publish(&world.ready_image("다시 된다").await).await);
}

#[tokio::test]
async fn a_lagging_container_can_be_published_before_it_can_be_read() {
    let world = world().await;
    let lag =
        json!({ "provider": "instagram", "path": "*/media", "fault": "lag", "value": 600_000 });
    world.fault(lag).await;
    let container = world.ready_image("보이지 않는 준비").await;
    let unreadable = || world.graph(Method::GET, &format!("/{container}?fields=status_code"));

    let (status, error) = answer(unreadable().send().await.unwrap()).await;
    assert_eq!(status, 400);
    assert_eq!(error["error"]["code"], 100);
    assert_eq!(error["error"]["error_subcode"], 33);
    world.pass_time(600_000).await;
    assert_eq!(world.status(&container).await, "FINISHED");
}

#[tokio::test]
async fn a_lagging_post_is_out_and_shown_later() {
    let world = world().await;
    let container = world.ready_image("늦게 보이는 게시").await;
    let lag = json!({
        "provider": "instagram", "path": "media_publish", "fault": "lag", "value": 600_000,
    });
    world.fault(lag).await;

    let (status, post) = world.publish(&container).await;

    assert_eq!(status, 200);
    assert_eq!(
        world.posts("instagram").await.len(),
        1,
        "the public sees it"
    );
    let node = format!("/{}?fields=permalink", post["id"].as_str().unwrap());
    assert_eq!(world.status(&container).await, "FINISHED");
    let (status, _) = answer(world.graph(Method::GET, &node).send().await.unwrap()).await;
    assert_eq!(status, 400);
    assert_eq!(listed(&world).await, 0);
    let (status, again) = world.publish(&container).await;
    assert_eq!(
        status, 400,
        "it is published once, whatever is shown: {again}"
    );

    world.pass_time(600_000).await;
    assert_eq!(world.status(&container).await, "PUBLISHED");
    assert!(world.graph_get(&node).await["permalink"].is_string());
    assert_eq!(listed(&world).await, 1);
}

async fn listed(world: &World) -> usize {
    let list = world.graph_get(&format!("/{USER}/media?fields=id")).await;
    list["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_late_list_shows_last_what_is_read_already() {
    let world = world().await;
    let container = world.ready_image("늦은 목록").await;
    let late = json!({ "provider": "instagram", "path": "media_publish", "fault": "late-list", "value": 600_000 });
    world.fault(late).await;

    let (_, post) = world.publish(&container).await;

    assert_eq!(world.status(&container).await, "PUBLISHED");
    let node = format!("/{}?fields=permalink", post["id"].as_str().unwrap());
    assert!(world.graph_get(&node).await["permalink"].is_string());
    assert_eq!(listed(&world).await, 0);
    world.pass_time(600_000).await;
    assert_eq!(listed(&world).await, 1);
}

#[tokio::test]
async fn a_contradiction_is_an_error_of_what_was_done_and_is_shown_later() {
    let world = world().await;
    let container = world.ready_image("모순").await;
    let fault = json!({
        "provider": "instagram", "path": "media_publish", "fault": "contradict", "value": 600_000,
    });
    world.fault(fault).await;

    let (status, error) = world.publish(&container).await;

    assert_eq!(status, 400);
    assert_eq!(error["error"]["error_subcode"], 2_207_051);
    assert_eq!(world.posts("instagram").await.len(), 1);
    assert_eq!(world.status(&container).await, "FINISHED");
    world.pass_time(600_000).await;
    assert_eq!(world.status(&container).await, "PUBLISHED");
}

#[tokio::test]
async fn a_contradiction_may_have_an_answer_of_its_own() {
    let world = world().await;
    let value = json!({ "ms": 1_000, "status": 503, "body": { "why": "busy" } });

    let (met, out) = publish_under(&world, json!({ "fault": "contradict", "value": value })).await;

    assert_eq!(answer(met.unwrap()).await, (503, json!({ "why": "busy" })));
    assert_eq!(out, 1);
}

#[tokio::test]
async fn a_lagging_message_is_sent_and_found_later() {
    let world = world().await;
    let by_key = "senderGroupingKey=delivery-1";
    for fault in ["lag", "late-list"] {
        let key = format!("key-{fault}");
        let lag = json!({ "provider": "kakao-channel", "fault": fault, "value": 600_000 });
        let before = world.look_up(by_key).await["totalCount"].clone();
        world.fault(lag).await;

        let sent = world.send(&key, &message(&["01012345678"])).await;

        let id = sent["message"]["requestId"].as_str().unwrap();
        let by_id = world.look_up(&format!("requestId={id}")).await;
        assert_eq!(by_id["totalCount"] == 1, fault == "late-list", "{fault}");
        assert_eq!(world.look_up(by_key).await["totalCount"], before, "{fault}");
        world.pass_time(600_000).await;
        let by_id = world.look_up(&format!("requestId={id}")).await;
        assert_eq!(by_id["totalCount"], 1, "{fault}");
        assert_ne!(world.look_up(by_key).await["totalCount"], before, "{fault}");
    }
}

#[tokio::test]
async fn an_answer_may_come_in_an_encoding_that_nobody_asked_for() {
    for (value, encoding, begins) in [
        ("gzip", Some("gzip"), &[0x1f, 0x8b][..]),
        ("deflate", Some("deflate"), &[0x78]),
        ("zstd", Some("zstd"), &[0x28, 0xb5, 0x2f, 0xfd]),
        ("br", Some("br"), &[]),
        ("bom", None, &[0xef, 0xbb, 0xbf, b'{']),
    ] {
        let world = world().await;
        let fault = json!({ "fault": "compressed", "value": value });
        let (met, out) = publish_under(&world, fault).await;
        let met = met.unwrap();
        let told = met.headers().get(header::CONTENT_ENCODING);
        let told = told.map(|told| told.to_str().unwrap().to_owned());
        assert_eq!(told.as_deref(), encoding);
        let body = met.bytes().await.unwrap();
        assert!(body.starts_with(begins), "{value}: {body:?}");
        assert_eq!(out, 1);
    }
}

#[tokio::test]
async fn a_provider_may_repeat_what_it_was_sent() {
    let world = world().await;
    let (met, out) = publish_under(&world, json!({ "fault": "echo-secret" })).await;
    let met = met.unwrap();
    let header = met.headers()["x-echo-0"].to_str().unwrap().to_owned();
    assert!(header.starts_with("sandbox-"), "{header}");
    let (status, body) = answer(met).await;
    assert_eq!(status, 200);
    assert!(body["id"].is_string(), "its own answer is there: {body}");
    assert_eq!(body["echo"]["as0"], header);
    assert_eq!(out, 1);

    let refused = json!({ "fault": "echo-secret", "value": 400 });
    let (met, out) = publish_under(&world, refused).await;
    let (status, body) = answer(met.unwrap()).await;
    assert_eq!((status, out), (400, 1), "it did nothing");
    assert!(
        body["error"]["message"].as_str().unwrap().contains(&header),
        "{body}"
    );
}
