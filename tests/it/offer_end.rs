//! Nothing is sent after the end of an offer: by no channel, on no path.

use std::time::Duration;

use baepo_domain::Timestamp;
use baepo_domain::model::time::{after, before, until};
use baepo_domain::ports::clock::Clock as _;
use it::{Host, Owner, SandboxProviders, autumn_event_at, eventually};
use reqwest::Method;
use serde_json::{Value, json};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// Half past nine in the evening in Seoul.
fn evening() -> Timestamp {
    "2027-03-02T12:30:00Z".parse().unwrap()
}

/// A minute before midnight of that day.
fn midnight() -> Timestamp {
    "2027-03-02T14:59:00Z".parse().unwrap()
}

/// An event of these channels that ends then.
fn event_until(channels: &[&str], begins: Timestamp, ends: Timestamp) -> Value {
    let mut event = autumn_event_at(channels, begins);
    event["content"]["period"]["endsAt"] = json!(ends);
    event
}

async fn advertiser(host: &Host) -> Owner {
    let owner = host.connected_owner("shop-1").await;
    let advertising = json!({"settings": {"advertising": true}});
    let patch = owner.request(Method::PATCH, "/api/accounts/kakao-channel");
    let _ = owner.send(patch.json(&advertising)).await.expect(200);
    owner
}

/// What the owner reads of it, in both languages.
async fn message(owner: &Owner, distribution: &str, channel: &str) -> [String; 2] {
    let [korean, english] = [owner.reading("ko"), owner.reading("en")];
    let (korean, english) = (
        korean.delivery(distribution, channel).await,
        english.delivery(distribution, channel).await,
    );
    [korean, english].map(|delivery| delivery["message"].as_str().unwrap_or_default().to_owned())
}

async fn ends_failed(owner: &Owner, distribution: &str, channel: &str) {
    eventually("it has failed", || async {
        owner.status(distribution, channel).await == "FAILED"
    })
    .await;
    let delivery = owner.delivery(distribution, channel).await;
    assert_eq!(
        delivery["findings"][0]["at"], "/content/period/endsAt",
        "{delivery:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advert_deferred_past_the_offer_end_is_warned_and_fails_immediately() {
    let providers = SandboxProviders::start().await;
    let (host, clock) = Host::at(evening(), &providers).await;
    let owner = advertiser(&host).await;
    let event = event_until(&["kakao-channel"], clock.now(), midnight());
    let id = owner.create(&event).await;

    let check = owner
        .reading("ko")
        .post(&format!("/api/events/{id}/check"), &json!({}))
        .await
        .expect(200);
    let findings = check["items"][0]["findings"].as_array().unwrap().clone();
    let warned = findings.iter().any(|finding| {
        let message = finding["message"].as_str().unwrap();
        finding["severity"] == "warning" && message.contains("23:59") && message.contains("08:00")
    });
    assert!(warned, "{check:#}");

    let answer = owner.publish(&id).await.expect(502);
    let distribution = answer["distributionId"].as_str().unwrap().to_owned();
    ends_failed(&owner, &distribution, "kakao-channel").await;
    let [korean, english] = message(&owner, &distribution, "kakao-channel").await;
    assert!(
        korean.contains("3월 3일 08:00") && korean.contains("3월 2일 23:59"),
        "{korean}"
    );
    assert!(english.contains("2027-03-02 23:59 KST"), "{english}");
    clock.advance(HOUR * 24);
    providers.control().advance(HOUR * 24).await;
    assert_eq!(providers.control().requests("kakao-channel").await, [""; 0]);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_with_an_ended_offer_fails_publish_and_check() {
    let providers = SandboxProviders::start().await;
    let (host, clock) = Host::at(evening(), &providers).await;
    let owner = host.connected_owner("shop-1").await;
    let yesterday = before(clock.now(), HOUR * 24);
    let channels = ["instagram", "naver-blog", "kakao-channel", "genie-tv"];
    let event = event_until(&channels, before(yesterday, HOUR), yesterday);
    let id = owner.create(&event).await;

    for (language, word) in [("ko", "끝났습니다"), ("en", "The offer ended")] {
        let reader = owner.reading(language);
        let refused = reader.publish(&id).await.expect(422);
        assert_eq!(refused["errors"][0]["at"], "/content/period/endsAt");
        let text = refused["errors"][0]["message"].as_str().unwrap();
        assert!(text.contains(word), "{refused:#}");
        let check = reader
            .post(&format!("/api/events/{id}/check"), &json!({}))
            .await
            .expect(200);
        for item in check["items"].as_array().unwrap() {
            let over = item["findings"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|finding| {
                    let at = finding["at"].as_str().unwrap();
                    finding["severity"] == "error" && at.starts_with("/content/period")
                });
            assert_eq!(over.count(), 1, "{item:#}");
        }
    }
    let event = owner.get(&format!("/api/events/{id}")).await.expect(200);
    assert_eq!(event["status"], "DRAFT");
    for provider in it::WITH_PROVIDER {
        assert_eq!(providers.control().requests(provider).await, [""; 0]);
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_after_the_offer_end_is_rejected_and_one_close_to_it_warned() {
    let providers = SandboxProviders::start().await;
    let (host, clock) = Host::at(evening(), &providers).await;
    let owner = host.connected_owner("shop-1").await;
    let ends = after(clock.now(), HOUR * 48);
    let id = owner
        .create(&event_until(&["instagram"], clock.now(), ends))
        .await;
    let path = format!("/api/events/{id}/schedule");
    let at = |time: Timestamp| json!({"publishAt": time});

    for time in [ends, after(ends, MINUTE)] {
        let refused = owner.reading("ko").put(&path, &at(time)).await.expect(422);
        assert_eq!(refused["errors"][0]["at"], "/publishAt", "{refused:#}");
        let text = refused["errors"][0]["message"].as_str().unwrap();
        assert!(text.contains("3월 4일 21:30"), "{text}");
    }
    let far = owner.put(&path, &at(after(clock.now(), HOUR))).await;
    assert_eq!(far.expect(200)["warnings"], Value::Null);
    let close = before(ends, HOUR);
    let warned = owner.put(&path, &at(close)).await.expect(200);
    assert_eq!(warned["warnings"][0]["at"], "/publishAt", "{warned:#}");

    // The offer is made to end earlier than the publish.
    let draft = event_until(&["instagram"], clock.now(), before(close, MINUTE));
    let content = owner
        .put(&format!("/api/events/{id}/content"), &draft["content"])
        .await
        .expect(200);
    let warning = &content["schedule"]["warnings"][0]["message"];
    let warning = warning.as_str().unwrap();
    assert!(warning.contains("20:29"), "{content:#}");
    clock.advance(HOUR * 49);
    eventually("the schedule says why nothing was published", || async {
        let event = owner.get(&format!("/api/events/{id}")).await.expect(200);
        event["schedule"]["problem"].is_string()
    })
    .await;
    assert_eq!(providers.control().requests("instagram").await, [""; 0]);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_send_nothing_after_the_offer_end_unless_it_is_extended() {
    let providers = SandboxProviders::start().await;
    let (host, clock) = Host::at(evening(), &providers).await;
    let owner = host.connected_owner("shop-1").await;
    let down = json!({"status": 503, "body": {}});
    let control = providers.control();
    control.faults("instagram", "", "status", down, 0).await;
    // The next attempt would come 50 ms later at the earliest.
    let ends = after(clock.now(), Duration::from_millis(50));
    let event = event_until(&["instagram"], clock.now(), ends);
    let answer = owner.publish_new(&event).await.expect(502);
    let distribution = answer["distributionId"].as_str().unwrap().to_owned();
    ends_failed(&owner, &distribution, "instagram").await;
    control.clear_faults().await;
    let seen = control.requests("instagram").await.len();

    clock.advance(HOUR);
    let act = async || {
        let body = Value::Null;
        owner.act(&distribution, "instagram", "retry", &body).await
    };
    assert!(act().await.status.is_success());
    ends_failed(&owner, &distribution, "instagram").await;
    let [korean, english] = message(&owner, &distribution, "instagram").await;
    assert!(korean.contains("끝나서 보내지 않았습니다"), "{korean}");
    assert!(english.contains("so nothing was sent"), "{english}");
    let id = answer["eventId"].as_str().unwrap();
    let _ = owner.publish(id).await.expect(422);
    assert_eq!(control.requests("instagram").await.len(), seen);
    assert_eq!(control.posts("instagram").await.len(), 0);

    let later = event_until(&["instagram"], clock.now(), after(clock.now(), HOUR));
    let path = format!("/api/events/{id}/content");
    let _ = owner.put(&path, &later["content"]).await.expect(200);
    assert!(act().await.status.is_success());
    eventually("it is out", || async {
        let delivery = owner.delivery(&distribution, "instagram").await;
        if let Some(due) = delivery["nextAttemptAt"].as_str() {
            clock.advance(until(clock.now(), due.parse().unwrap()));
        }
        delivery["status"] == "LIVE"
    })
    .await;
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advert_deferred_past_the_offer_end_is_not_sent_after_a_restart() {
    let providers = SandboxProviders::start().await;
    let eleven: Timestamp = "2027-03-02T14:00:00Z".parse().unwrap();
    let (host, clock) = Host::at(eleven, &providers).await;
    let owner = advertiser(&host).await;
    let nine = after(eleven, HOUR * 10);
    let event = event_until(&["kakao-channel"], eleven, nine);
    let answer = owner.publish_new(&event).await;
    assert_eq!(answer.result("kakao-channel")["status"], "RUNNING");
    let distribution = answer.body["distributionId"].as_str().unwrap();

    // It should wake at eight, and the machine sleeps until ten.
    clock.advance(HOUR * 11);
    let host = host.restart().await;

    let owner = host.owner("shop-1");
    ends_failed(&owner, distribution, "kakao-channel").await;
    assert_eq!(providers.control().requests("kakao-channel").await, [""; 0]);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_waking_after_the_offer_end_sends_nothing() {
    let providers = SandboxProviders::start().await;
    let (host, clock) = Host::at(evening(), &providers).await;
    let owner = host.connected_owner("shop-1").await;
    // KT looks at the film for an hour of its own clock.
    let slow = json!({"creativeMs": 3_600_000});
    providers.control().set(&slow).await;
    let event = event_until(&["genie-tv"], clock.now(), after(clock.now(), HOUR));
    let id = owner.create(&event).await;
    let publishing = tokio::spawn({
        let (owner, id) = (owner.clone(), id.clone());
        async move { owner.publish(&id).await }
    });
    let path = format!("/api/events/{id}");
    eventually("it is distributed", || async {
        owner.get(&path).await.expect(200)["distributionId"].is_string()
    })
    .await;
    let event = owner.get(&path).await.expect(200);
    let distribution = event["distributionId"].as_str().unwrap();
    eventually("it sleeps until the next look", || async {
        let delivery = owner.delivery(distribution, "genie-tv").await;
        delivery["status"] == "RUNNING" && delivery["nextAttemptAt"].is_string()
    })
    .await;

    clock.advance(HOUR * 2);

    ends_failed(&owner, distribution, "genie-tv").await;
    assert_eq!(providers.control().campaigns("genie-tv").await.len(), 0);
    let _ = publishing.await.unwrap();
    host.stop().await;
}
