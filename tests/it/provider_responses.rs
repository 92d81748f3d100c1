//! Hostile answers of providers: a wait without an end, echoed secrets, encodings that were not requested.

use std::time::Duration;

use baepo_adapters::SystemClock;
use baepo_domain::Timestamp;
use baepo_domain::model::time::until;
use baepo_domain::ports::clock::Clock as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use it::{Host, Owner, Program, autumn_event, eventually, eventually_within};
use serde_json::{Map, Value, json};

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
async fn a_channel_with_a_delivery_that_waits_is_not_deleted() {
    let host = Host::start().await;
    let owner = host.connected_owner("shop-1").await;
    let header = ("Retry-After", "9999999999");
    let distribution = published_with_retry_after(&host, &owner, header).await;
    let operator = host.operator();
    let refused = operator.delete("instagram", None).await.expect(409);
    let reason = refused["reason"].as_str().expect("a reason");
    let expected = "the channel instagram is needed: 1 deliveries of it are not settled";
    assert!(reason.starts_with(expected), "{reason}");

    let withdrawn = owner
        .act(&distribution, "instagram", "withdraw", &Value::Null)
        .await;
    assert_eq!(withdrawn.expect(200)["status"], "WITHDRAWN");
    let _ = operator.delete("instagram", None).await.expect(204);
    let status = owner.status(&distribution, "instagram").await;
    assert_eq!(status, "WITHDRAWN", "what was delivered stays readable");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_excessive_retry_after_is_capped_and_overridden_by_a_manual_retry() {
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
        let path = format!("/api/distribution/{distribution}");
        let of_operator = host.operator().get(&path).await.expect(200);
        let limit = "retry.longest_asked_ms";
        assert!(of_operator.to_string().contains(limit), "{of_operator:#}");
        assert!(!delivery.to_string().contains(limit), "{delivery:#}");

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
async fn retry_after_accepts_a_date_and_ignores_an_invalid_value() {
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

/// Taken by every stand-in, and of characters that every spelling spells in another way.
const CANARY: &str = "sandbox-canary/of+the=mine 71c2";
const CHANNELS: [&str; 5] = [
    "instagram",
    "kakao-channel",
    "uridongne-tv",
    "genie-tv",
    "ringo-biz",
];

/// With the channels' own examples, and the canary for every secret.
async fn connect_with_canaries(owner: &Owner) {
    owner.connect_all().await;
    let channels = owner.get("/api/channels").await.expect(200);
    for channel in channels["items"].as_array().expect("a list") {
        let id = channel["id"].as_str().expect("an id");
        let named = channel["secrets"].as_array().expect("a list").iter();
        let secrets: Map<String, Value> = named
            .filter_map(|secret| Some((secret["name"].as_str()?.to_owned(), json!(CANARY))))
            .collect();
        let patch = owner.request(reqwest::Method::PATCH, &format!("/api/accounts/{id}"));
        let patched = owner.send(patch.json(&json!({"secrets": secrets}))).await;
        let _ = patched.expect(200);
    }
}

/// The canary as others write it, of each kind, and twice.
fn spellings() -> Vec<String> {
    let percent = |text: &str| {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
            _ => format!("%{byte:02x}"),
        };
        text.bytes().map(byte).collect::<String>()
    };
    let each = |escape: &dyn Fn(u8) -> String| CANARY.bytes().map(escape).collect::<String>();
    let mut spelled = vec![
        CANARY.to_owned(),
        CANARY.replace('/', "\\/"),
        CANARY.replace(' ', "+"),
        percent(CANARY),
        percent(CANARY).replace("%20", "+"),
        percent(&percent(CANARY)),
        each(&|byte| format!("%{byte:02x}")),
        each(&|byte| format!("\\u{byte:04x}")),
        each(&|byte| format!("&#x{byte:x};")),
        each(&|byte| format!("&#{byte};")),
        each(&|byte| format!("{byte:02x}")),
    ];
    // What stands in the middle whatever comes before it.
    for before in ["", "a", "ab"] {
        for engine in [&STANDARD, &URL_SAFE] {
            let whole = engine.encode(format!("{before}{CANARY}"));
            spelled.push(whole[4..whole.len() - 4].to_owned());
        }
    }
    spelled
}

/// In any case of its digits, and also where JSON or a program's log has escaped the escapes.
fn assert_clean(what: &str, text: &str) {
    let text = text.to_lowercase();
    for text in [text.clone(), text.replace("\\\\", "\\")] {
        for spelling in spellings() {
            let found = text.find(&spelling.to_lowercase());
            let around = found.map(|at| text.get(at.saturating_sub(80)..at + 80));
            assert!(found.is_none(), "{spelling} in {what}: {around:?}");
        }
    }
}

/// Everything that is kept, as text.
async fn kept(store: &dyn baepo_domain::ports::Store, distributions: &[String]) -> String {
    let mut text = String::new();
    for distribution in distributions {
        let id = distribution.parse().expect("an id");
        for delivery in store.deliveries(id).await.expect("a read") {
            let moves = store.delivery_revisions(delivery.id, 0, 1_000).await;
            text += &format!("{delivery:?}\n{:?}\n", moves.expect("a read"));
        }
        for attempt in store.attempts(id).await.expect("a read") {
            let journal = store.journal(attempt.id).await.expect("a read");
            text += &serde_json::to_string(&journal).expect("JSON");
            text += &serde_json::to_string(&attempt).expect("JSON");
        }
    }
    let page = baepo_domain::ports::Page {
        after: None,
        limit: 1_000,
    };
    text += &format!("{:?}", store.outbox(page).await.expect("a read"));
    text
}

/// Providers that repeat what they were sent, beside every answer and as the words of a refusal.
#[tokio::test(flavor = "multi_thread")]
async fn an_echoed_secret_is_redacted_in_every_encoding() {
    let program = Program::start(&[]).await;
    let stack = program.stack().clone();
    let owner = program.owner("shop-1");
    connect_with_canaries(&owner).await;
    program.sandbox().set_review_time(Duration::ZERO).await;
    let mut distributions = Vec::new();
    let mut seen = String::new();
    for (value, status) in [(Value::Null, "LIVE"), (json!(400), "FAILED")] {
        for provider in CHANNELS {
            let echo = value.clone();
            program
                .sandbox()
                .faults(provider, "*", "echo-secret", echo, 0)
                .await;
            let answer = owner.publish_new(&autumn_event(&[provider])).await;
            let id = answer.body["distributionId"]
                .as_str()
                .expect("an id")
                .to_owned();
            seen += &answer.body.to_string();
            // A refusal may be tried again for a while.
            let is_refusal = !value.is_null();
            eventually_within(Duration::from_secs(90), provider, || async {
                let delivery = owner.delivery(&id, provider).await;
                let status = delivery["status"].as_str().unwrap_or_default();
                let is_open = ["PENDING", "RUNNING", "ACCEPTED"].contains(&status);
                !is_open || (is_refusal && delivery["attempts"].as_u64() > Some(1))
            })
            .await;
            let delivery = owner.delivery(&id, provider).await;
            if value.is_null() {
                assert_eq!(delivery["status"], status, "{delivery:#}");
            }
            seen += &delivery.to_string();
            distributions.push(id);
            program.sandbox().clear_faults().await;
        }
    }
    for path in ["/api/accounts", "/api/events", "/api/audit"] {
        seen += &owner.get(path).await.body.to_string();
    }
    seen += &program
        .operator()
        .get("/api/admin/outbox")
        .await
        .body
        .to_string();

    let stopped = program.stop().await;
    let store = stack.open_store(&stopped.data()).await;
    let kept = kept(store.as_ref(), &distributions).await;
    store.close().await;

    assert!(kept.contains("[secret]"), "they were echoed");
    assert_clean("an answer", &seen);
    assert_clean("the log", &stopped.stderr);
    assert_clean("the store", &kept);
}
