//! A Redis that is dead, hangs or comes back costs little and is found again.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use baepo_domain::Timestamp;
use baepo_domain::ports::clock::ManualClock;
use baepo_domain::ports::{Cache as _, CacheError};
use baepo_test_services::Redis;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};

use super::{order, relaxed_config, switch_url};
use crate::redis::{RedisCache, RedisConfig, RedisLink};
use crate::tcp_switch::TcpSwitch;

const LONG: Duration = Duration::from_secs(3_600);
/// Short, so that a hanging call is distinguished from a slow machine.
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
            ..relaxed_config()
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
        while let Err(error) = self.round_trips().await {
            assert!(begin.elapsed() < Duration::from_secs(30), "{error}");
            self.clock.advance(Duration::from_secs(1));
        }
    }

    async fn round_trips(&self) -> Result<(), CacheError> {
        self.cache.put("key", "value", LONG).await?;
        let found = self.cache.get("key").await?;
        assert_eq!(found.as_deref(), Some("value"));
        Ok(())
    }
}

/// Three calls try, and the fourth knows better.
fn assert_breaker_opens(errors: &[String], tried: &str) {
    let (last, first) = errors.split_last().expect("errors");
    assert!(
        first.iter().all(|error| error.contains(tried)),
        "{errors:?}"
    );
    assert!(last.contains("tried again soon"), "{errors:?}");
}

#[tokio::test]
async fn a_redis_down_at_startup_is_used_once_it_is_up() {
    let mut redis = Redis::start().unwrap();
    redis.stop();
    let begin = Instant::now();
    let scene = Scene::of(&redis.url(), Duration::from_secs(10));
    assert!(begin.elapsed() < SLACK, "opening does not wait");
    assert_breaker_opens(&scene.failures(4).await, "refused");
    redis.restart().unwrap();
    scene.recovers().await;
}

#[tokio::test]
async fn a_redis_restarted_between_calls_fails_no_call() {
    let mut redis = Redis::start().unwrap();
    let scene = Scene::of(&redis.url(), Duration::from_secs(20));
    for _ in 0..3 {
        scene.cache.put("key", "value", LONG).await.unwrap();
        redis.kill();
        redis.restart().unwrap();
        assert_eq!(scene.cache.get("key").await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_hanging_redis_costs_the_time_limit_until_the_breaker_opens() {
    let redis = Redis::start().unwrap();
    let scene = Scene::of(&redis.url(), LIMIT);
    scene.recovers().await;
    redis.pause().unwrap();
    assert_breaker_opens(&scene.failures(4).await, "no answer within 100 ms");
    let begin = Instant::now();
    scene.failures(1_000).await;
    assert!(begin.elapsed() < SLACK, "{:?}", begin.elapsed());

    // A second later one may try, and alone.
    scene.clock.advance(Duration::from_secs(1));
    assert_breaker_opens(&scene.failures(2).await, "no answer within 100 ms");
    redis.resume().unwrap();
    scene.recovers().await;
}

#[tokio::test]
async fn a_redis_that_never_responds_costs_the_time_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let scene = Scene::of(&url, LIMIT);
    assert_breaker_opens(&scene.failures(4).await, "no answer within 100 ms");
}

#[tokio::test]
async fn an_unreachable_redis_costs_the_time_limit() {
    // Kept for documentation (RFC 5737): nobody is there. Where the network says so at once, so
    // much the better.
    let scene = Scene::of("redis://192.0.2.1:6379", LIMIT);
    let errors = scene.failures(4).await;
    assert!(errors[3].contains("tried again soon"), "{errors:?}");
}

#[tokio::test]
async fn a_redis_replaced_behind_an_open_connection_is_reconnected() {
    // A paused process stands for a machine that is gone: its connections stay open, and silent.
    // Another takes its place behind the same address.
    let (gone, next) = (Redis::start().unwrap(), Redis::start().unwrap());
    let address = TcpSwitch::to(gone.port()).await;
    let scene = Scene::of(&switch_url(&address), LIMIT);
    scene.recovers().await;
    gone.pause().unwrap();
    assert_breaker_opens(&scene.failures(4).await, "no answer within 100 ms");
    address.turn(next.port());
    scene.recovers().await;
}

/// Both are alive; connections to the old one stay open.
#[tokio::test]
async fn a_demoted_redis_is_replaced_by_its_successor() {
    let (old, next) = (Redis::start().unwrap(), Redis::start().unwrap());
    follow(&next, &old).await;
    let address = TcpSwitch::to(old.port()).await;
    let scene = Scene::of(&switch_url(&address), Duration::from_secs(20));
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
async fn a_redis_that_cannot_serve_is_replaced_by_one_that_can() {
    let well = Redis::start().unwrap();
    for error_reply in [
        "LOADING Redis is loading the dataset in memory",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "NOAUTH Authentication required.",
        "NOREPLICAS Not enough good replicas to write.",
    ] {
        let unwell = refusing(error_reply).await;
        let address = TcpSwitch::to(unwell).await;
        let scene = Scene::of(&switch_url(&address), Duration::from_secs(20));
        let error = scene
            .cache
            .get("key")
            .await
            .expect_err(error_reply)
            .to_string();
        let (_code, detail) = error_reply.split_once(' ').unwrap();
        assert!(error.contains(detail), "{error}");
        address.turn(well.port());
        scene.recovers().await;
    }
}

/// The port of a server that answers everything with this error, until the test is over.
async fn refusing(error_reply: &'static str) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(refuse_all(client, error_reply));
        }
    });
    port
}

async fn refuse_all(client: tokio::net::TcpStream, error_reply: &str) -> std::io::Result<()> {
    let (requests, mut answers) = client.into_split();
    let mut lines = tokio::io::BufReader::new(requests).lines();
    while let Some(line) = lines.next_line().await? {
        // The first line of every command.
        if line.starts_with('*') {
            answers
                .write_all(format!("-{error_reply}\r\n").as_bytes())
                .await?;
        }
    }
    Ok(())
}
