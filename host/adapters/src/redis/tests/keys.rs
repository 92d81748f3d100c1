//! Which keys stand in Redis: `purpose:{userId}` is a contract with other services.
//!
//! On a Redis of each test's own, since the names are those of the default configuration.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::event::last_objective_key;
use baepo_domain::model::id::OwnerId;
use baepo_domain::ports::{Budgets as _, Cache as _};
use baepo_test_services::Redis;

use super::{link, relaxed_config};
use crate::redis::{RedisBudgets, RedisCache, RedisConfig, RedisLink};
use crate::system::SystemClock;

const DAY: Duration = Duration::from_secs(86_400);

/// The default configuration, but for times, so that a busy machine fails nothing.
fn with_prefix(prefix: Option<&str>) -> RedisConfig {
    RedisConfig {
        prefix: prefix.map(str::to_owned),
        ..relaxed_config()
    }
}

fn purpose() -> String {
    let owner: OwnerId = "shop-1".parse().expect("an id");
    last_objective_key(&owner)
}

/// What another service sees: the raw keys, sorted.
async fn keys(redis: &Redis) -> Vec<String> {
    let mut keys: Vec<String> = raw(redis, &["KEYS", "*"]).await;
    keys.sort();
    keys
}

fn sorted(keys: &[&str]) -> Vec<String> {
    let mut keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
    keys.sort();
    keys
}

async fn raw<T: redis::FromRedisValue>(redis: &Redis, command: &[&str]) -> T {
    let client = redis::Client::open(redis.url()).expect("an address");
    let connection = client.get_multiplexed_async_connection().await;
    let mut connection = connection.expect("redis");
    let mut order = redis::cmd(command[0]);
    order.arg(&command[1..]);
    order.query_async(&mut connection).await.expect("an answer")
}

fn open(redis: &Redis, prefix: Option<&str>) -> RedisLink {
    link(&redis.url(), with_prefix(prefix))
}

#[tokio::test]
async fn a_purpose_is_written_read_and_deleted_under_the_contract_s_key() {
    let redis = Redis::start().unwrap();
    let cache = RedisCache::new(open(&redis, None));
    cache.put(&purpose(), "SALES", DAY).await.unwrap();
    assert_eq!(keys(&redis).await, ["purpose:shop-1"]);
    let value: String = raw(&redis, &["GET", "purpose:shop-1"]).await;
    assert_eq!(value, "SALES");

    let () = raw(&redis, &["SET", "purpose:shop-1", "VISIT"]).await;
    let found = cache.get(&purpose()).await.unwrap();
    assert_eq!(found.as_deref(), Some("VISIT"));

    cache.delete(&purpose()).await.unwrap();
    assert_eq!(keys(&redis).await, [""; 0]);
}

#[tokio::test]
async fn baepo_s_own_keys_have_its_prefix_by_default() {
    let redis = Redis::start().unwrap();
    let link = open(&redis, None);
    let signals = link.config().own("signals");
    assert_eq!(signals, "baepo:signals");
    RedisBudgets::new(link)
        .take("https://api.example", 10, 1)
        .await
        .unwrap();
    assert_eq!(keys(&redis).await, ["baepo:budget:https://api.example"]);
}

#[tokio::test]
async fn a_deletion_removes_the_key_of_an_earlier_version_too() {
    let redis = Redis::start().unwrap();
    let () = raw(&redis, &["SET", "baepo:purpose:shop-1", "SALES"]).await;
    let () = raw(&redis, &["SET", "baepo:purpose:shop-2", "SALES"]).await;
    let cache = RedisCache::new(open(&redis, None));
    cache.put(&purpose(), "SALES", DAY).await.unwrap();
    cache.delete(&purpose()).await.unwrap();
    assert_eq!(keys(&redis).await, ["baepo:purpose:shop-2"]);
}

#[tokio::test]
async fn a_prefix_that_is_given_stands_before_every_key() {
    let redis = Redis::start().unwrap();
    // Also when it is the one that Baepo's own keys have by default.
    for prefix in ["town:", "baepo:"] {
        let link = open(&redis, Some(prefix));
        let cache = RedisCache::new(link.clone());
        let () = raw(&redis, &["SET", "purpose:shop-1", "of somebody else"]).await;
        cache.put(&purpose(), "SALES", DAY).await.unwrap();
        RedisBudgets::new(link).take("a", 10, 1).await.unwrap();
        let (budget, purpose) = (
            format!("{prefix}budget:a"),
            format!("{prefix}purpose:shop-1"),
        );
        assert_eq!(
            keys(&redis).await,
            sorted(&[&budget, &purpose, "purpose:shop-1"])
        );

        cache.delete(&self::purpose()).await.unwrap();
        assert_eq!(keys(&redis).await, sorted(&[&budget, "purpose:shop-1"]));
        let () = raw(&redis, &["FLUSHALL"]).await;
    }
}

#[tokio::test]
async fn the_default_configuration_has_no_prefix() {
    assert_eq!(RedisConfig::default().prefix, None);
    let redis = Redis::start().unwrap();
    let config = RedisConfig::default();
    let link = RedisLink::open(&redis.url(), config, Arc::new(SystemClock)).unwrap();
    let config = link.config();
    assert_eq!(config.shared("purpose:shop-1"), "purpose:shop-1");
    let every = config.every_shared("purpose:shop-1");
    assert_eq!(every, ["purpose:shop-1", "baepo:purpose:shop-1"]);
}
