//! Components are swapped while the host serves.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt as _;
use it::{Host, HostBuilder, autumn_event, guest, plugin};
use serde_json::json;

/// A host with the echo channel alone.
fn with_echo() -> HostBuilder {
    Host::builder().components([guest("echo")])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_change_under_load_fails_no_publish() {
    const PUBLISHES: usize = 2_000;
    let provider = it::EchoProvider::start().await;
    let host = with_echo()
        .config(|config| provider.is_reached_by(config))
        .start()
        .await;
    let owner = host.connected_owner("shop-1").await;
    let operator = host.operator();
    let staged = operator.upload("echo", &guest("echo_v2")).await.expect(201);
    let second = staged["digest"].as_str().unwrap().to_owned();
    let first = operator.releases("echo").await[0]["digest"]
        .as_str()
        .unwrap()
        .to_owned();

    let mut publishes = futures::stream::iter(0..PUBLISHES)
        .map(|_| async { owner.publish_new(&echo_event()).await.result("echo") })
        .buffer_unordered(64);
    let mut releases = BTreeMap::new();
    let mut done = 0;
    while let Some(result) = publishes.next().await {
        assert_eq!(result["status"], "LIVE", "{result:#}");
        let release = result["release"].as_str().unwrap().to_owned();
        *releases.entry(release).or_insert(0) += 1;
        done += 1;
        if done == PUBLISHES / 2 {
            let _ = operator.promote("echo", &second).await.expect(200);
        }
    }

    let (before, after) = (releases[&first], releases[&second]);
    assert_eq!(before + after, PUBLISHES);
    assert!(
        before >= PUBLISHES / 2 && after > PUBLISHES / 4,
        "{releases:?}"
    );
}

fn echo_event() -> serde_json::Value {
    autumn_event(&["echo"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_attempt_finishes_on_its_initial_release() {
    let provider = it::EchoProvider::start().await;
    provider.answer_after(Duration::from_millis(1_500));
    let host = with_echo()
        .config(|config| provider.is_reached_by(config))
        .start()
        .await;
    let owner = host.connected_owner("shop-1").await;
    let operator = host.operator();
    let first = operator.releases("echo").await[0]["digest"].clone();
    let staged = operator.upload("echo", &guest("echo_v2")).await.expect(201);

    let publishing = tokio::spawn({
        let owner = owner.clone();
        async move { owner.publish_new(&echo_event()).await }
    });
    it::eventually("an attempt runs", || async {
        operator.holders().await == 1
    })
    .await;
    let _ = operator
        .promote("echo", staged["digest"].as_str().unwrap())
        .await
        .expect(200);

    let releases = operator.releases("echo").await;
    let state_and_holders = |release: &serde_json::Value| {
        (
            release["state"].as_str().unwrap().to_owned(),
            release["holders"].as_u64().unwrap(),
        )
    };
    assert_eq!(state_and_holders(&releases[0]), ("RETIRED".into(), 1));
    assert_eq!(state_and_holders(&releases[1]), ("ACTIVE".into(), 0));
    let answer = publishing.await.unwrap();
    assert_eq!(answer.result("echo")["release"], first);
    assert_eq!(operator.holders().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_restores_the_previous_release() {
    let host = with_echo().start().await;
    let operator = host.operator();
    let first = operator.releases("echo").await[0]["digest"].clone();
    let _ = operator.rollback("echo").await.expect(409);
    let staged = operator.upload("echo", &guest("echo_v2")).await.expect(201);
    assert_eq!(staged["state"], "STAGED");
    let digest = staged["digest"].as_str().unwrap();
    let _ = operator.promote("echo", &digest[..12]).await.expect(200);

    let back = operator.rollback("echo").await.expect(200);

    assert_eq!(back["digest"], first);
    assert_eq!(back["state"], "ACTIVE");
    let host = host.restart().await;
    let releases = host.operator().releases("echo").await;
    assert_eq!(
        releases[0]["state"], "ACTIVE",
        "a restart changes nothing: {releases:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_channel_is_installed_on_a_running_host() {
    let provider = it::EchoProvider::start().await;
    let host = Host::builder()
        .config(|config| provider.is_reached_by(config))
        .start()
        .await;
    let operator = host.operator();
    let staged = operator.upload("echo", &guest("echo")).await.expect(201);
    let _ = operator.approve_and_promote("echo", &staged).await;

    let owner = host.connected_owner("shop-1").await;
    let answer = owner
        .publish_new(&autumn_event(&["echo", "kakao-channel"]))
        .await;

    assert_eq!(answer.result("echo")["status"], "LIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_component_is_rejected_with_the_reason() {
    let host = Host::start().await;
    let operator = host.operator();

    let text = operator
        .upload_bytes("instagram", b"not a component".to_vec())
        .await
        .expect(422);
    assert_eq!(
        text["type"], "urn:baepo:problem:release-rejected",
        "{text:#}"
    );
    let other = operator
        .upload("instagram", &plugin("kakao-channel"))
        .await
        .expect(422);
    assert!(
        other["detail"].as_str().unwrap().contains("kakao-channel"),
        "{other:#}"
    );
    let large = operator
        .upload_bytes("instagram", vec![0; (32 << 20) + 1])
        .await
        .expect(413);
    assert!(
        large["detail"].as_str().unwrap().contains("33554432 bytes"),
        "{large:#}"
    );

    let owner = host.connected_owner("shop-1").await;
    let answer = owner.publish_new(&autumn_event(&["instagram"])).await;
    assert_eq!(
        answer.result("instagram")["status"],
        "LIVE",
        "the active release serves on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_are_restricted_to_operators() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let refused = owner
        .post("/api/admin/channels/instagram/rollback", &json!({}))
        .await;
    let _ = refused.expect(403);
}
