//! Hostile answers of providers: a wait without an end, echoed secrets, encodings that nobody asked for.

use baepo_adapters::SystemClock;
use baepo_domain::Timestamp;
use baepo_domain::clock::{Clock as _, until};
use it::{Host, Owner, autumn_event, eventually};
use serde_json::{Value, json};

const DAY_S: u64 = 24 * 3_600;

/// Publishes to Instagram, which asks once for that patience, and gives the distribution.
async fn published_with_retry_after(host: &Host, owner: &Owner, header: (&str, &str)) -> String {
    let (name, value) = header;
    let refusal = json!({
        "status": 429,
        "headers": {(name): value},
        "body": {"error": {"message": "too many", "code": 4}},
    });
    host.sandbox()
        .faults(
            "instagram",
            "content_publishing_limit",
            "status",
            refusal,
            1,
        )
        .await;
    let answer = owner.publish_new(&autumn_event(&["instagram"])).await;
    answer.body["distributionId"]
        .as_str()
        .expect("an id")
        .to_owned()
}

fn wait_s(delivery: &Value) -> u64 {
    let due = delivery["nextAttemptAt"].as_str().expect("it is due");
    let due: Timestamp = due.parse().expect("a time");
    until(SystemClock.now(), due).as_secs()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_without_an_end_is_cut_and_a_human_goes_before_it() {
    let usage = r#"{"1":[{"estimated_time_to_regain_access":1e12}]}"#;
    for header in [
        ("Retry-After", "300000000000"),
        ("Retry-After", "9999999999"),
        ("X-Business-Use-Case-Usage", usage),
    ] {
        let host = Host::start().await;
        let owner = host.connected_owner("shop-1").await;
        let distribution = published_with_retry_after(&host, &owner, header).await;

        let delivery = owner.delivery(&distribution, "instagram").await;

        assert_eq!(delivery["status"], "PENDING", "{delivery:#}");
        assert_eq!(delivery["possible"], json!(["retry", "withdraw"]));
        let waits = wait_s(&delivery);
        assert!(waits <= DAY_S && waits > DAY_S - 3_600, "{waits} s");
        let log = delivery["attemptLog"][0]["message"]
            .as_str()
            .unwrap_or_default();
        assert!(log.contains("retry.longest_asked_ms"), "{delivery:#}");

        let retried = owner
            .act(&distribution, "instagram", "retry", &Value::Null)
            .await;
        assert_eq!(retried.expect(200)["status"], "PENDING");
        eventually("it is tried at once", || async {
            owner.status(&distribution, "instagram").await == "LIVE"
        })
        .await;
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_after_may_be_a_date_and_nonsense_is_none() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    // The last one that every form can write: cut as any other.
    let far = ("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT");
    let distribution = published_with_retry_after(&host, &owner, far).await;
    let waits = wait_s(&owner.delivery(&distribution, "instagram").await);
    assert!(waits > DAY_S - 3_600, "{waits} s");

    let refusal = json!({"status": 429, "headers": {"Retry-After": "soon"}});
    host.sandbox()
        .faults(
            "instagram",
            "content_publishing_limit",
            "status",
            refusal,
            1,
        )
        .await;
    let answer = owner.publish_new(&autumn_event(&["instagram"])).await;
    assert_eq!(
        answer.result("instagram")["status"],
        "LIVE",
        "{:#}",
        answer.body
    );
    host.stop().await;
}
