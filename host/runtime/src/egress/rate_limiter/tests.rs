//! Hosts that share what they may send.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::model::journal::{Repeat, Request, RequestOutcome};
use baepo_domain::ports::{BudgetGrant, CacheError};

use super::super::{Egress, EgressConfig, EgressLimits, EgressPolicy};
use super::*;

const FAR: Duration = Duration::from_secs(60);
const NONE: Duration = Duration::ZERO;

/// Budgets with scripted answers, and then the last way again and again.
struct ScriptedBudgets {
    answers: Mutex<VecDeque<BudgetReply>>,
    requested: Mutex<Vec<u32>>,
}

#[derive(Debug, Clone, Copy)]
enum BudgetReply {
    /// Whatever is asked for.
    Everything,
    /// Nothing before this time has passed.
    Wait(Duration),
    /// An error, after this time.
    Fails(Duration),
}

impl ScriptedBudgets {
    fn to(answers: &[BudgetReply]) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.iter().copied().collect()),
            requested: Mutex::default(),
        })
    }

    /// For how many requests, each time.
    fn requested(&self) -> Vec<u32> {
        self.requested.lock().unwrap().clone()
    }
}

#[async_trait]
impl Budgets for ScriptedBudgets {
    async fn take(&self, name: &str, _: u32, most: u32) -> Result<BudgetGrant, CacheError> {
        assert_eq!(name, "instagram https://graph.facebook.com");
        self.requested.lock().unwrap().push(most);
        let answer = {
            let mut answers = self.answers.lock().unwrap();
            match answers.len() {
                1 => answers[0],
                _ => answers.pop_front().expect("an answer"),
            }
        };
        let grant = |requests, wait| Ok(BudgetGrant { requests, wait });
        match answer {
            BudgetReply::Everything => grant(most, NONE),
            BudgetReply::Wait(wait) => grant(0, wait),
            BudgetReply::Fails(after) => {
                tokio::time::sleep(after).await;
                Err(CacheError("away".to_owned()))
            }
        }
    }
}

fn rate_limiter(budgets: &Arc<ScriptedBudgets>) -> Arc<RateLimiter> {
    Arc::new(RateLimiter::new(Some(Arc::clone(budgets) as _)))
}

async fn turn(rate_limiter: &RateLimiter, per_second: u32, within: Duration) -> bool {
    let channel = "instagram".parse().expect("a channel");
    let url = "https://graph.facebook.com/v1/posts?x=y"
        .parse()
        .expect("a url");
    rate_limiter
        .turn(&channel, &url, per_second, Instant::now() + within)
        .await
}

/// All at the same time.
async fn turns(
    rate_limiter: &Arc<RateLimiter>,
    requests: usize,
    per_second: u32,
    within: Duration,
) -> Vec<bool> {
    let turns = (0..requests).map(|_| {
        let rate_limiter = Arc::clone(rate_limiter);
        tokio::spawn(async move { turn(&rate_limiter, per_second, within).await })
    });
    let turns = futures::future::join_all(turns.collect::<Vec<_>>()).await;
    turns
        .into_iter()
        .map(|turn| turn.expect("no panic"))
        .collect()
}

#[tokio::test]
async fn frequent_requests_rarely_need_a_round_trip() {
    let budgets = ScriptedBudgets::to(&[BudgetReply::Everything]);
    let rate_limiter = rate_limiter(&budgets);
    for _ in 0..1_000 {
        assert!(turn(&rate_limiter, 1_000, FAR).await);
    }
    let requested = budgets.requested();
    assert!(requested.len() < 100, "{requested:?}");
    assert!(requested.iter().all(|most| *most <= 50), "{requested:?}");
}

#[tokio::test]
async fn sparse_requests_lease_one_at_a_time() {
    let budgets = ScriptedBudgets::to(&[BudgetReply::Everything]);
    let rate_limiter = rate_limiter(&budgets);
    for _ in 0..3 {
        assert!(turn(&rate_limiter, 1_000, FAR).await);
        tokio::time::sleep(Duration::from_millis(101)).await;
    }
    assert_eq!(budgets.requested(), [1, 1, 1]);
}

#[tokio::test]
async fn a_request_waits_as_long_as_the_budget_requires() {
    let wait = Duration::from_millis(30);
    let budgets = ScriptedBudgets::to(&[
        BudgetReply::Wait(wait),
        BudgetReply::Wait(wait),
        BudgetReply::Everything,
    ]);
    let rate_limiter = rate_limiter(&budgets);
    let begin = Instant::now();
    assert!(turn(&rate_limiter, 1, FAR).await);
    assert!(begin.elapsed() >= 2 * wait);
}

#[tokio::test]
async fn a_request_without_a_turn_before_its_deadline_gives_up() {
    let begin = Instant::now();
    let at_once = rate_limiter(&ScriptedBudgets::to(&[BudgetReply::Wait(FAR)]));
    assert!(
        !turn(&at_once, 1, FAR / 2).await,
        "the answer comes too late"
    );

    let busy = rate_limiter(&ScriptedBudgets::to(&[BudgetReply::Wait(FAR * 2)]));
    let first = Arc::clone(&busy);
    let first = tokio::spawn(async move { turn(&first, 1, FAR * 4).await });
    tokio::time::sleep(Duration::from_millis(10)).await;
    let in_line = turn(&busy, 1, Duration::from_millis(50)).await;
    assert!(!in_line, "nobody ahead had a turn");
    assert!(
        !turn(&busy, 1, Duration::from_millis(900)).await,
        "the line is too long"
    );
    first.abort();
    assert!(begin.elapsed() < FAR / 2);
}

#[tokio::test]
async fn a_host_falls_back_to_local_limits_when_budgets_fail() {
    let begin = Instant::now();
    let budgets = ScriptedBudgets::to(&[BudgetReply::Fails(NONE)]);
    let alone = rate_limiter(&budgets);
    assert_eq!(turns(&alone, 500, 1_000, FAR).await, [true; 500]);
    // One more for every second that a busy machine needed.
    let tries = 1 + begin.elapsed().as_secs() as usize;
    assert!(
        budgets.requested().len() <= tries,
        "{:?}",
        budgets.requested()
    );
}

#[tokio::test]
async fn hanging_budgets_delay_requests_once() {
    let begin = Instant::now();
    let budgets = ScriptedBudgets::to(&[BudgetReply::Fails(Duration::from_millis(200))]);
    let rate_limiter = rate_limiter(&budgets);
    assert_eq!(turns(&rate_limiter, 100, 1_000, FAR).await, [true; 100]);
    let tries = 1 + begin.elapsed().as_secs() as usize;
    assert!(
        budgets.requested().len() <= tries,
        "{:?}",
        budgets.requested()
    );
}

#[tokio::test]
async fn recovered_budgets_are_used_again() {
    let away = BudgetReply::Fails(NONE);
    let budgets = ScriptedBudgets::to(&[away, away, BudgetReply::Everything]);
    let rate_limiter = rate_limiter(&budgets);
    let begin = Instant::now();
    while budgets.requested().len() < 4 {
        assert!(turn(&rate_limiter, 1_000, FAR).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(begin.elapsed() < FAR);
    }
    assert!(begin.elapsed() >= Duration::from_secs(2), "once a second");
}

#[tokio::test]
async fn the_local_fallback_counts_requests_already_sent() {
    let rate_limiter = rate_limiter(&ScriptedBudgets::to(&[
        BudgetReply::Everything,
        BudgetReply::Fails(NONE),
    ]));
    let begin = Instant::now();
    assert!(turn(&rate_limiter, 1, FAR).await, "a second's worth");
    let alone = turn(&rate_limiter, 1, Duration::from_millis(10)).await;
    // A machine that stood still for a second has another one.
    assert!(!alone || begin.elapsed() >= Duration::from_millis(990));
}

#[tokio::test]
async fn a_request_without_a_turn_reports_the_limit() {
    let config = EgressConfig {
        budgets: Some(ScriptedBudgets::to(&[BudgetReply::Wait(FAR)])),
        ..EgressConfig::default()
    };
    let egress = Egress::new(config).expect("a way out");
    let channel = "instagram".parse().expect("a channel");
    let grants = [baepo_domain::model::manifest::Grant {
        origin: "https://graph.facebook.com".parse().expect("an origin"),
        requests: vec!["GET /**".parse().expect("a pattern")],
        secrets: Vec::new(),
    }];
    let policy = EgressPolicy {
        channel: &channel,
        grants: &grants,
        tokens: &[],
        secrets: &BTreeMap::new(),
        send_guard: &|| Ok(()),
        limits: EgressLimits {
            request_bytes: 10_000,
            response_bytes: 10_000,
            request_time: Duration::from_secs(15),
            longest_request_time: Duration::from_secs(15),
            requests_per_second: 7,
        },
    };
    let request = Request {
        method: "GET".to_owned(),
        url: "https://graph.facebook.com/v1/posts".to_owned(),
        headers: Vec::new(),
        body: None,
        credentials: Vec::new(),
        repeat: Repeat::Safe,
        timeout_ms: None,
    };
    let outcome = egress.send(policy, &request).await;
    let text = "limit \"requests per second\": 7 to graph.facebook.com, channel instagram, and \
                no turn within 15,000 ms";
    assert_eq!(outcome, RequestOutcome::NotSent(text.to_owned()));
}
