//! Instagram as it is in the field: reads lag behind, errors are untrue, films take long, and captions
//! are no proof. On a clock that is moved from one look to the next, with the channel's own times.

use std::sync::Arc;
use std::time::{Duration, Instant};

use baepo_adapters::SystemClock;
use baepo_domain::Timestamp;
use baepo_domain::clock::{Clock as _, ManualClock, until};
use it::{Host, Outside, Owner, Stack, autumn_event};
use serde_json::{Value, json};

/// Of real time, for whatever is behind the clock.
const GIVE_UP_AFTER: Duration = Duration::from_secs(120);

struct Scene {
    outside: Outside,
    // Stops when it is dropped.
    _host: Host,
    clock: Arc<ManualClock>,
    owner: Owner,
}

/// An owner whose account is Instagram's alone, with every setting at its default.
async fn scene() -> Scene {
    let outside = Outside::start().await;
    // The stand-ins' own clock begins there.
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let host = Host::builder()
        .on(Stack::Embedded)
        .clock(Arc::clone(&clock) as _)
        // Every wait is one that this clock ends.
        .config(|config| config.runtime.short_sleep_ms = 0)
        .reaching(&outside)
        .start()
        .await;
    let owner = host.owner("shop-1");
    let account = json!({
        "settings": {"igUserId": "17841400000000001"},
        "secrets": {"accessToken": "sandbox-instagram-token"},
    });
    let connected = owner.put("/api/accounts/instagram", &account).await;
    assert!(connected.status.is_success(), "{:#}", connected.body);
    Scene {
        outside,
        _host: host,
        clock,
        owner,
    }
}

impl Scene {
    async fn fault(&self, path: &str, fault: &str, value: Value, times: u32) {
        let control = self.outside.control();
        control.faults("instagram", path, fault, value, times).await;
    }

    async fn posts(&self) -> Vec<Value> {
        self.outside.control().posts("instagram").await
    }

    /// How often the stand-in was asked for that.
    async fn requests(&self, request: &str) -> usize {
        let requests = self.outside.control().requests("instagram").await;
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

    async fn withdraw(&self, distribution: &Value) -> it::Answer {
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
            let looks: Option<Vec<Timestamp>> = open.map(next_look).collect();
            let next = looks.and_then(|looks| looks.into_iter().min());
            let wait = next.map_or(Duration::ZERO, |next| until(self.clock.now(), next));
            let wait = wait + Duration::from_millis(1);
            self.outside.control().advance(wait).await;
            self.clock.advance(wait);
            assert!(begin.elapsed() < GIVE_UP_AFTER, "{distributions:#?}");
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
fn next_look(distribution: &Value) -> Option<Timestamp> {
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
async fn an_error_of_a_post_that_is_out_is_looked_at_until_the_container_stops_lagging() {
    let scene = scene().await;
    let restricted = json!({"status": 400, "after": true, "body": graph_error(4, 2_207_051)});
    scene.fault("media_publish", "status", restricted, 1).await;
    // The look before the publish, and two after it.
    let finished = json!({"status": 200, "body": {"status_code": "FINISHED"}});
    scene.fault("/v26.0/1788*", "status", finished, 3).await;

    let [ended] = scene.publish([&autumn_event(&["instagram"])]).await;

    let delivery = delivery(&ended);
    let posts = scene.posts().await;
    assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
    assert_eq!(posts.len(), 1);
    assert_eq!(delivery["externalId"], posts[0]["externalId"]);
    let publishes = scene.requests("POST /v26.0/17841400000000001/media_publish");
    assert_eq!(publishes.await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_lags_for_ever_is_unknown_and_never_failed() {
    let scene = scene().await;
    let restricted = json!({"status": 400, "after": true, "body": graph_error(4, 2_207_051)});
    scene.fault("media_publish", "status", restricted, 1).await;
    let finished = json!({"status": 200, "body": {"status_code": "FINISHED"}});
    scene.fault("/v26.0/1788*", "status", finished, 0).await;

    let [ended] = scene.publish([&autumn_event(&["instagram"])]).await;

    let delivery = delivery(&ended);
    assert_eq!(delivery["status"], "UNKNOWN", "{delivery:#}");
    assert_eq!(scene.posts().await.len(), 1);
    let containers = scene.requests("POST /v26.0/17841400000000001/media");
    assert_eq!(containers.await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reel_that_is_processed_for_long_has_one_container_and_goes_live() {
    let scene = scene().await;
    scene.outside.control().set(&json!({"videoReads": 8})).await;

    let [ended] = scene.publish([&reel()]).await;

    let delivery = delivery(&ended);
    assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
    assert_eq!(delivery["attempts"], 1, "{delivery:#}");
    let containers = scene.requests("POST /v26.0/17841400000000001/media");
    assert_eq!(containers.await, 1);
    assert_eq!(scene.posts().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reel_that_is_processed_for_hours_has_one_container_and_goes_live() {
    let scene = scene().await;
    scene
        .outside
        .control()
        .set(&json!({"videoReads": 60}))
        .await;
    let begin = scene.clock.now();

    let [ended] = scene.publish([&reel()]).await;

    let delivery = delivery(&ended);
    assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
    let took = until(begin, scene.clock.now());
    assert!(took > Duration::from_secs(12 * 3_600), "{took:?}");
    let containers = scene.requests("POST /v26.0/17841400000000001/media");
    assert_eq!(containers.await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_container_that_cannot_be_read_at_first_goes_live() {
    let scene = scene().await;
    let unreadable = json!({"status": 400, "body": graph_error(100, 33)});
    scene.fault("/v26.0/1788*", "status", unreadable, 2).await;

    let [ended] = scene.publish([&autumn_event(&["instagram"])]).await;

    let delivery = delivery(&ended);
    assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
    assert_eq!(delivery["attempts"], 1, "{delivery:#}");
    assert_eq!(scene.posts().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_can_never_be_read_is_tried_again_and_then_named() {
    let scene = scene().await;
    let unreadable = json!({"status": 400, "body": graph_error(100, 33)});
    scene.fault("/v26.0/1788*", "status", unreadable, 0).await;

    let [ended] = scene.publish([&autumn_event(&["instagram"])]).await;

    let delivery = delivery(&ended);
    assert_eq!(delivery["status"], "FAILED", "{delivery:#}");
    assert!(delivery["attempts"].as_u64() > Some(1), "{delivery:#}");
    let message = delivery["message"].as_str().unwrap();
    assert!(message.contains("does not show yet"), "{message}");
    assert!(!message.contains("did not take it"), "{message}");
    let publishes = scene.requests("POST /v26.0/17841400000000001/media_publish");
    assert_eq!(publishes.await, 0);
    assert_eq!(scene.posts().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_posts_with_one_caption_a_withdrawal_leaves_the_other_s_alone() {
    let scene = scene().await;
    scene
        .fault("media_publish", "reset-after", Value::Null, 2)
        .await;
    let draft = autumn_event(&["instagram"]);

    let [first, second] = scene.publish([&draft, &draft]).await;

    let ids = [&first, &second].map(|ended| {
        let delivery = delivery(ended);
        assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
        &delivery["externalId"]
    });
    assert!(ids[0].is_null() || ids[0] != ids[1], "{ids:?}");
    assert_eq!(scene.posts().await.len(), 2);
    let answer = scene.withdraw(&first).await;
    let left = scene.posts().await;
    if ids[0].is_null() {
        assert!(!answer.status.is_success(), "{:#}", answer.body);
        let told = answer.body.to_string();
        assert!(told.contains("look for the post"), "{told}");
        assert_eq!(left.len(), 2, "nothing is deleted without proof");
    } else {
        let _ = answer.expect(200);
        assert_eq!(left.len(), 1);
        assert_ne!(&left[0]["externalId"], ids[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_in_doubt_gets_its_own_id_beside_one_with_the_same_caption() {
    let scene = scene().await;
    let draft = autumn_event(&["instagram"]);
    scene
        .fault("media_publish", "reset-after", Value::Null, 1)
        .await;

    let [first, second] = scene.publish([&draft, &draft]).await;
    scene
        .fault("media_publish", "reset-after", Value::Null, 1)
        .await;
    let [third] = scene.publish([&draft]).await;

    let posts = scene.posts().await;
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
    let _ = scene.withdraw(&third).await.expect(200);
    let left = scene.posts().await;
    assert_eq!(left.len(), 2);
    let third = &delivery(&third)["externalId"];
    assert!(left.iter().all(|post| post["externalId"] != *third));
}
