//! A Redis that is dead, hangs or comes back costs little and is found again.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use baepo_domain::Timestamp;
use baepo_domain::clock::ManualClock;
use baepo_domain::ports::{Cache as _, CacheError};
use baepo_test_services::Redis;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};

use super::{behind, order, patient};
use crate::redis::{RedisCache, RedisConfig, RedisLink};
use crate::switch::Switch;

const LONG: Duration = Duration::from_secs(3_600);
/// Short, so that a hanging call is told from one on a busy machine.
const LIMIT: Duration = Duration::from_millis(100);
/// What a busy machine may add to a limit.
const SLACK: Duration = Duration::from_secs(5);

/// A cache whose Redis is left alone for a second of `clock` after three failures.
struct Scene {
    cache: RedisCache,
    clock: Arc<ManualClock>,
}

impl Scene {
    fn of(url: &str, time_limit: Duration) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
        let config = RedisConfig {
            time_limit,
            connect_limit: Duration::from_secs(2),
            ..patient()
        };
        let link = RedisLink::open(url, config, Arc::clone(&clock) as _).expect("a link");
        Self {
            cache: RedisCache::new(link),
            clock,
        }
    }

    /// Calls that fail one after the other, and how.
    async fn failures(&self, calls: usize) -> Vec<String> {
        let mut errors = Vec::new();
        for _ in 0..calls {
            let begin = Instant::now();
            let error = self.cache.get("key").await.expect_err("redis is away");
            assert!(begin.elapsed() < LIMIT + SLACK, "{:?}", begin.elapsed());
            errors.push(error.to_string());
        }
        errors
    }

    /// Lets the pause pass until calls work.
    async fn recovers(&self) {
        let begin = Instant::now();
        while let Err(error) = self.keeps_a_value().await {
            assert!(begin.elapsed() < Duration::from_secs(30), "{error}");
            self.clock.advance(Duration::from_secs(1));
        }
    }

    async fn keeps_a_value(&self) -> Result<(), CacheError> {
        self.cache.put("key", "value", LONG).await?;
        let found = self.cache.get("key").await?;
        assert_eq!(found.as_deref(), Some("value"));
        Ok(())
    }
}

/// Three calls try, and the fourth knows better.
fn assert_rests(errors: &[String], tried: &str) {
    let (last, first) = errors.split_last().expect("errors");
    assert!(
        first.iter().all(|error| error.contains(tried)),
        "{errors:?}"
    );
    assert!(last.contains("tried again soon"), "{errors:?}");
}

#[tokio::test]
async fn one_that_is_down_at_the_start_is_found_when_it_comes() {
    let mut redis = Redis::start().unwrap();
    redis.stop();
    let begin = Instant::now();
    let scene = Scene::of(&redis.url(), Duration::from_secs(10));
    assert!(begin.elapsed() < SLACK, "opening does not wait");
    assert_rests(&scene.failures(4).await, "refused");
    redis.start_again().unwrap();
    scene.recovers().await;
}

#[tokio::test]
async fn one_that_restarts_between_calls_costs_no_failure() {
    let mut redis = Redis::start().unwrap();
    let scene = Scene::of(&redis.url(), Duration::from_secs(20));
    for _ in 0..3 {
        scene.cache.put("key", "value", LONG).await.unwrap();
        redis.kill();
        redis.start_again().unwrap();
        assert_eq!(scene.cache.get("key").await.unwrap(), None);
    }
}

#[tokio::test]
async fn one_that_hangs_costs_the_limit_and_then_nothing() {
    let redis = Redis::start().unwrap();
    let scene = Scene::of(&redis.url(), LIMIT);
    scene.recovers().await;
    redis.pause().unwrap();
    assert_rests(&scene.failures(4).await, "no answer within 100 ms");
    let begin = Instant::now();
    scene.failures(1_000).await;
    assert!(begin.elapsed() < SLACK, "{:?}", begin.elapsed());

    // A second later one may try, and alone.
    scene.clock.advance(Duration::from_secs(1));
    assert_rests(&scene.failures(2).await, "no answer within 100 ms");
    redis.resume().unwrap();
    scene.recovers().await;
}

#[tokio::test]
async fn one_that_accepts_and_never_answers_costs_the_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let scene = Scene::of(&url, LIMIT);
    assert_rests(&scene.failures(4).await, "no answer within 100 ms");
}

#[tokio::test]
async fn one_that_cannot_be_reached_costs_the_limit() {
    // Kept for documentation (RFC 5737): nobody is there. Where the network says so at once, so
    // much the better.
    let scene = Scene::of("redis://192.0.2.1:6379", LIMIT);
    let errors = scene.failures(4).await;
    assert!(errors[3].contains("tried again soon"), "{errors:?}");
}

#[tokio::test]
async fn one_that_vanished_behind_an_open_connection_is_found_at_its_address() {
    // A paused process stands for a machine that is gone: its connections stay open, and silent.
    // Another takes its place behind the same address.
    let (gone, next) = (Redis::start().unwrap(), Redis::start().unwrap());
    let address = Switch::to(gone.port()).await;
    let scene = Scene::of(&behind(&address), LIMIT);
    scene.recovers().await;
    gone.pause().unwrap();
    assert_rests(&scene.failures(4).await, "no answer within 100 ms");
    address.turn(next.port());
    scene.recovers().await;
}

/// Both are alive; whoever is connected to the old one stays so.
#[tokio::test]
async fn one_that_became_a_replica_is_left_for_its_successor() {
    let (old, next) = (Redis::start().unwrap(), Redis::start().unwrap());
    follow(&next, &old).await;
    let address = Switch::to(old.port()).await;
    let scene = Scene::of(&behind(&address), Duration::from_secs(20));
    scene.recovers().await;

    order(&next.url(), &["REPLICAOF", "NO", "ONE"]).await;
    order(
        &old.url(),
        &["REPLICAOF", "127.0.0.1", &next.port().to_string()],
    )
    .await;
    let error = scene.cache.put("key", "old", LONG).await.unwrap_err();
    assert!(error.to_string().contains("read only replica"), "{error}");
    address.turn(next.port());
    scene.cache.put("key", "new", LONG).await.unwrap();
    assert_eq!(
        scene.cache.get("key").await.unwrap().as_deref(),
        Some("new")
    );
}

/// Makes one a replica of the other, and waits until it is.
async fn follow(replica: &Redis, primary: &Redis) {
    let port = primary.port().to_string();
    order(&replica.url(), &["REPLICAOF", "127.0.0.1", &port]).await;
    // Answered when it has what was written before.
    let client = redis::Client::open(primary.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let begin = Instant::now();
    loop {
        let wait = redis::cmd("WAIT").arg(1).arg(100).to_owned();
        let replicas: u32 = wait.query_async(&mut connection).await.unwrap();
        if replicas == 1 {
            return;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "it does not follow"
        );
    }
}

#[tokio::test]
async fn one_that_cannot_serve_is_left_for_one_that_can() {
    let well = Redis::start().unwrap();
    for said in [
        "LOADING Redis is loading the dataset in memory",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "NOAUTH Authentication required.",
        "NOREPLICAS Not enough good replicas to write.",
    ] {
        let unwell = refusing(said).await;
        let address = Switch::to(unwell).await;
        let scene = Scene::of(&behind(&address), Duration::from_secs(20));
        let error = scene.cache.get("key").await.expect_err(said).to_string();
        let (_code, detail) = said.split_once(' ').unwrap();
        assert!(error.contains(detail), "{error}");
        address.turn(well.port());
        scene.recovers().await;
    }
}

/// The port of a server that answers everything with this error, until the test is over.
async fn refusing(said: &'static str) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(refuse_all(client, said));
        }
    });
    port
}

async fn refuse_all(client: tokio::net::TcpStream, said: &str) -> std::io::Result<()> {
    let (requests, mut answers) = client.into_split();
    let mut lines = tokio::io::BufReader::new(requests).lines();
    while let Some(line) = lines.next_line().await? {
        // The first line of every command.
        if line.starts_with('*') {
            answers.write_all(format!("-{said}\r\n").as_bytes()).await?;
        }
    }
    Ok(())
}
