//! Publishing again: nothing is posted twice, and a repeated request gets its answer.

use it::{Host, autumn_event, eventually};
use reqwest::Method;
use serde_json::json;

const BOTH: [&str; 2] = ["instagram", "kakao-channel"];

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
