//! Publishing at a time that is set before.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::Timestamp;
use baepo_domain::model::time::after;
use baepo_domain::ports::clock::{Clock as _, ManualClock};
use it::{Host, Owner, SandboxProviders, Stack, autumn_event_at, eventually};
use serde_json::{Value, json};

const HOUR: Duration = Duration::from_secs(3_600);

/// A host at noon of a day in Seoul, that stays there until it is moved.
async fn at_noon(providers: &SandboxProviders) -> (Host, Arc<ManualClock>) {
    let noon: Timestamp = "2027-03-02T03:00:00Z".parse().unwrap();
    let clock = Arc::new(ManualClock::at(noon));
    let host = Host::builder()
        .on(Stack::Embedded)
        .clock(Arc::clone(&clock) as _)
        .with_providers(providers)
        .start()
        .await;
    (host, clock)
}

async fn wait_until_active(owner: &Owner, event: &str) {
    eventually("the event is active", || async {
        let event = owner.get(&format!("/api/events/{event}")).await.expect(200);
        event["status"] == "ACTIVE" && event["schedule"] == Value::Null
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_publish_starts_once_at_its_time() {
    let providers = SandboxProviders::start().await;
    let (host, clock) = at_noon(&providers).await;
    let owner = host.connected_owner("shop-1").await;
    let event = owner
        .create(&autumn_event_at(&["instagram"], clock.now()))
        .await;
    let path = format!("/api/events/{event}/schedule");
    let at = |hours: u32| json!({"publishAt": after(clock.now(), HOUR * hours)});

    let publish = owner
        .post(&format!("/api/events/{event}/publish"), &at(1))
        .await;
    let later = publish.expect(202);
    assert_eq!(later["status"], "DRAFT", "{later:#}");
    let moved = owner.put(&path, &at(2)).await.expect(200);
    assert_eq!(moved["publishAt"], at(2)["publishAt"]);
    // Others of the same owner show when the schedules were looked at: once one is out, whatever was
    // due before it has begun.
    let (at_one, at_four) = (at(1), at(4));
    let mut others = Vec::new();
    for time in [&at_one, &at_four] {
        let other = owner
            .create(&autumn_event_at(&["instagram"], clock.now()))
            .await;
        let put = owner
            .put(&format!("/api/events/{other}/schedule"), time)
            .await;
        let _ = put.expect(200);
        others.push(other);
    }
    clock.advance(HOUR + Duration::from_secs(60));
    wait_until_active(&owner, &others[0]).await;
    assert_eq!(providers.control().posts("instagram").await.len(), 1);
    let waiting = owner.get(&format!("/api/events/{event}")).await.expect(200);
    assert_eq!(waiting["status"], "DRAFT", "{waiting:#}");
    clock.advance(HOUR);

    eventually("it is out", || async {
        providers.control().posts("instagram").await.len() == 2
    })
    .await;
    wait_until_active(&owner, &event).await;
    let refused = owner
        .send(owner.request(reqwest::Method::DELETE, &path))
        .await;
    let refused = refused.expect(409);
    assert_eq!(refused["type"], "urn:baepo:problem:nothing-scheduled");
    assert_eq!(refused["eventStatus"], "ACTIVE");
    clock.advance(HOUR * 2);
    wait_until_active(&owner, &others[1]).await;
    assert_eq!(providers.control().posts("instagram").await.len(), 3);
    let log = owner.get("/api/audit").await.expect(200);
    let by_host: Vec<&Value> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["role"] == "host" && entry["eventId"] == event.as_str())
        .collect();
    assert_eq!(by_host.len(), 1, "{log:#}");
    assert_eq!(by_host[0]["action"], "publish");
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_schedules_do_not_start_and_others_survive_a_restart() {
    let providers = SandboxProviders::start().await;
    let (host, clock) = at_noon(&providers).await;
    let owner = host.connected_owner("shop-1").await;
    let draft = autumn_event_at(&["instagram"], clock.now());
    let [cancelled, kept] = [owner.create(&draft).await, owner.create(&draft).await];
    let body = json!({"publishAt": after(clock.now(), HOUR)});
    for event in [&cancelled, &kept] {
        let put = owner
            .put(&format!("/api/events/{event}/schedule"), &body)
            .await;
        let _ = put.expect(200);
    }
    let path = format!("/api/events/{cancelled}/schedule");
    let gone = owner
        .send(owner.request(reqwest::Method::DELETE, &path))
        .await;
    assert_eq!(gone.status.as_u16(), 204);

    let host = host.restart().await;
    clock.advance(HOUR * 2);

    let owner = host.owner("shop-1");
    eventually("the kept one is out", || async {
        let event = owner.get(&format!("/api/events/{kept}")).await.expect(200);
        event["status"] == "ACTIVE"
    })
    .await;
    let event = owner
        .get(&format!("/api/events/{cancelled}"))
        .await
        .expect(200);
    assert_eq!(event["status"], "DRAFT");
    assert_eq!(providers.control().posts("instagram").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_time_or_an_incomplete_event_is_rejected() {
    let providers = SandboxProviders::start().await;
    let (host, clock) = at_noon(&providers).await;
    let owner = host.connected_owner("shop-1").await;
    let event = owner
        .create(&autumn_event_at(&["instagram"], clock.now()))
        .await;
    let path = format!("/api/events/{event}/schedule");

    for publish_at in [clock.now(), after(clock.now(), HOUR * 24 * 400)] {
        let refused = owner.put(&path, &json!({"publishAt": publish_at})).await;
        assert_eq!(refused.expect(422)["errors"][0]["at"], "/publishAt");
    }
    let empty = owner.create(&json!({})).await;
    let body = json!({"publishAt": after(clock.now(), HOUR)});
    let refused = owner
        .put(&format!("/api/events/{empty}/schedule"), &body)
        .await;
    assert_eq!(
        refused.expect(422)["missing"],
        json!(["objective", "recommendation", "content", "channels"])
    );
    let nothing = owner
        .send(owner.request(reqwest::Method::DELETE, &path))
        .await;
    assert_eq!(nothing.expect(409)["eventStatus"], "DRAFT");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_incomplete_at_its_scheduled_time_reports_it() {
    let providers = SandboxProviders::start().await;
    let (host, clock) = at_noon(&providers).await;
    let owner = host.connected_owner("shop-1").await;
    let event = owner
        .create(&autumn_event_at(&["instagram"], clock.now()))
        .await;
    let path = format!("/api/events/{event}");
    let body = json!({"publishAt": after(clock.now(), HOUR)});
    let _ = owner
        .put(&format!("{path}/schedule"), &body)
        .await
        .expect(200);
    let patch = owner.request(reqwest::Method::PATCH, &path);
    let _ = owner
        .send(patch.json(&json!({"objective": null})))
        .await
        .expect(200);

    clock.advance(HOUR * 2);

    eventually("the owner reads it", || async {
        let event = owner.get(&path).await.expect(200);
        let problem = event["schedule"]["problem"].as_str().map(str::to_owned);
        problem.is_some_and(|problem| problem.contains("the objective"))
    })
    .await;
}
