//! Several hosts on one PostgreSQL, Redis and Kafka.

use std::time::Duration;

use it::Stack;
use it::kill::{ClusterPlan, KillReport, NodeKill, chance, run_cluster};

/// Whatever it is, a failure can be repeated with it.
const SEED: u64 = 20_261_122;

fn expect_clean(report: &KillReport) {
    let violations: Vec<&str> = report.violations().collect();
    assert!(report.is_clean(), "{report}: {violations:#?}");
    eprintln!("{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_replica_loses_and_duplicates_nothing() {
    let chance = chance(SEED);
    let disruptions = (0..30).map(|_| NodeKill::random(3, &chance));
    let report = run_cluster(
        ClusterPlan {
            channels: it::WITH_PROVIDER.map(str::to_owned).to_vec(),
            stack: Stack::production(),
            replicas: 3,
            load: 4,
            drain: Duration::from_secs(90),
            chance: &chance,
            disruptions: disruptions.collect(),
        },
        |_, _| {},
    )
    .await;

    expect_clean(&report);
    assert!(report.interrupted > 0, "nothing was under way: {report}");
}
