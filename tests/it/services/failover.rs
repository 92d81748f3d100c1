//! R3: a standby of PostgreSQL takes the place of its primary, and both are alive.

use std::sync::Arc;
use std::time::{Duration, Instant};

use it::kill::{
    ClusterPlan, Failover, FailoverMode, PrimaryStandby, RECOVERY_TIMEOUT, chance, run_cluster,
};
use it::{
    Installation, LaunchOptions, Program, SandboxProviders, Stack, autumn_event, eventually_within,
};

const SEED: u64 = 20_261_126;

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_under_load_loses_nothing() {
    let pair = Arc::new(PrimaryStandby::start().await);
    let stack = Stack::production().with_postgres(&pair.url());
    let chance = chance(SEED);
    let plan = ClusterPlan {
        channels: it::WITH_PROVIDER.map(str::to_owned).to_vec(),
        stack,
        replicas: 2,
        load: 4,
        drain: Duration::from_secs(60),
        chance: &chance,
        disruptions: FailoverMode::ALL
            .map(|mode| Failover::new(&pair, mode))
            .into(),
    };

    let report = run_cluster(plan, |_, _| {}).await;

    let violations: Vec<&str> = report.violations().collect();
    assert!(report.is_clean(), "{report}: {violations:#?}");
    assert!(report.unknown.is_empty(), "{:#?}", report.unknown);
    eprintln!("{report}");
}

/// No request comes, so only the host's own checks can detect it.
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_failover_is_reported_once_and_never_as_404() {
    let pair = PrimaryStandby::start().await;
    let stack = Stack::production().with_postgres(&pair.url());
    let providers = SandboxProviders::start().await;
    let launch = LaunchOptions {
        providers: Some(&providers),
        ..LaunchOptions::default()
    };
    let program = Program::launch(Installation::on(stack), &launch).await;
    let program = program.unwrap_or_else(|ended| panic!("it ended at once: {}", ended.stderr));
    let owner = program.owner("shop-1");
    owner.connect_all().await;
    let event = owner.create(&autumn_event(&["instagram"])).await;
    let path = format!("/api/events/{event}");
    assert_eq!(owner.publish(&event).await.status, 200);

    pair.demote().await;
    eventually_within(RECOVERY_TIMEOUT, "it is not ready", || async {
        owner.get("/readyz").await.status == 503
    })
    .await;
    let not_ready = owner.get("/readyz").await;
    let why = not_ready.body["detail"].as_str().unwrap_or_default();
    assert!(why.contains("read-only"), "{why}");
    assert_eq!(owner.get("/healthz").await.status, 200);
    for refused in [owner.get(&path).await, owner.publish(&event).await] {
        assert_eq!(refused.status, 503, "{:#}", refused.body);
        assert!(refused.headers.contains_key("retry-after"));
    }

    let begin = Instant::now();
    pair.promote().await;
    eventually_within(RECOVERY_TIMEOUT, "it is ready again", || async {
        owner.get("/readyz").await.status == 200
    })
    .await;
    eprintln!(
        "ready again {:?} after the promotion began",
        begin.elapsed()
    );
    assert_eq!(owner.get(&path).await.status, 200);
    let answer = owner.publish_new(&autumn_event(&["kakao-channel"])).await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    assert_eq!(answer.result("kakao-channel")["status"], "LIVE");

    let log = program.stop().await.stderr;
    for line in [
        "PostgreSQL takes no writes",
        "PostgreSQL takes writes again",
    ] {
        assert_eq!(log.matches(line).count(), 1, "{line}: {log}");
    }
}
