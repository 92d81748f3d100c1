//! What hosts share, they share.

use std::time::{Duration, Instant};

use baepo_domain::ports::{BudgetGrant, Budgets as _};

use super::{Shared, link, order, relaxed_config};
use crate::redis::RedisBudgets;

const NONE: Duration = Duration::ZERO;

#[tokio::test]
async fn a_budget_holds_one_second_of_requests_and_returns_the_wait() {
    let redis = Shared::redis();
    let budgets = RedisBudgets::new(redis.link());
    let begin = Instant::now();
    let granted = |requests| BudgetGrant {
        requests,
        wait: NONE,
    };
    let first = budgets.take("slow", 1, 5).await.unwrap();
    assert_eq!(first, granted(1), "no more than there is");
    let second = budgets.take("slow", 1, 5).await.unwrap();
    let passed = begin.elapsed();
    // On a machine that stood still for a second there is another one by now.
    if passed < Duration::from_secs(1) {
        assert_eq!(second.requests, 0);
        assert!(second.wait > NONE, "{second:?}");
        assert!(second.wait <= Duration::from_secs(1), "{second:?}");
        assert!(second.wait + passed >= Duration::from_secs(1), "{second:?}");
    }
    assert_eq!(budgets.take("other", 40, 3).await.unwrap(), granted(3));
    assert_eq!(
        budgets.take("zero", 0, 1).await.unwrap(),
        granted(1),
        "0 counts as 1"
    );
}

#[tokio::test]
async fn a_caller_that_waits_the_returned_time_is_granted_a_request() {
    let redis = Shared::redis();
    let budgets = RedisBudgets::new(redis.link());
    for rate in [3, 7, 100, 999] {
        let name = format!("rate-{rate}");
        let mut taken = 0;
        while taken < rate {
            let grant = budgets.take(&name, rate, rate).await.unwrap();
            taken += grant.requests;
        }
        for _ in 0..5 {
            let grant = budgets.take(&name, rate, 1).await.unwrap();
            if grant.requests == 0 {
                tokio::time::sleep(grant.wait).await;
                let grant = budgets.take(&name, rate, 1).await.unwrap();
                assert_eq!(grant.requests, 1, "{rate} per second: {grant:?}");
            }
        }
    }
}

#[tokio::test]
async fn many_hosts_together_stay_within_the_rate() {
    const RATE: u32 = 200;
    let redis = Shared::redis();
    let config = relaxed_config();
    let begin = Instant::now();
    let hosts = (0..4).map(|_| {
        let budgets = RedisBudgets::new(link(&redis.url, config.clone()));
        tokio::spawn(async move {
            let mut taken = 0;
            while begin.elapsed() < Duration::from_secs(2) {
                let grant = budgets.take("shared", RATE, 5).await.unwrap();
                taken += grant.requests;
                tokio::time::sleep(grant.wait).await;
            }
            taken
        })
    });
    let mut taken = 0;
    for host in hosts.collect::<Vec<_>>() {
        taken += host.await.unwrap();
    }
    let most = f64::from(RATE) * (1.0 + begin.elapsed().as_secs_f64());
    assert!(f64::from(taken) <= most + 1.0, "{taken} of {most}");
    assert!(taken >= RATE, "{taken}");
}

#[tokio::test]
async fn a_budget_key_expires_and_an_evicted_script_is_reloaded() {
    let redis = Shared::redis();
    let link = redis.link();
    let budgets = RedisBudgets::new(link.clone());
    budgets.take("name", 10, 1).await.unwrap();
    let mut life = redis::cmd("PTTL");
    life.arg(link.config().own("budget:name"));
    let life: i64 = link.call(&life).await.unwrap();
    assert!((1..=2_000).contains(&life), "{life}");
    order(&redis.url, &["SCRIPT", "FLUSH"]).await;
    assert_eq!(budgets.take("name", 10, 1).await.unwrap().requests, 1);
}
