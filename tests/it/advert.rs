//! What is an advert on Kakao, and what follows from that: the mark, the night, the way out.

use std::time::Duration;

use baepo_domain::Timestamp;
use baepo_domain::model::time::after;
use baepo_domain::ports::clock::Clock as _;
use it::{Host, Owner, SandboxProviders, autumn_event_at, eventually};
use reqwest::Method;
use serde_json::{Value, json};

const HOUR: Duration = Duration::from_secs(3_600);

/// Ten in the evening in Seoul.
fn evening() -> Timestamp {
    "2027-03-02T13:00:00Z".parse().unwrap()
}

async fn set(owner: &Owner, settings: Value) {
    let patch = owner.request(Method::PATCH, "/api/accounts/kakao-channel");
    let settings = json!({"settings": settings});
    let _ = owner.send(patch.json(&settings)).await.expect(200);
}

fn titled(title: &str, begin: Timestamp) -> Value {
    let mut event = autumn_event_at(&["kakao-channel"], begin);
    event["content"]["title"] = json!(title);
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn every_spelling_of_the_advert_mark_is_deferred_to_the_morning_and_normalized() {
    let providers = SandboxProviders::start().await;
    let (host, clock) = Host::at(evening(), &providers).await;
    let owner = host.connected_owner("shop-1").await;
    let number = json!({"advertising": false, "unsubscribeNumber": "080-1234-5678"});
    set(&owner, number).await;
    let mut distributions = Vec::new();
    for title in [
        "（광고） 봄",
        "(광 고) 봄",
        "【광/고】봄",
        "\u{200b}[광\u{200b}고] 봄",
    ] {
        let answer = owner.publish_new(&titled(title, clock.now())).await;
        let result = answer.result("kakao-channel");
        assert_eq!(result["status"], "RUNNING", "{title}: {result:#}");
        distributions.push(answer.body["distributionId"].as_str().unwrap().to_owned());
    }
    assert_eq!(providers.control().requests("kakao-channel").await, [""; 0]);

    clock.advance(HOUR * 10);

    for distribution in &distributions {
        eventually("it is sent in the morning", || async {
            owner.status(distribution, "kakao-channel").await == "LIVE"
        })
        .await;
    }
    let posts = providers.control().posts("kakao-channel").await;
    assert_eq!(posts.len(), distributions.len());
    for post in &posts {
        let text = post["text"].as_str().unwrap();
        assert!(text.starts_with("(광고) 봄\n"), "{text}");
        assert_eq!(text.matches("광").count(), 1, "{text}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_with_an_advert_mark_requires_an_opt_out() {
    let providers = SandboxProviders::start().await;
    let (host, clock) = Host::at(evening(), &providers).await;
    let owner = host.connected_owner("shop-1").await;
    set(
        &owner,
        json!({"advertising": false, "unsubscribeNumber": null}),
    )
    .await;
    let event = owner.create(&titled("（광고） 봄", clock.now())).await;

    let path = format!("/api/events/{event}/check");
    let check = owner.post(&path, &json!({})).await.expect(200);
    let places: Vec<&str> = check["items"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["severity"] == "error")
        .map(|finding| finding["at"].as_str().unwrap())
        .collect();
    let number = "/accounts/kakao-channel/settings/unsubscribeNumber";
    assert_eq!(places, [number], "{check:#}");
    let _ = owner.publish(&event).await.expect(502);
    assert_eq!(providers.control().requests("kakao-channel").await, [""; 0]);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_notice_is_sent_at_night_without_an_advert_mark() {
    let providers = SandboxProviders::start().await;
    let (host, clock) = Host::at(evening(), &providers).await;
    let owner = host.connected_owner("shop-1").await;
    set(&owner, json!({"advertising": true})).await;
    let mut notice = titled("월요일은 쉽니다", clock.now());
    notice["channelSettings"] = json!({"kakao-channel": {"advertising": false}});

    let answer = owner.publish_new(&notice).await;

    let result = answer.result("kakao-channel");
    assert_eq!(result["status"], "LIVE", "{result:#}");
    let posts = providers.control().posts("kakao-channel").await;
    let text = posts[0]["text"].as_str().unwrap();
    assert!(text.starts_with("월요일은 쉽니다\n"), "{text}");
    // The same account's adverts wait, and so does a notice that is marked as one.
    for (title, options) in [
        ("봄맞이", json!({})),
        ("(광고) 월요일은 쉽니다", json!({"advertising": false})),
    ] {
        let mut advert = titled(title, after(clock.now(), HOUR));
        advert["channelSettings"] = json!({"kakao-channel": options});
        let answer = owner.publish_new(&advert).await;
        assert_eq!(answer.result("kakao-channel")["status"], "RUNNING");
    }
    assert_eq!(providers.control().posts("kakao-channel").await.len(), 1);
    host.stop().await;
}
