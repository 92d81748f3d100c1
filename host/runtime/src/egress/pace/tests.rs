//! Hosts that share what they may send.

use std::collections::{BTreeMap, VecDeque};

use async_trait::async_trait;
use baepo_domain::ports::{CacheError, Grant};

use super::super::{
    Egress, EgressConfig, EgressLimits, Method, Outgoing, Permit, Repeat, SendError,
};
use super::*;

const FAR: Duration = Duration::from_secs(60);
const NONE: Duration = Duration::ZERO;

/// Budgets that answer as they were told, and then the last way again and again.
struct Told {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<u32>>,
}

#[derive(Debug, Clone, Copy)]
enum Answer {
    /// Whatever is asked for.
    Everything,
    /// Nothing before this time has passed.
    Wait(Duration),
    /// An error, after this time.
    Fails(Duration),
}

impl Told {
    fn to(answers: &[Answer]) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.iter().copied().collect()),
            asked: Mutex::default(),
        })
    }

    /// For how many requests, each time.
    fn asked(&self) -> Vec<u32> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Budgets for Told {
    async fn take(&self, name: &str, _: u32, most: u32) -> Result<Grant, CacheError> {
        assert_eq!(name, "instagram https://graph.facebook.com");
        self.asked.lock().unwrap().push(most);
        let answer = {
            let mut answers = self.answers.lock().unwrap();
            match answers.len() {
                1 => answers[0],
                _ => answers.pop_front().expect("an answer"),
            }
        };
        let grant = |requests, wait| Ok(Grant { requests, wait });
        match answer {
            Answer::Everything => grant(most, NONE),
            Answer::Wait(wait) => grant(0, wait),
            Answer::Fails(after) => {
                tokio::time::sleep(after).await;
                Err(CacheError("away".to_owned()))
            }
        }
    }
}

fn pace(budgets: &Arc<Told>) -> Arc<Pace> {
    Arc::new(Pace::new(Some(Arc::clone(budgets) as _)))
}

async fn turn(pace: &Pace, per_second: u32, within: Duration) -> bool {
    let channel = "instagram".parse().expect("a channel");
    let url = "https://graph.facebook.com/v1/posts?x=y"
        .parse()
        .expect("a url");
    pace.turn(&channel, &url, per_second, Instant::now() + within)
        .await
}

/// All at the same time.
async fn turns(pace: &Arc<Pace>, requests: usize, per_second: u32, within: Duration) -> Vec<bool> {
    let turns = (0..requests).map(|_| {
        let pace = Arc::clone(pace);
        tokio::spawn(async move { turn(&pace, per_second, within).await })
    });
    let turns = futures::future::join_all(turns.collect::<Vec<_>>()).await;
    turns
        .into_iter()
        .map(|turn| turn.expect("no panic"))
        .collect()
}

#[tokio::test]
async fn most_of_many_requests_need_no_round_trip() {
    let budgets = Told::to(&[Answer::Everything]);
    let pace = pace(&budgets);
    for _ in 0..1_000 {
        assert!(turn(&pace, 1_000, FAR).await);
    }
    let asked = budgets.asked();
    assert!(asked.len() < 100, "{asked:?}");
    assert!(asked.iter().all(|most| *most <= 50), "{asked:?}");
}

#[tokio::test]
async fn a_request_now_and_then_takes_one() {
    let budgets = Told::to(&[Answer::Everything]);
    let pace = pace(&budgets);
    for _ in 0..3 {
        assert!(turn(&pace, 1_000, FAR).await);
        tokio::time::sleep(Duration::from_millis(101)).await;
    }
    assert_eq!(budgets.asked(), [1, 1, 1]);
}

#[tokio::test]
async fn a_request_waits_as_long_as_it_is_told() {
    let wait = Duration::from_millis(30);
    let budgets = Told::to(&[Answer::Wait(wait), Answer::Wait(wait), Answer::Everything]);
    let pace = pace(&budgets);
    let begin = Instant::now();
    assert!(turn(&pace, 1, FAR).await);
    assert!(begin.elapsed() >= 2 * wait);
}

#[tokio::test]
async fn who_cannot_have_a_turn_in_time_gives_up() {
    let begin = Instant::now();
    let at_once = pace(&Told::to(&[Answer::Wait(FAR)]));
    assert!(
        !turn(&at_once, 1, FAR / 2).await,
        "what it is told is too late"
    );

    let busy = pace(&Told::to(&[Answer::Wait(FAR * 2)]));
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
async fn a_host_goes_on_alone_when_the_budgets_fail() {
    let begin = Instant::now();
    let budgets = Told::to(&[Answer::Fails(NONE)]);
    let alone = pace(&budgets);
    assert_eq!(turns(&alone, 500, 1_000, FAR).await, [true; 500]);
    // One more for every second that a busy machine needed.
    let tries = 1 + begin.elapsed().as_secs() as usize;
    assert!(budgets.asked().len() <= tries, "{:?}", budgets.asked());
}

#[tokio::test]
async fn budgets_that_hang_delay_requests_once() {
    let begin = Instant::now();
    let budgets = Told::to(&[Answer::Fails(Duration::from_millis(200))]);
    let pace = pace(&budgets);
    assert_eq!(turns(&pace, 100, 1_000, FAR).await, [true; 100]);
    let tries = 1 + begin.elapsed().as_secs() as usize;
    assert!(budgets.asked().len() <= tries, "{:?}", budgets.asked());
}

#[tokio::test]
async fn budgets_that_are_back_count_again() {
    let away = Answer::Fails(NONE);
    let budgets = Told::to(&[away, away, Answer::Everything]);
    let pace = pace(&budgets);
    let begin = Instant::now();
    while budgets.asked().len() < 4 {
        assert!(turn(&pace, 1_000, FAR).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(begin.elapsed() < FAR);
    }
    assert!(begin.elapsed() >= Duration::from_secs(2), "once a second");
}

#[tokio::test]
async fn a_host_that_is_suddenly_alone_has_sent_already() {
    let pace = pace(&Told::to(&[Answer::Everything, Answer::Fails(NONE)]));
    let begin = Instant::now();
    assert!(turn(&pace, 1, FAR).await, "a second's worth");
    let alone = turn(&pace, 1, Duration::from_millis(10)).await;
    // A machine that stood still for a second has another one.
    assert!(!alone || begin.elapsed() >= Duration::from_millis(990));
}

#[tokio::test]
async fn a_request_without_a_turn_is_told_the_limit() {
    let config = EgressConfig {
        budgets: Some(Told::to(&[Answer::Wait(FAR)])),
        ..EgressConfig::default()
    };
    let egress = Egress::new(config).expect("a way out");
    let channel = "instagram".parse().expect("a channel");
    let grants = [baepo_domain::manifest::Grant {
        origin: "https://graph.facebook.com".parse().expect("an origin"),
        requests: vec!["GET /**".parse().expect("a pattern")],
        secrets: Vec::new(),
    }];
    let permit = Permit {
        channel: &channel,
        grants: &grants,
        tokens: &[],
        secrets: &BTreeMap::new(),
        may_leave: &|| Ok(()),
        limits: EgressLimits {
            request_bytes: 10_000,
            response_bytes: 10_000,
            request_time: Duration::from_secs(15),
            requests_per_second: 7,
        },
    };
    let request = Outgoing {
        method: Method::Get,
        url: "https://graph.facebook.com/v1/posts".to_owned(),
        headers: Vec::new(),
        body: None,
        credentials: Vec::new(),
        repeat: Repeat::Safe,
        timeout: None,
    };
    let error = egress.send(permit, request).await.expect_err("no turn");
    let text = "limit \"requests per second\": 7 to graph.facebook.com, channel instagram, and \
                no turn within 15,000 ms";
    assert_eq!(error, SendError::NotSent(text.to_owned()));
}
