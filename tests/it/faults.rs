//! Providers that fail: the outcome is right, and the post is there at most once.

use std::time::Duration;

use it::{FaultCase, Host, Owner, autumn_event, eventually, plugin};
use serde_json::{Value, json};

/// Longer than a channel looks for a post in doubt.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(90);

async fn published_to_instagram(host: &Host) -> (Owner, it::ApiResponse) {
    let owner = host.connected_owner("shop-1").await;
    let answer = owner.publish_new(&autumn_event(&["instagram"])).await;
    (owner, answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publish_with_a_lost_response_is_found_and_not_repeated() {
    let host = Host::start().await;
    host.sandbox()
        .fault("instagram", "media_publish", "reset-after")
        .await;

    let (_, answer) = published_to_instagram(&host).await;

    assert_eq!(
        answer.result("instagram")["status"],
        "LIVE",
        "{:#}",
        answer.body
    );
    assert_eq!(host.sandbox().posts("instagram").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undelivered_request_is_resent() {
    let host = Host::start().await;
    host.sandbox()
        .fault("instagram", "media_publish", "reset-before")
        .await;

    let (_, answer) = published_to_instagram(&host).await;

    assert_eq!(
        answer.result("instagram")["status"],
        "LIVE",
        "{:#}",
        answer.body
    );
    assert_eq!(host.sandbox().posts("instagram").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restriction_error_with_the_post_live_is_live() {
    let host = Host::start().await;
    let restricted = json!({
        "status": 400,
        "after": true,
        "body": {"error": {"message": "restricted", "type": "OAuthException", "code": 4, "error_subcode": 2_207_051, "is_transient": false, "fbtrace_id": "x"}}
    });
    host.sandbox()
        .faults("instagram", "media_publish", "status", restricted, 1)
        .await;

    let (_, answer) = published_to_instagram(&host).await;

    assert_eq!(
        answer.result("instagram")["status"],
        "LIVE",
        "{:#}",
        answer.body
    );
    assert_eq!(host.sandbox().posts("instagram").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_channel_times_out_without_delaying_others() {
    let host = Host::builder()
        .config(|config| {
            config.runtime.request_time_ms = 1_000;
            config.publish.answer_within_ms = 2_500;
        })
        .start()
        .await;
    let owner = host.connected_owner("shop-1").await;
    host.sandbox()
        .faults("instagram", "*", "hang", Value::Null, 0)
        .await;

    let answer = owner
        .publish_new(&autumn_event(&["instagram", "kakao-channel"]))
        .await;

    let kakao = answer.result("kakao-channel");
    assert_eq!(kakao["status"], "LIVE");
    let message = answer.result("instagram")["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(message.ends_with("It goes on by itself."), "{message}");
    assert!(!message.contains("limit"), "{message}");
    let distribution = answer.expect(200)["distributionId"]
        .as_str()
        .unwrap()
        .to_owned();

    host.sandbox().clear_faults().await;
    eventually(
        "instagram goes live by itself when the provider is back",
        || async { owner.status(&distribution, "instagram").await == "LIVE" },
    )
    .await;
    assert_eq!(host.sandbox().posts("instagram").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_briefly_unavailable_provider_is_retried() {
    let host = Host::start().await;
    host.sandbox()
        .faults(
            "instagram",
            "content_publishing_limit",
            "status",
            json!(503),
            2,
        )
        .await;

    let (_, answer) = published_to_instagram(&host).await;

    let result = answer.result("instagram");
    assert_eq!(
        (&result["status"], &result["attempts"]),
        (&json!("LIVE"), &json!(3)),
        "{result:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_content_fails_with_a_remedy() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let mut draft = autumn_event(&["instagram", "kakao-channel"]);
    // A picture that Kakao takes and Instagram does not.
    draft["content"]["media"][0]["mimeType"] = json!("image/png");

    let answer = owner.publish_new(&draft).await;

    let instagram = answer.result("instagram");
    assert_eq!(instagram["status"], "FAILED");
    assert!(
        !instagram["findings"].as_array().unwrap().is_empty(),
        "{instagram:#}"
    );
    assert_eq!(
        answer.expect(200)["status"],
        "ACTIVE",
        "the other channel has it"
    );
}

/// Every fault, at every request that a publish sends: at most one post, and nothing claimed that
/// is not so.
#[tokio::test(flavor = "multi_thread")]
async fn any_fault_at_any_request_posts_at_most_once() {
    // A channel that looks before it repeats takes its time.
    it::each_fault_case(12, at_most_once).await;
}

async fn at_most_once((provider, path, fault, value): FaultCase) {
    let host = Host::builder()
        .components([plugin(provider)])
        .config(|config| config.runtime.request_time_ms = 1_000)
        .start()
        .await;
    let owner = host.connected_owner("shop-1").await;
    host.sandbox().faults(provider, path, fault, value, 1).await;
    let answer = owner.publish_new(&autumn_event(&[provider])).await;
    let distribution = answer.body["distributionId"].as_str().unwrap();
    let what = format!("{provider} {path} {fault}");
    // A review continues after the answer.
    it::eventually_within(LOOKUP_TIMEOUT, &what, || async {
        owner.distribution(distribution).await["completedAt"].is_string()
    })
    .await;
    let delivery = owner.delivery(distribution, provider).await;
    // What stands at a provider is out by then.
    host.sandbox().advance(Duration::from_secs(3_600)).await;
    let posts = host.sandbox().posts(provider).await.len();
    it::assert_consistent_outcome(&what, &delivery, posts);
    host.stop().await;
}
