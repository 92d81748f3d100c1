//! An event service and distribution replicas, each in a process of its own.

use std::time::Duration;

use baepo::api::Role;
use it::{
    ApiResponse, Cluster, ClusterNode, LEASE, Owner, SandboxProviders, Stack, autumn_event,
    eventually_within,
};
use serde_json::{Value, json};

const KAKAO: &str = "kakao-channel";

/// A cluster whose owner is connected to every channel.
async fn cluster(providers: &SandboxProviders, replicas: usize) -> (Cluster<'_>, Owner) {
    let cluster = Cluster::start(providers, Stack::production(), replicas).await;
    let owner = cluster.owner("shop-1");
    owner.connect_all().await;
    (cluster, owner)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publish_returns_the_result_of_another_process() {
    let providers = SandboxProviders::start().await;
    let (mut cluster, owner) = cluster(&providers, 2).await;

    let answer = owner
        .publish_new(&autumn_event(&["instagram", KAKAO]))
        .await;

    assert_eq!(answer.status, 200, "{:#}", answer.body);
    assert_eq!(answer.body["status"], "ACTIVE");
    for channel in ["instagram", KAKAO] {
        assert_eq!(answer.result(channel)["status"], "LIVE");
        assert_eq!(providers.control().posts(channel).await.len(), 1);
    }
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publish_without_a_distribution_service_is_pending_and_resumes() {
    let providers = SandboxProviders::start().await;
    let (mut cluster, owner) = cluster(&providers, 1).await;
    cluster.kill(ClusterNode::Replica(0)).await;

    let event = owner.create(&autumn_event(&[KAKAO])).await;
    let publish = || owner.send(owner.publish_request(&event, "key-1"));
    let answer = publish().await;

    assert_eq!(answer.status, 202, "{:#}", answer.body);
    assert_eq!(answer.body["status"], "APPROVED");
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(providers.control().posts(KAKAO).await.len(), 0);
    let repeated = publish().await;
    assert_eq!(repeated.status, 202, "{:#}", repeated.body);
    assert_eq!(repeated.headers["idempotency-replayed"], "true");
    assert_eq!(repeated.result(KAKAO)["status"], "PENDING");

    cluster.launch(ClusterNode::Replica(0)).await;
    is_complete(&owner, &answer).await;
    eventually_within(Duration::from_secs(60), "its repeat gets 200", || async {
        publish().await.status == 200
    })
    .await;
    let replayed = publish().await;
    assert_eq!(replayed.headers["idempotency-replayed"], "true");
    assert_eq!(replayed.result(KAKAO)["status"], "LIVE");
    assert_eq!(providers.control().posts(KAKAO).await.len(), 1);
    cluster.stop_all().await;
}

/// Until then the others leave it alone: it may only be slow.
#[tokio::test(flavor = "multi_thread")]
async fn an_expired_lease_is_reclaimed_by_another_replica() {
    let providers = SandboxProviders::start().await;
    let (mut cluster, owner) = cluster(&providers, 1).await;
    let control = providers.control();
    control
        .faults("instagram", "media_publish", "hang", Value::Null, 1)
        .await;
    let event = owner.create(&autumn_event(&["instagram"])).await;
    let publishing = tokio::spawn({
        let (owner, event) = (owner.clone(), event.clone());
        async move { owner.publish(&event).await }
    });
    it::eventually("the fault is met", || async {
        control.active_faults().await == 0
    })
    .await;
    cluster.add_replica().await;

    let died = std::time::Instant::now();
    cluster.kill(ClusterNode::Replica(0)).await;

    let answer = publishing.await.unwrap();
    assert_eq!(answer.status, 202, "it is underway: {:#}", answer.body);
    is_complete(&owner, &answer).await;
    eprintln!(
        "live {:?} after the kill; the lease is {LEASE:?}",
        died.elapsed()
    );
    let distribution = answer.body["distributionId"].as_str().unwrap();
    let delivery = owner.distribution(distribution).await["deliveries"][0].clone();
    assert_eq!(delivery["status"], "LIVE", "{delivery:#}");
    assert_eq!(delivery["attempts"], 1, "the same attempt: {delivery:#}");
    assert_eq!(control.posts("instagram").await.len(), 1);
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_promoted_on_one_host_runs_on_all() {
    let providers = SandboxProviders::start().await;
    let (mut cluster, owner) = cluster(&providers, 1).await;
    let operator = cluster.event().operator();
    let old = operator.releases(KAKAO).await[0]["digest"].clone();
    let mut component = std::fs::read(it::plugin(KAKAO)).unwrap();
    // Another digest, the same behaviour: an empty custom section.
    component.extend([0, 2, 1, b'x']);
    let staged = operator.upload_bytes(KAKAO, component).await.expect(201);
    let new = staged["digest"].as_str().unwrap().to_owned();
    assert_ne!(old, new.as_str());

    let _ = operator.promote(KAKAO, &new).await.expect(200);

    eventually_within(Duration::from_secs(10), "the replica follows", || async {
        let answer = owner.publish_new(&autumn_event(&[KAKAO])).await;
        answer.result(KAKAO)["release"] == new.as_str()
    })
    .await;
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_duplicate_commands_run_once() {
    let providers = SandboxProviders::start().await;
    let (mut cluster, owner) = cluster(&providers, 2).await;
    let control = providers.control();
    control
        .faults(KAKAO, "freestyle-messages", "delay", json!(500), 1)
        .await;
    let event = owner.create(&autumn_event(&[KAKAO])).await;
    let publishing = tokio::spawn({
        let (owner, event) = (owner.clone(), event.clone());
        async move { owner.publish(&event).await }
    });
    it::eventually("it is at the provider", || async {
        control.active_faults().await == 0
    })
    .await;
    let event = owner.get(&format!("/api/events/{event}")).await.expect(200);
    let order = json!({
        "distributionId": event["distributionId"], "eventId": event["id"],
        "userId": "shop-1", "channels": [KAKAO], "content": event["content"],
    });
    let service = |replica: usize| {
        let program = cluster.replica(replica);
        program.app(&program.token("event-service", Role::Service))
    };

    let (one, other) = (service(0), service(1));
    let path = "/api/distribution/distribute";
    let (one, other) = tokio::join!(one.post(path, &order), other.post(path, &order));

    for answer in [&one, &other, &publishing.await.unwrap()] {
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        assert_eq!(answer.result(KAKAO)["status"], "LIVE");
    }
    assert_eq!(control.posts(KAKAO).await.len(), 1);

    let wrong = |change: Value| {
        let mut order = order.as_object().unwrap().clone();
        order.extend(change.as_object().unwrap().clone());
        Value::Object(order)
    };
    let asked = service(0);
    let foreign = asked.post(path, &wrong(json!({"userId": "shop-2"}))).await;
    assert_eq!(foreign.status, 404, "{:#}", foreign.body);
    let mut content = event["content"].clone();
    content["title"] = json!("another title");
    let other_content = asked.post(path, &wrong(json!({"content": content}))).await;
    assert_eq!(other_content.status, 409, "{:#}", other_content.body);
    let replica = cluster.replica(0);
    let as_owner = replica.app(&replica.token("shop-1", Role::Owner));
    assert_eq!(as_owner.post(path, &order).await.status, 403);
    cluster.stop_all().await;
}

async fn is_complete(owner: &Owner, answer: &ApiResponse) {
    let distribution = answer.body["distributionId"].as_str().unwrap();
    let what = "the distribution is complete";
    eventually_within(Duration::from_secs(60), what, || async {
        owner.distribution(distribution).await["completedAt"].is_string()
    })
    .await;
}
