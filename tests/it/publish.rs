//! Publishing converges, and never posts twice.

use it::{Host, autumn_event, eventually};
use reqwest::Method;
use serde_json::json;

const BOTH: [&str; 2] = ["instagram", "kakao-channel"];

#[tokio::test(flavor = "multi_thread")]
async fn one_call_delivers_to_every_channel() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;

    let answer = owner.publish_new(&autumn_event(&BOTH)).await;

    let body = answer.clone().expect(200);
    assert_eq!(body["status"], "ACTIVE");
    for channel in BOTH {
        let result = answer.result(channel);
        assert_eq!(result["status"], "LIVE", "{result:#}");
        assert!(result["externalId"].is_string(), "{result:#}");
        assert_eq!(result["attempts"], 1);
        assert_eq!(host.sandbox().posts(channel).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_event_and_its_completion_reach_the_bus_in_order() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let published = owner.publish_new(&autumn_event(&BOTH)).await.expect(200);

    let outbox = host.operator().get("/api/admin/outbox").await.expect(200);

    let messages = outbox["items"].as_array().unwrap();
    assert_eq!(messages.len(), 2, "{outbox:#}");
    assert_eq!(messages[0]["topic"], "event-topic");
    assert_eq!(messages[0]["payload"]["eventId"], published["eventId"]);
    assert_eq!(messages[0]["payload"]["userId"], "shop-1");
    assert_eq!(messages[0]["payload"]["objective"], "REVISITS");
    assert_eq!(messages[1]["topic"], "distribution-topic");
    assert_eq!(
        messages[1]["payload"]["distributionId"],
        published["distributionId"]
    );
    assert_eq!(
        messages[1]["payload"]["channelResults"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_twice_posts_once() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let event = owner.create(&autumn_event(&BOTH)).await;

    let first = owner.publish(&event).await.expect(200);
    let second = owner.publish(&event).await.expect(200);

    assert_eq!(first["distributionId"], second["distributionId"]);
    assert_eq!(first["distributionResults"], second["distributionResults"]);
    for channel in BOTH {
        assert_eq!(host.sandbox().posts(channel).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_concurrent_publishes_post_once() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let event = owner.create(&autumn_event(&BOTH)).await;

    let answers = (0..10).map(|_| {
        let (owner, event) = (owner.clone(), event.clone());
        tokio::spawn(async move { owner.publish(&event).await.status.as_u16() })
    });
    let answers: Vec<u16> = futures::future::try_join_all(answers).await.unwrap();

    assert!(answers.contains(&200), "{answers:?}");
    assert!(
        answers.iter().all(|status| [200, 409].contains(status)),
        "{answers:?}"
    );
    for channel in BOTH {
        assert_eq!(host.sandbox().posts(channel).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_key_gets_the_same_response_while_the_first_still_runs() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let event = owner.create(&autumn_event(&["instagram"])).await;
    host.sandbox()
        .faults("instagram", "media_publish", "delay", json!(800), 1)
        .await;

    let publish = || {
        let request = owner.request(Method::POST, &format!("/api/events/{event}/publish"));
        owner.send(request.header("Idempotency-Key", "key-1"))
    };
    let (first, second) = tokio::join!(publish(), publish());
    let third = publish().await;

    let first = first.expect(200);
    assert_eq!(first, second.expect(200));
    assert_eq!(first, third.expect(200));
    assert_eq!(host.sandbox().posts("instagram").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_success_is_replayed_and_marked_as_such() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let event = owner.create(&autumn_event(&["instagram"])).await;
    let publish = || owner.send(owner.publish_request(&event, "key-1"));

    let first = publish().await;
    assert!(!first.headers.contains_key("idempotency-replayed"));
    let distribution = first.body["distributionId"].as_str().unwrap().to_owned();
    let withdrawn = owner
        .act(&distribution, "instagram", "withdraw", &json!(null))
        .await;
    let _ = withdrawn.expect(200);

    let again = publish().await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.expect(200), first.expect(200), "as it was answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retryable_failure_is_retried_under_the_same_key() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let event = owner.create(&autumn_event(&["instagram"])).await;
    let publish = || owner.send(owner.publish_request(&event, "key-1"));

    for attempts in 1..=2 {
        let failed = publish().await;
        assert!(!failed.headers.contains_key("idempotency-replayed"));
        assert_eq!(failed.result("instagram")["status"], "FAILED");
        let _ = failed.expect(502);
        assert_eq!(
            host.sandbox().posts("instagram").await.len(),
            0,
            "{attempts}"
        );
    }
    owner.connect_all().await;
    let live = publish().await;
    assert!(!live.headers.contains_key("idempotency-replayed"));
    assert_eq!(live.result("instagram")["status"], "LIVE");
    let again = publish().await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.expect(200), live.expect(200));
    assert_eq!(host.sandbox().posts("instagram").await.len(), 1);

    let other = owner
        .publish_request(&event, "key-1")
        .json(&json!({"channels": ["kakao-channel"]}));
    let _ = owner.send(other).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_repeats_of_a_failure_retry_once() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let event = owner.create(&autumn_event(&["instagram"])).await;
    let publish = || owner.send(owner.publish_request(&event, "key-1"));
    let _ = publish().await.expect(502);
    owner.connect_all().await;

    let answers = futures::future::join_all((0..8).map(|_| publish())).await;

    for answer in answers {
        assert_eq!(answer.result("instagram")["status"], "LIVE");
        let _ = answer.expect(200);
    }
    assert_eq!(host.sandbox().posts("instagram").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_response_with_unfinished_channels_shows_their_current_state() {
    let host = Host::builder()
        .config(|config| config.publish.answer_within_ms = 500)
        .start()
        .await;
    let owner = host.connected_owner("shop-1").await;
    let event = owner.create(&autumn_event(&["instagram"])).await;
    let publish = || owner.send(owner.publish_request(&event, "key-1"));
    host.sandbox()
        .faults("instagram", "media_publish", "delay", json!(2_500), 1)
        .await;

    let early = publish().await;
    assert_eq!(early.result("instagram")["status"], "RUNNING");
    let distribution = early.expect(200)["distributionId"]
        .as_str()
        .unwrap()
        .to_owned();
    eventually("it is live", || async {
        owner.status(&distribution, "instagram").await == "LIVE"
    })
    .await;

    let today = publish().await;
    assert_eq!(today.headers["idempotency-replayed"], "true");
    assert_eq!(today.result("instagram")["status"], "LIVE");
    let _ = today.expect(200);
    assert_eq!(host.sandbox().posts("instagram").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reused_key_with_another_request_is_rejected() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let event = owner.create(&autumn_event(&BOTH)).await;
    let publish = |channels: serde_json::Value| {
        let request = owner.request(Method::POST, &format!("/api/events/{event}/publish"));
        owner.send(
            request
                .header("Idempotency-Key", "key-1")
                .json(&json!({"channels": channels})),
        )
    };

    let _ = publish(json!(["instagram"])).await.expect(200);
    let refused = publish(json!(["kakao-channel"])).await.expect(422);

    assert_eq!(refused["type"], "urn:baepo:problem:idempotency-key-reused");
    assert!(host.sandbox().posts("kakao-channel").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_added_later_is_published_alone() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let event = owner.create(&autumn_event(&["instagram"])).await;
    let _ = owner.publish(&event).await.expect(200);

    let channels = json!({"channels": BOTH});
    let _ = owner
        .put(&format!("/api/events/{event}/channels"), &channels)
        .await
        .expect(200);
    let answer = owner.publish(&event).await;

    assert_eq!(answer.result("kakao-channel")["status"], "LIVE");
    assert_eq!(answer.result("instagram")["attempts"], 1);
    assert_eq!(host.sandbox().posts("instagram").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_event_of_another_owner_is_not_found() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let stranger = host.connected_owner("shop-2").await;
    let event = owner.create(&autumn_event(&BOTH)).await;
    let published = owner.publish(&event).await.expect(200);
    let distribution = published["distributionId"].as_str().unwrap();

    let _ = stranger.publish(&event).await.expect(404);
    let _ = stranger
        .get(&format!("/api/events/{event}"))
        .await
        .expect(404);
    let _ = stranger
        .get(&format!("/api/distribution/{distribution}"))
        .await
        .expect(404);
    let _ = stranger
        .put(
            &format!("/api/events/{event}/objective"),
            &json!({"objective": "SALES"}),
        )
        .await
        .expect(404);
    let _ = stranger
        .post(&format!("/api/events/{event}/check"), &json!({}))
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_draft_is_rejected_with_every_missing_field() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;

    let problem = owner.publish_new(&json!({})).await.expect(422);

    assert_eq!(
        problem["missing"],
        json!(["objective", "recommendation", "content", "channels"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_built_in_parts_is_published() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let whole = autumn_event(&BOTH);
    let event = owner.create(&json!({})).await;

    for part in ["recommendation", "content"] {
        let _ = owner
            .put(&format!("/api/events/{event}/{part}"), &whole[part])
            .await
            .expect(200);
    }
    let objective = json!({"objective": whole["objective"]});
    let _ = owner
        .put(&format!("/api/events/{event}/objective"), &objective)
        .await
        .expect(200);
    let channels = json!({"channels": whole["channels"]});
    let _ = owner
        .put(&format!("/api/events/{event}/channels"), &channels)
        .await
        .expect(200);

    let answer = owner.publish(&event).await;
    assert_eq!(answer.result("instagram")["status"], "LIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publish_without_an_account_requires_connecting() {
    let host = Host::start().await;
    let owner = host.owner("shop-1");
    let event = owner.create(&autumn_event(&BOTH)).await;

    let problem = owner.publish(&event).await;
    let message = problem.result("instagram")["message"].to_string();
    assert!(message.contains("Connect the account first."), "{message}");
    assert!(!message.contains("/api/"), "{message}");
    let _ = problem.expect(502);

    owner.connect_all().await;
    let again = owner.publish(&event).await;
    assert_eq!(again.result("instagram")["status"], "LIVE");
    assert_eq!(again.expect(200)["status"], "ACTIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_data_survives_a_restart() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let draft = autumn_event(&BOTH);
    let published = owner.publish_new(&draft).await.expect(200);
    let unpublished = owner.create(&draft).await;

    let host = host.restart().await;

    let owner = host.owner("shop-1");
    let distribution = published["distributionId"].as_str().unwrap();
    assert_eq!(owner.status(distribution, "instagram").await, "LIVE");
    let answer = owner.publish(&unpublished).await;
    assert_eq!(
        answer.result("kakao-channel")["status"],
        "LIVE",
        "accounts are still connected"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_reports_rejections_and_sends_nothing() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let mut draft = autumn_event(&BOTH);
    draft["content"]["media"][0]["width"] = json!(100);
    let event = owner.create(&draft).await;

    let checked = owner
        .post(&format!("/api/events/{event}/check"), &json!({}))
        .await
        .expect(200);

    let channels = checked["items"].as_array().unwrap();
    let instagram = channels
        .iter()
        .find(|found| found["channel"] == "instagram")
        .unwrap();
    let findings = instagram["findings"].as_array().unwrap();
    let stops = |finding: &serde_json::Value| {
        finding["severity"] == "error" && finding["at"] == "/content/media/0/width"
    };
    assert!(findings.iter().any(stops), "{checked:#}");
    assert!(
        instagram["preview"]
            .as_str()
            .unwrap()
            .contains("가을 단골 감사 이벤트")
    );
    assert!(host.sandbox().requests("instagram").await.is_empty());
    assert!(host.sandbox().requests("kakao-channel").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publish_continues_after_its_client_disconnects() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let event = owner.create(&autumn_event(&["instagram"])).await;
    host.sandbox()
        .faults("instagram", "media_publish", "delay", json!(500), 1)
        .await;

    let request = owner.request(Method::POST, &format!("/api/events/{event}/publish"));
    let gone = request
        .timeout(std::time::Duration::from_millis(100))
        .send()
        .await;
    assert!(gone.is_err_and(|error| error.is_timeout()));

    eventually("the event is active", || async {
        owner.get(&format!("/api/events/{event}")).await.body["status"] == "ACTIVE"
    })
    .await;
    assert_eq!(host.sandbox().posts("instagram").await.len(), 1);
}
