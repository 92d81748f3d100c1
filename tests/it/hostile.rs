//! Components that misbehave: contained, named by the limit that they hit, and nobody else
//! notices.

use it::{Host, autumn_event, guest};

/// Publishes to a hostile channel and a good one; gives what operators read about the first.
async fn beside_a_good_channel(name: &str) -> String {
    let channel = name.replace('_', "-");
    let host = Host::builder().also(guest(name)).start().await;
    let owner = host.connected_owner("shop-1").await;

    let answer = owner
        .publish_new(&autumn_event(&[&channel, "kakao-channel"]))
        .await;

    assert_eq!(
        answer.result("kakao-channel")["status"],
        "LIVE",
        "{:#}",
        answer.body
    );
    let hostile = answer.result(&channel);
    assert_eq!(hostile["status"], "FAILED", "{hostile:#}");
    let release = hostile["release"].as_str().unwrap()[..12].to_owned();
    let text = hostile["message"].as_str().unwrap();
    assert!(
        text.starts_with("The channel's program has a fault") && !text.contains("limit"),
        "the owner reads what they can do: {text}"
    );
    let distribution = answer.body["distributionId"].as_str().unwrap();
    let message = host.operator().detail(distribution, &channel).await;
    assert!(
        message.contains(&channel) && message.contains(&release),
        "{message}"
    );
    let pool = host.app().pool_in_use();
    assert_eq!(pool, Default::default(), "the pool is whole afterwards");
    assert_eq!(host.operator().holders().await, 0);
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_runs_out_of_fuel() {
    let message = beside_a_good_channel("endless_loop").await;
    assert!(
        message.contains("limit \"fuel\": used 1,000,000,000 of 1,000,000,000"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_hog_hits_the_memory_limit() {
    let message = beside_a_good_channel("memory_hog").await;
    assert!(message.contains("limit \"memory\""), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_result_hits_the_limit_of_what_is_handed_over() {
    let message = beside_a_good_channel("oversized_result").await;
    assert!(
        message.contains("limit \"call_bytes\": used more than 2,162,688 bytes of 2,162,688 bytes"),
        "{message}"
    );
    assert!(message.len() < 1_000, "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_recursion_hits_the_stack_limit() {
    let message = beside_a_good_channel("deep_recursion").await;
    assert!(message.contains("limit \"stack\""), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_reported_with_message_and_location() {
    let message = beside_a_good_channel("trap").await;
    assert!(message.contains("the component trapped"), "{message}");
    assert!(
        message.contains("trap.rs:"),
        "the author sees where: {message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_logs_hits_the_log_limit() {
    let message = beside_a_good_channel("log_flood").await;
    assert!(message.contains("limit \"log bytes\""), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_host_calls_hits_the_call_limit() {
    let message = beside_a_good_channel("host_call_flood").await;
    assert!(message.contains("limit \"host calls\""), "{message}");
}
