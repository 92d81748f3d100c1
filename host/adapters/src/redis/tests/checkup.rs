//! What the checkup reports.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::Timestamp;
use baepo_domain::ports::clock::{Clock, ManualClock};
use baepo_test_services::Redis;

use super::{Shared, order, relaxed_config, with_user};
use crate::checkup::{Check, Verdict};
use crate::redis::{RedisConfig, check_redis};
use crate::system::SystemClock;

async fn checks(url: &str, config: &RedisConfig) -> Vec<Check> {
    let checks = check_redis(url, config, &SystemClock).await;
    let shown = format!("{checks:?}");
    assert!(!shown.contains("canary"), "{shown}");
    checks
}

fn of<'a>(checks: &'a [Check], subject: &str) -> &'a Check {
    let found = checks.iter().find(|check| check.subject == subject);
    found.unwrap_or_else(|| panic!("no {subject:?} in {checks:#?}"))
}

#[tokio::test]
async fn a_healthy_redis_passes_and_keeps_no_probe_keys() {
    let redis = Redis::start().unwrap();
    let checks = checks(&redis.url(), &RedisConfig::default()).await;
    let bad: Vec<_> = checks
        .iter()
        .filter(|check| check.verdict == Verdict::Bad)
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    let connection = of(&checks, "redis: connection");
    assert!(
        connection
            .found
            .starts_with(&format!("127.0.0.1:{}, ", redis.port()))
    );
    assert_eq!(of(&checks, "redis: role").found, "primary");
    assert_eq!(of(&checks, "redis: memory").found, "no limit");
    let rights = "PING, SET, GET, DEL, PUBLISH, SUBSCRIBE, EVAL, EVALSHA";
    assert_eq!(of(&checks, "redis: rights").found, rights);
    assert_eq!(of(&checks, "redis: clock").verdict, Verdict::Good);

    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let keys: u64 = redis::cmd("DBSIZE")
        .query_async(&mut connection)
        .await
        .unwrap();
    assert_eq!(keys, 0);
}

#[tokio::test]
async fn a_redis_without_eviction_is_a_warning() {
    let redis = Redis::start().unwrap();
    order(&redis.url(), &["CONFIG", "SET", "maxmemory", "100mb"]).await;
    let found = checks(&redis.url(), &RedisConfig::default()).await;
    let memory = of(&found, "redis: memory");
    assert_eq!(memory.verdict, Verdict::Warning);
    assert_eq!(memory.found, "at most 104857600 bytes, then noeviction");
    order(
        &redis.url(),
        &["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"],
    )
    .await;
    let found = checks(&redis.url(), &RedisConfig::default()).await;
    assert_eq!(of(&found, "redis: memory").verdict, Verdict::Good);
}

#[tokio::test]
async fn every_missing_right_is_named_with_its_acl_rule() {
    let redis = Redis::start().unwrap();
    let url = redis.url();
    let user = with_user(&url, "shop", "canary");
    let config = RedisConfig::default();
    let missing = async |rules: &[&str]| {
        let begin = ["ACL", "SETUSER", "shop", "reset", "on", ">canary"];
        order(&url, &[&begin, rules].concat()).await;
        let found = checks(&user, &config).await;
        let missing = found
            .into_iter()
            .filter(|check| check.subject.contains("right to"));
        let missing = missing.map(|check| {
            let grant = check
                .advice
                .as_deref()
                .and_then(|text| text.split_once(": "));
            let (_, grant) = grant.expect("an advice");
            (check.subject, check.verdict, grant.to_owned())
        });
        missing.collect::<Vec<_>>()
    };
    let is = |subject: &str, verdict, grant: &str| {
        let grant = format!("ACL SETUSER shop {grant}");
        (format!("redis: right to {subject}"), verdict, grant)
    };
    let (bad, warning) = (Verdict::Bad, Verdict::Warning);

    let (shared, own) = ("~purpose:*", "~baepo:*");
    let found = missing(&[shared, own, "&baepo:*", "+@all", "-set", "-publish"]).await;
    assert_eq!(
        found,
        [is("SET", bad, "+set"), is("PUBLISH", warning, "+publish")]
    );
    let found = missing(&["~other:*", "&baepo:*", "+@all"]).await;
    assert_eq!(found[0], is("SET", bad, "~purpose:* ~baepo:*"));
    assert_eq!(found.len(), 5, "{found:?}");
    let found = missing(&[own, "&baepo:*", "+@all"]).await;
    let cache = ["SET", "GET", "DEL"].map(|what| is(what, bad, "~purpose:* ~baepo:*"));
    assert_eq!(
        found, cache,
        "it was enough when these keys had the prefix too"
    );
    let found = missing(&[shared, own, "&other:*", "+@all"]).await;
    let channels = ["PUBLISH", "SUBSCRIBE"].map(|what| is(what, warning, "&baepo:*"));
    assert_eq!(found, channels);
    let found = missing(&[shared, own, "&baepo:*", "+@all", "-hset"]).await;
    let inside = "+time +hmget +hset +pexpire";
    assert_eq!(
        found,
        ["EVAL", "EVALSHA"].map(|what| is(what, warning, inside))
    );
    // What is advised is enough.
    let rules = "~purpose:* ~baepo:* &baepo:* +ping +set +get +del +publish +subscribe +eval +evalsha +time \
                 +hmget +hset +pexpire";
    assert_eq!(missing(&rules.split(' ').collect::<Vec<_>>()).await, []);
}

#[tokio::test]
async fn an_unreachable_redis_is_reported_once() {
    let mut redis = Redis::start().unwrap();
    order(
        &redis.url(),
        &["CONFIG", "SET", "requirepass", "canary-right"],
    )
    .await;
    let config = RedisConfig::default();
    let wrong = checks(&with_user(&redis.url(), "", "canary-wrong"), &config).await;
    let none = checks(&redis.url(), &config).await;
    for found in [wrong, none] {
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].verdict, Verdict::Bad);
        let advice = found[0].advice.as_deref();
        assert_eq!(advice, Some("check user and password in its address"));
    }
    redis.stop();
    let dead = checks(&redis.url(), &config).await;
    assert_eq!(dead.len(), 1, "{dead:?}");
    assert!(dead[0].found.contains("refused"), "{dead:?}");
    let wrong = checks("redis://user:canary@host:port", &config).await;
    assert_eq!(wrong[0].subject, "redis: address");
}

#[tokio::test]
async fn a_skewed_clock_is_a_warning() {
    let redis = Shared::redis();
    let now = SystemClock.now().as_millisecond();
    let late = Timestamp::from_millisecond(now - 3_600_000).unwrap();
    let clock = Arc::new(ManualClock::at(late));
    let config = RedisConfig {
        time_limit: Duration::from_secs(20),
        ..relaxed_config()
    };
    let checks = check_redis(&redis.url, &config, &*clock).await;
    let clock = of(&checks, "redis: clock");
    assert_eq!(clock.verdict, Verdict::Warning);
    assert!(clock.found.contains("ahead of this machine"), "{clock:?}");
}
