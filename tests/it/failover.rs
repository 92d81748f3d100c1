//! R3: a standby of PostgreSQL takes the place of its primary, and both are alive.

use std::sync::Arc;
use std::time::{Duration, Instant};

use it::kill::{ClusterPlan, FailOver, Manner, Pair, WORKS_AGAIN_WITHIN, chance, run_cluster};
use it::{Home, Launch, Outside, Program, Stack, autumn_event, eventually_within};

const SEED: u64 = 20_261_126;

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_is_left_under_load_takes_nothing_with_it() {
    let pair = Arc::new(Pair::start().await);
    let stack = Stack::production().with_postgres(&pair.url());
    let chance = chance(SEED);
    let plan = ClusterPlan {
        channels: it::WITH_PROVIDER.map(str::to_owned).to_vec(),
        stack,
        replicas: 2,
        load: 4,
        drain: Duration::from_secs(60),
        chance: &chance,
        troubles: Manner::ALL
            .map(|manner| FailOver::new(&pair, manner))
            .into(),
    };

    let tally = run_cluster(plan, |_, _| {}).await;

    let violations: Vec<&str> = tally.violations().collect();
    assert!(tally.is_clean(), "{tally}: {violations:#?}");
    assert!(tally.unknown.is_empty(), "{:#?}", tally.unknown);
    eprintln!("{tally}");
}

/// Nobody calls, so that nothing but the host itself can notice.
#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_is_left_while_nobody_calls_is_said_once_and_never_a_404() {
    let pair = Pair::start().await;
    let stack = Stack::production().with_postgres(&pair.url());
    let outside = Outside::start().await;
    let launch = Launch {
        outside: Some(&outside),
        ..Launch::default()
    };
    let program = Program::launch(Home::on(stack), &launch).await;
    let program = program.unwrap_or_else(|ended| panic!("it ended at once: {}", ended.stderr));
    let owner = program.owner("shop-1");
    owner.connect_all().await;
    let event = owner.create(&autumn_event(&["instagram"])).await;
    let path = format!("/api/events/{event}");
    assert_eq!(owner.publish(&event).await.status, 200);

    pair.demote().await;
    eventually_within(WORKS_AGAIN_WITHIN, "it is not ready", || async {
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
    eventually_within(WORKS_AGAIN_WITHIN, "it is ready again", || async {
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
    for said in [
        "PostgreSQL takes no writes",
        "PostgreSQL takes writes again",
    ] {
        assert_eq!(log.matches(said).count(), 1, "{said}: {log}");
    }
}
