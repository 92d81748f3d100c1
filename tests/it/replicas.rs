//! Several hosts on one PostgreSQL, Redis and Kafka.

use std::time::Duration;

use it::Stack;
use it::kill::{ClusterPlan, Death, Tally, chance, run_cluster};

/// Whatever it is, a failure can be repeated with it.
const SEED: u64 = 20_261_122;

fn expect_clean(tally: &Tally) {
    let violations: Vec<&str> = tally.violations().collect();
    assert!(tally.is_clean(), "{tally}: {violations:#?}");
    eprintln!("{tally}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_dies_nothing_is_lost_and_nothing_is_out_twice() {
    let chance = chance(SEED);
    let troubles = (0..30).map(|_| Death::random(3, &chance));
    let tally = run_cluster(
        ClusterPlan {
            channels: it::WITH_PROVIDER.map(str::to_owned).to_vec(),
            stack: Stack::production(),
            replicas: 3,
            load: 4,
            drain: Duration::from_secs(90),
            chance: &chance,
            troubles: troubles.collect(),
        },
        |_, _| {},
    )
    .await;

    expect_clean(&tally);
    assert!(tally.cut_off > 0, "nothing was under way: {tally}");
}
