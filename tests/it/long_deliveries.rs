//! Deliveries that take days, on a clock that is moved by hand.

use std::sync::Arc;
use std::time::Duration;

use baepo_adapters::SystemClock;
use baepo_domain::Timestamp;
use baepo_domain::model::time::until;
use baepo_domain::ports::clock::{Clock as _, ManualClock};
use it::{Host, Owner, SandboxProviders, Stack, autumn_event_at, eventually, guest, plugin};
use reqwest::Method;
use serde_json::{Value, json};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Eleven at night in Seoul.
fn night() -> Timestamp {
    "2027-03-02T14:00:00Z".parse().unwrap()
}

fn next_lookup(delivery: &Value) -> Option<Timestamp> {
    delivery["nextAttemptAt"].as_str()?.parse().ok()
}

/// Moves both clocks to the delivery's next look, and waits until it has looked.
async fn advance_to_next_lookup(
    owner: &Owner,
    clock: &ManualClock,
    providers: &SandboxProviders,
    place: (&str, &str),
) -> Value {
    let (distribution, channel) = place;
    let before = owner.delivery(distribution, channel).await;
    let due = next_lookup(&before).unwrap_or_else(|| panic!("no next look: {before:#}"));
    let wait = until(clock.now(), due) + Duration::from_millis(1);
    providers.control().advance(wait).await;
    clock.advance(wait);
    eventually("it has looked", || async {
        let delivery = owner.delivery(distribution, channel).await;
        delivery["status"] == "LIVE" || next_lookup(&delivery).is_some_and(|next| next > due)
    })
    .await;
    owner.delivery(distribution, channel).await
}

/// The same release with a word more in it that changes nothing: another one.
fn another_release(channel: &str) -> Vec<u8> {
    let mut component = std::fs::read(plugin(channel)).unwrap();
    // A custom section of three bytes: a name of two, and no content.
    component.extend([0, 3, 2, b'v', b'2']);
    component
}

#[tokio::test(flavor = "multi_thread")]
async fn a_three_day_review_survives_restarts_and_a_release_change_and_goes_live() {
    let providers = SandboxProviders::start().await;
    providers.control().set_review_time(DAY * 3).await;
    // The stand-ins' own clock begins there.
    let (mut host, clock) = Host::at(SystemClock.now(), &providers).await;
    let mut owner = host.connected_owner("shop-1").await;
    let first = host.operator().releases("genie-tv").await[0]["digest"].clone();
    let begin = clock.now();
    let draft = autumn_event_at(&["genie-tv"], begin);
    let publishing = tokio::spawn({
        let owner = owner.clone();
        async move { owner.publish_new(&draft).await }
    });
    // KT takes a moment to look at the film.
    while !publishing.is_finished() {
        clock.advance(Duration::from_millis(100));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let answer = publishing.await.unwrap().expect(200);
    let distribution = answer["distributionId"].as_str().unwrap().to_owned();
    let place = (distribution.as_str(), "genie-tv");
    eventually("it is under review, and sleeps", || async {
        let delivery = owner.delivery(&distribution, "genie-tv").await;
        delivery["status"] == "ACCEPTED" && next_lookup(&delivery).is_some()
    })
    .await;

    let mut looks = 0;
    let mut delivery = owner.delivery(&distribution, "genie-tv").await;
    while delivery["status"] != "LIVE" {
        delivery = advance_to_next_lookup(&owner, &clock, &providers, place).await;
        looks += 1;
        assert!(looks < 500, "it never ends: {delivery:#}");
        if looks == 20 {
            let operator = host.operator();
            let staged = operator.upload_bytes("genie-tv", another_release("genie-tv"));
            let second = staged.await.expect(201)["digest"].clone();
            let promoted = operator.promote("genie-tv", second.as_str().unwrap());
            let _ = promoted.await.expect(200);
        }
        if looks == 10 || looks == 40 {
            host = host.restart().await;
            owner = host.owner("shop-1");
        }
    }

    let took = until(begin, clock.now());
    assert!(took >= DAY * 3 && took < DAY * 3 + DAY / 12, "{took:?}");
    assert!(looks > 40, "{looks} looks: the restarts were in the middle");
    assert_eq!(delivery["attempts"], 1, "{delivery:#}");
    assert_eq!(delivery["release"], first, "it stayed on its release");
    let campaigns = providers.control().campaigns("genie-tv").await;
    assert_eq!(campaigns.len(), 1, "{campaigns:#?}");
    assert_eq!(providers.control().posts("genie-tv").await.len(), 1);
}

/// An advert that was published at eleven at night, to an owner who only advertises.
struct NightFixture {
    providers: SandboxProviders,
    host: Host,
    clock: Arc<ManualClock>,
    owner: Owner,
    answer: it::ApiResponse,
}

impl NightFixture {
    async fn published() -> Self {
        let providers = SandboxProviders::start().await;
        let clock = Arc::new(ManualClock::at(night()));
        let host = Host::builder()
            .on(Stack::Embedded)
            .clock(Arc::clone(&clock) as _)
            .config(|config| config.runtime.short_sleep_ms = 0)
            .with_providers(&providers)
            .also(guest("slow"))
            .start()
            .await;
        let owner = host.connected_owner("shop-1").await;
        let advertising = json!({"settings": {"advertising": true}});
        let patch = owner.request(Method::PATCH, "/api/accounts/kakao-channel");
        let _ = owner.send(patch.json(&advertising)).await.expect(200);
        let event = autumn_event_at(&["kakao-channel"], clock.now());
        let answer = owner.publish_new(&event).await;
        Self {
            providers,
            host,
            clock,
            owner,
            answer,
        }
    }

    fn distribution(&self) -> &str {
        self.answer.body["distributionId"].as_str().unwrap()
    }

    /// Moves the clock by that much, and waits until a delivery that was due just then has woken: by
    /// then the timers have seen to all that was due before.
    async fn advance(&self, time: Duration) {
        let mut draft = autumn_event_at(&["slow"], self.clock.now());
        let millis = u64::try_from(time.as_millis()).unwrap();
        draft["channelSettings"] = json!({"slow": {"sleepMs": millis}});
        let answer = self.owner.publish_new(&draft).await.expect(200);
        let distribution = answer["distributionId"].as_str().unwrap();
        eventually("it sleeps", || async {
            let delivery = self.owner.delivery(distribution, "slow").await;
            next_lookup(&delivery).is_some()
        })
        .await;
        self.clock.advance(time);
        eventually("it has woken", || async {
            self.owner.status(distribution, "slow").await == "LIVE"
        })
        .await;
    }

    async fn sent(&self) -> usize {
        self.providers.control().posts("kakao-channel").await.len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advert_published_at_night_is_reported_immediately_and_sent_once_at_eight() {
    let night = NightFixture::published().await;

    let reported = night.answer.result("kakao-channel");
    assert_eq!(reported["status"], "RUNNING", "{reported:#}");
    let message = reported["message"].as_str().unwrap();
    assert!(message.contains("08:00"), "{message}");
    assert_eq!(night.sent().await, 0);
    let (clock, owner) = (&night.clock, &night.owner);
    let delivery = owner.delivery(night.distribution(), "kakao-channel").await;
    let eight: Timestamp = "2027-03-02T23:00:00Z".parse().unwrap();
    assert_eq!(next_lookup(&delivery), Some(eight), "{delivery:#}");
    let nearly = until(clock.now(), eight) - Duration::from_secs(60);
    night.advance(nearly).await;
    assert_eq!(night.sent().await, 0);
    clock.advance(Duration::from_secs(61));
    eventually("it is sent", || async {
        owner.status(night.distribution(), "kakao-channel").await == "LIVE"
    })
    .await;
    assert_eq!(night.sent().await, 1);
    night.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advert_deferred_to_the_morning_can_be_cancelled() {
    let night = NightFixture::published().await;
    let distribution = night.distribution();

    let withdrawn = night
        .owner
        .act(distribution, "kakao-channel", "withdraw", &Value::Null)
        .await;

    assert_eq!(withdrawn.expect(200)["status"], "WITHDRAWN");
    night.advance(DAY).await;
    assert_eq!(night.sent().await, 0);
    let status = night.owner.status(distribution, "kakao-channel").await;
    assert_eq!(status, "WITHDRAWN");
    night.host.stop().await;
}
