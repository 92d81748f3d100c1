//! Instagram as it is in the field: reads lag behind, errors are untrue, films take long, and captions
//! are no proof. On a clock that is moved from one look to the next, with the channel's own times.

use std::sync::Arc;
use std::time::{Duration, Instant};

use baepo_adapters::SystemClock;
use baepo_domain::Timestamp;
use baepo_domain::model::time::until;
use baepo_domain::ports::clock::{Clock as _, ManualClock};
use it::{Host, Owner, SandboxProviders, Stack, autumn_event};
use serde_json::{Value, json};

/// Of real time, for whatever is behind the clock.
const TEST_TIMEOUT: Duration = Duration::from_secs(120);

struct Fixture {
    providers: SandboxProviders,
    // Stops when it is dropped.
    _host: Host,
    clock: Arc<ManualClock>,
    owner: Owner,
}

/// An owner whose account is Instagram's alone, with every setting at its default.
async fn fixture() -> Fixture {
    let providers = SandboxProviders::start().await;
    // The stand-ins' own clock begins there.
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let host = Host::builder()
        .on(Stack::Embedded)
        .clock(Arc::clone(&clock) as _)
        // Every wait is one that this clock ends.
        .config(|config| config.runtime.short_sleep_ms = 0)
        .with_providers(&providers)
        .start()
        .await;
    let owner = host.owner("shop-1");
    let account = json!({
        "settings": {"igUserId": "17841400000000001"},
        "secrets": {"accessToken": "sandbox-instagram-token"},
    });
    let connected = owner.put("/api/accounts/instagram", &account).await;
    assert!(connected.status.is_success(), "{:#}", connected.body);
    Fixture {
        providers,
        _host: host,
        clock,
        owner,
    }
}

impl Fixture {
    async fn fault(&self, path: &str, fault: &str, value: Value, times: u32) {
        let control = self.providers.control();
        control.faults("instagram", path, fault, value, times).await;
    }

    async fn posts(&self) -> Vec<Value> {
        self.providers.control().posts("instagram").await
    }

    /// How often the stand-in was asked for that.
    async fn requests(&self, request: &str) -> usize {
        let requests = self.providers.control().requests("instagram").await;
        requests.iter().filter(|seen| *seen == request).count()
    }

    /// Publishes these events at once: their distributions with their deliveries, when all have ended.
    async fn publish<const N: usize>(&self, drafts: [&Value; N]) -> [Value; N] {
        let mut events = Vec::new();
        for draft in drafts {
            events.push(self.owner.create(draft).await);
        }
        for event in &events {
            let (owner, event) = (self.owner.clone(), event.clone());
            // Its answer comes before the end, or not at all.
            tokio::spawn(async move { owner.publish(&event).await });
        }
        let ended = self.ended(&events).await;
        ended.try_into().expect("one for each event")
    }

    async fn withdraw(&self, distribution: &Value) -> it::ApiResponse {
        let id = distribution["distributionId"].as_str().expect("an id");
        self.owner
            .act(id, "instagram", "withdraw", &Value::Null)
            .await
    }

    async fn ended(&self, events: &[String]) -> Vec<Value> {
        let begin = Instant::now();
        loop {
            let mut distributions = Vec::new();
            for event in events {
                distributions.push(self.distribution_of(event).await);
            }
            let is_complete = |found: &Value| found["completedAt"].is_string();
            if distributions.iter().all(is_complete) {
                return distributions;
            }
            let open = distributions.iter().filter(|found| !is_complete(found));
            // Where one of them runs, it is left alone.
            let looks: Option<Vec<Timestamp>> = open.map(next_lookup).collect();
            let next = looks.and_then(|looks| looks.into_iter().min());
            let wait = next.map_or(Duration::ZERO, |next| until(self.clock.now(), next));
            let wait = wait + Duration::from_millis(1);
            self.providers.control().advance(wait).await;
            self.clock.advance(wait);
            assert!(begin.elapsed() < TEST_TIMEOUT, "{distributions:#?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// `null` before its publish has begun.
    async fn distribution_of(&self, event: &str) -> Value {
        let event = self.owner.get(&format!("/api/events/{event}")).await;
        match event.expect(200)["distributionId"].as_str() {
            Some(id) => self.owner.distribution(id).await,
            None => Value::Null,
        }
    }
}

/// Of the delivery that sleeps.
fn next_lookup(distribution: &Value) -> Option<Timestamp> {
    distribution["deliveries"][0]["nextAttemptAt"]
        .as_str()?
        .parse()
        .ok()
}

fn delivery(distribution: &Value) -> &Value {
    &distribution["deliveries"][0]
}

/// A 400 in Meta's form.
fn graph_error(code: i32, subcode: u32) -> Value {
    json!({"error": {
        "message": "x", "type": "OAuthException", "code": code, "error_subcode": subcode,
        "is_transient": false, "fbtrace_id": "x",
    }})
}

fn reel() -> Value {
    let mut draft = autumn_event(&["instagram"]);
    draft["content"]["media"] = json!([{
        "kind": "video", "url": "https://shop.example/autumn.mp4", "mimeType": "video/mp4",
        "bytes": 9_000_000, "width": 1080, "height": 1920, "durationMs": 15_000,
    }]);
    draft
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_after_publishing_is_reconciled_once_the_container_catches_up() {
    let fixture = fixture().await;
    let restricted = json!({"status": 400, "after": true, "body": graph_error(4, 2_207_051)});
    fixture
        .fault("media_publish", "status", restricted, 1)
        .await;
    // The look before the publish, and two after it.
    let finished = json!({"status": 200, "body": {"status_code": "FINISHED"}});
    fixture.fault("/v26.0/1788*", "status", finished, 3).await;

    let [ended] = fixture.publish([&autumn_event(&["instagram"])]).await;

    let delivery = delivery(&ended);
    let posts = fixture.posts().await;
    assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
    assert_eq!(posts.len(), 1);
    assert_eq!(delivery["externalId"], posts[0]["externalId"]);
    let publishes = fixture.requests("POST /v26.0/17841400000000001/media_publish");
    assert_eq!(publishes.await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endlessly_lagging_container_ends_unknown_and_never_failed() {
    let fixture = fixture().await;
    let restricted = json!({"status": 400, "after": true, "body": graph_error(4, 2_207_051)});
    fixture
        .fault("media_publish", "status", restricted, 1)
        .await;
    let finished = json!({"status": 200, "body": {"status_code": "FINISHED"}});
    fixture.fault("/v26.0/1788*", "status", finished, 0).await;

    let [ended] = fixture.publish([&autumn_event(&["instagram"])]).await;

    let delivery = delivery(&ended);
    assert_eq!(delivery["status"], "UNKNOWN", "{delivery:#}");
    assert_eq!(fixture.posts().await.len(), 1);
    let containers = fixture.requests("POST /v26.0/17841400000000001/media");
    assert_eq!(containers.await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slowly_processed_reel_uses_one_container_and_goes_live() {
    let fixture = fixture().await;
    fixture
        .providers
        .control()
        .set(&json!({"videoReads": 8}))
        .await;

    let [ended] = fixture.publish([&reel()]).await;

    let delivery = delivery(&ended);
    assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
    assert_eq!(delivery["attempts"], 1, "{delivery:#}");
    let containers = fixture.requests("POST /v26.0/17841400000000001/media");
    assert_eq!(containers.await, 1);
    assert_eq!(fixture.posts().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reel_processed_for_hours_uses_one_container_and_goes_live() {
    let fixture = fixture().await;
    fixture
        .providers
        .control()
        .set(&json!({"videoReads": 60}))
        .await;
    let begin = fixture.clock.now();

    let [ended] = fixture.publish([&reel()]).await;

    let delivery = delivery(&ended);
    assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
    let took = until(begin, fixture.clock.now());
    assert!(took > Duration::from_secs(12 * 3_600), "{took:?}");
    let containers = fixture.requests("POST /v26.0/17841400000000001/media");
    assert_eq!(containers.await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_unreadable_at_first_goes_live() {
    let fixture = fixture().await;
    let unreadable = json!({"status": 400, "body": graph_error(100, 33)});
    fixture.fault("/v26.0/1788*", "status", unreadable, 2).await;

    let [ended] = fixture.publish([&autumn_event(&["instagram"])]).await;

    let delivery = delivery(&ended);
    assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
    assert_eq!(delivery["attempts"], 1, "{delivery:#}");
    assert_eq!(fixture.posts().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_container_is_retried_then_reported() {
    let fixture = fixture().await;
    let unreadable = json!({"status": 400, "body": graph_error(100, 33)});
    fixture.fault("/v26.0/1788*", "status", unreadable, 0).await;

    let [ended] = fixture.publish([&autumn_event(&["instagram"])]).await;

    let delivery = delivery(&ended);
    assert_eq!(delivery["status"], "FAILED", "{delivery:#}");
    assert!(delivery["attempts"].as_u64() > Some(1), "{delivery:#}");
    let message = delivery["message"].as_str().unwrap();
    assert!(message.contains("does not show yet"), "{message}");
    assert!(!message.contains("did not take it"), "{message}");
    let publishes = fixture.requests("POST /v26.0/17841400000000001/media_publish");
    assert_eq!(publishes.await, 0);
    assert_eq!(fixture.posts().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_does_not_affect_another_post_with_the_same_caption() {
    let fixture = fixture().await;
    fixture
        .fault("media_publish", "reset-after", Value::Null, 2)
        .await;
    let draft = autumn_event(&["instagram"]);

    let [first, second] = fixture.publish([&draft, &draft]).await;

    let ids = [&first, &second].map(|ended| {
        let delivery = delivery(ended);
        assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
        &delivery["externalId"]
    });
    assert!(ids[0].is_null() || ids[0] != ids[1], "{ids:?}");
    assert_eq!(fixture.posts().await.len(), 2);
    let answer = fixture.withdraw(&first).await;
    let left = fixture.posts().await;
    if ids[0].is_null() {
        assert!(!answer.status.is_success(), "{:#}", answer.body);
        let text = answer.body.to_string();
        assert!(text.contains("look for the post"), "{text}");
        assert_eq!(left.len(), 2, "nothing is deleted without proof");
    } else {
        let _ = answer.expect(200);
        assert_eq!(left.len(), 1);
        assert_ne!(&left[0]["externalId"], ids[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uncertain_post_is_matched_to_its_own_id_despite_equal_captions() {
    let fixture = fixture().await;
    let draft = autumn_event(&["instagram"]);
    fixture
        .fault("media_publish", "reset-after", Value::Null, 1)
        .await;

    let [first, second] = fixture.publish([&draft, &draft]).await;
    fixture
        .fault("media_publish", "reset-after", Value::Null, 1)
        .await;
    let [third] = fixture.publish([&draft]).await;

    let posts = fixture.posts().await;
    let mut out: Vec<&str> = posts
        .iter()
        .filter_map(|post| post["externalId"].as_str())
        .collect();
    out.sort_unstable();
    let mut found = [&first, &second, &third].map(|ended| {
        let id = delivery(ended)["externalId"].as_str();
        id.unwrap_or_else(|| panic!("no id: {ended:#}"))
    });
    found.sort_unstable();
    assert_eq!(found[..], out[..], "each has a post of its own");
    let _ = fixture.withdraw(&third).await.expect(200);
    let left = fixture.posts().await;
    assert_eq!(left.len(), 2);
    let third = &delivery(&third)["externalId"];
    assert!(left.iter().all(|post| post["externalId"] != *third));
}
