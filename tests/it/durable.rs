//! Attempts that sleep: they cost nothing while they do, outlive the host, and go on as they
//! were.

use baepo_runtime::PoolUse;
use futures::StreamExt as _;
use it::{Host, HostBuilder, Owner, autumn_event, eventually, guest};
use serde_json::{Value, json};

/// A host with the channel `slow` alone, whose sleeps are long from 100 ms on and whose publishes
/// are answered soon.
fn with_slow() -> HostBuilder {
    Host::builder()
        .components([guest("slow")])
        .config(|config| {
            config.runtime.short_sleep_ms = 100;
            config.publish.answer_within_ms = 300;
        })
}

fn sleeping_event(sleep_ms: u64) -> Value {
    let mut draft = autumn_event(&["slow"]);
    draft["channelSettings"] = json!({"slow": {"sleepMs": sleep_ms}});
    draft
}

/// Publishes an event that sleeps that long: its distribution.
async fn asleep(owner: &Owner, sleep_ms: u64) -> String {
    let answer = owner.publish_new(&sleeping_event(sleep_ms)).await;
    let answered = answer.expect(200);
    let distribution = answered["distributionId"].as_str().unwrap().to_owned();
    eventually("the delivery sleeps", || async {
        delivery(owner, &distribution).await["nextAttemptAt"].is_string()
    })
    .await;
    distribution
}

async fn delivery(owner: &Owner, distribution: &str) -> Value {
    owner.distribution(distribution).await["deliveries"][0].clone()
}

async fn live(owner: &Owner, distribution: &str) -> Value {
    eventually("the sleeper wakes and is live", || async {
        owner.status(distribution, "slow").await == "LIVE"
    })
    .await;
    delivery(owner, distribution).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleeping_attempt_holds_no_instance_and_shows_its_wake_time() {
    let host = with_slow().start().await;
    let owner = host.connected_owner("shop-1").await;

    let distribution = asleep(&owner, 2_000).await;

    let sleeping = delivery(&owner, &distribution).await;
    assert_eq!(sleeping["status"], "RUNNING", "{sleeping:#}");
    assert!(sleeping["nextAttemptAt"].is_string(), "{sleeping:#}");
    assert_eq!(host.operator().holders().await, 1, "it needs its release");
    assert_eq!(host.app().pool_in_use(), PoolUse::default());
    let woken = live(&owner, &distribution).await;
    assert_eq!(woken["attempts"], 1, "it is the same attempt: {woken:#}");
    assert_eq!(woken["nextAttemptAt"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleeping_attempt_survives_a_restart_on_its_release() {
    let host = with_slow().start().await;
    let owner = host.connected_owner("shop-1").await;
    let first = host.operator().releases("slow").await[0]["digest"].clone();
    let distribution = asleep(&owner, 6_000).await;
    let operator = host.operator();
    let staged = operator.upload_bytes("slow", another_release()).await;
    let second = staged.expect(201)["digest"].as_str().unwrap().to_owned();
    let _ = operator.promote("slow", &second).await.expect(200);

    let host = host.restart().await;

    let owner = host.owner("shop-1");
    let sleeping = delivery(&owner, &distribution).await;
    assert_eq!(sleeping["status"], "RUNNING", "it sleeps on: {sleeping:#}");
    let woken = live(&owner, &distribution).await;
    assert_eq!(woken["release"], first);
    assert_eq!(woken["attempts"], 1, "{woken:#}");
    let new = asleep(&owner, 500).await;
    assert_eq!(live(&owner, &new).await["release"], second);
}

/// `slow` with a word more in it that changes nothing: another release.
fn another_release() -> Vec<u8> {
    let mut component = std::fs::read(guest("slow")).unwrap();
    // A custom section of three bytes: a name of two, and no content.
    component.extend([0, 3, 2, b'v', b'2']);
    component
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_waking_together_respect_the_concurrency_limit_and_all_finish() {
    const SLEEPERS: usize = 200;
    const CONCURRENCY: u32 = 4;
    let host = with_slow()
        .config(|config| {
            config.runtime.concurrency = CONCURRENCY;
            config.runtime.pool_instances = CONCURRENCY + 1;
        })
        .start()
        .await;
    let owner = host.connected_owner("shop-1").await;
    let distributions: Vec<String> = futures::stream::iter(0..SLEEPERS)
        .map(|_| async {
            let answer = owner.publish_new(&sleeping_event(5_000)).await.expect(200);
            answer["distributionId"].as_str().unwrap().to_owned()
        })
        .buffer_unordered(64)
        .collect()
        .await;

    let mut most = 0;
    for distribution in &distributions {
        eventually("a sleeper is live", || {
            most = most.max(host.app().pool_in_use().instances);
            async { owner.status(distribution, "slow").await == "LIVE" }
        })
        .await;
    }

    assert!(most <= u64::from(CONCURRENCY), "{most} instances at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_delivery_is_resolved_by_a_provider_lookup() {
    let host = Host::builder()
        .config(|config| config.runtime.short_sleep_ms = 100)
        .start()
        .await;
    let owner = host.connected_owner("shop-1").await;
    let sandbox = host.sandbox();
    sandbox
        .fault("kakao-channel", "freestyle-messages", "reset-after")
        .await;
    sandbox
        .faults("kakao-channel", "*/messages", "status", json!(404), 0)
        .await;

    let answer = owner.publish_new(&autumn_event(&["kakao-channel"])).await;

    let result = answer.result("kakao-channel");
    assert_eq!(result["status"], "UNKNOWN", "{result:#}");
    let distribution = answer.body["distributionId"].as_str().unwrap();
    sandbox.clear_faults().await;
    eventually("its provider is asked and has it", || async {
        owner.status(distribution, "kakao-channel").await == "LIVE"
    })
    .await;
    assert_eq!(sandbox.posts("kakao-channel").await.len(), 1);
}
