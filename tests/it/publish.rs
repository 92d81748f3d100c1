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
        .faults("instagram", "media_publish", "delay", json!(2_000), 1)
        .await;

    let request = owner.request(Method::POST, &format!("/api/events/{event}/publish"));
    let client = tokio::spawn(request.send());
    eventually("the provider has the request", || async {
        host.sandbox().active_faults().await == 0
    })
    .await;
    client.abort();
    assert!(client.await.is_err_and(|gone| gone.is_cancelled()));

    eventually("the event is active", || async {
        owner.get(&format!("/api/events/{event}")).await.body["status"] == "ACTIVE"
    })
    .await;
    assert_eq!(host.sandbox().posts("instagram").await.len(), 1);
}
