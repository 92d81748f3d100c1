//! Everything that can break at a provider, and what must hold whatever breaks.

use futures::StreamExt as _;
use serde_json::{Value, json};
use tokio::task::JoinError;

/// A fault at a request: `(provider, path, fault, value)`, as the sandbox's controls take it.
pub type FaultCase = (&'static str, &'static str, &'static str, Value);

/// Every fault at every request that a publish sends.
fn fault_cases() -> Vec<FaultCase> {
    let requests = [
        ("instagram", "content_publishing_limit"),
        ("instagram", "media"),
        ("instagram", "media_publish"),
        ("instagram", "/v26.0/*"),
        // A container, and the post that comes of it.
        ("instagram", "/v26.0/1788*"),
        ("instagram", "/v26.0/1792*"),
        ("kakao-channel", "freestyle-messages"),
        ("uridongne-tv", "/oauth2/token"),
        ("uridongne-tv", "/v1/creatives"),
        ("uridongne-tv", "/v1/creatives/*"),
        ("uridongne-tv", "/v1/forecasts"),
        ("uridongne-tv", "/v1/campaigns"),
        ("uridongne-tv", "/v1/campaigns/*"),
        ("genie-tv", "/oauth2/token"),
        ("genie-tv", "/v1/creatives"),
        ("genie-tv", "/v1/creatives/*"),
        ("genie-tv", "/v1/forecasts"),
        ("genie-tv", "/v1/campaigns"),
        ("genie-tv", "/v1/campaigns/*"),
        ("ringo-biz", "/oauth2/token"),
        ("ringo-biz", "/v1/lines/*"),
        ("ringo-biz", "/v1/tones"),
        ("ringo-biz", "/v1/tones/*"),
        ("ringo-biz", "/v1/assignments"),
        ("ringo-biz", "/v1/assignments/*"),
    ];
    let faults = [
        ("status", json!(500)),
        ("status", json!(429)),
        ("delay", json!(1_500)),
        ("reset-before", Value::Null),
        ("reset-after", Value::Null),
        ("slow-body", json!(20)),
        ("huge-body", json!(16_000_000)),
        ("redirect", Value::Null),
        ("hang", Value::Null),
        // By less than what the channels allow for.
        ("lag", json!(1_500)),
        ("late-list", json!(1_500)),
        ("contradict", json!(1_500)),
        ("compressed", json!("gzip")),
        ("compressed", json!("raw-deflate")),
        ("compressed", json!("br")),
        ("compressed", json!("zstd")),
        ("compressed", json!("bom")),
        ("echo-secret", Value::Null),
        ("echo-secret", json!(500)),
    ];
    let at = |(provider, path): (&'static str, &'static str)| {
        let faults = faults.clone().into_iter();
        faults.map(move |(fault, value)| (provider, path, fault, value))
    };
    requests.into_iter().flat_map(at).collect()
}

/// Carries `trial` out with every one of them, that many at once.
///
/// # Panics
/// When one of them does, with its message; the others are still tried.
pub async fn each_fault_case<F>(at_once: usize, trial: impl Fn(FaultCase) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    // Each in a task of its own: in one, each would keep the others waiting, and their time limits
    // would not.
    let failed = futures::stream::iter(fault_cases())
        .map(|fault_case| tokio::spawn(trial(fault_case)))
        .buffer_unordered(at_once)
        .filter_map(async |ended| ended.err())
        .collect::<Vec<_>>()
        .await;
    let what: Vec<String> = failed.into_iter().map(panic_message).collect();
    assert!(
        what.is_empty(),
        "{} failed:\n{}",
        what.len(),
        what.join("\n")
    );
}

fn panic_message(error: JoinError) -> String {
    let panic = error.into_panic();
    match panic.downcast_ref::<String>() {
        Some(message) => message.clone(),
        None => panic
            .downcast_ref::<&str>()
            .unwrap_or(&"it panicked")
            .to_string(),
    }
}

/// At most one post, and nothing claimed that is not so.
///
/// # Panics
/// When that does not hold; `what` and the delivery say where.
pub fn assert_consistent_outcome(what: &str, delivery: &Value, posts: usize) {
    let status = delivery["status"].as_str().unwrap_or("none");
    let what = format!("{what}: {status} with {posts} posts, {delivery:#}");
    assert!(posts <= 1, "{what}");
    match status {
        "LIVE" => assert_eq!(posts, 1, "{what}"),
        "FAILED" => assert_eq!(posts, 0, "{what}"),
        "UNKNOWN" => {}
        other => panic!("{other} is no end: {what}"),
    }
}
