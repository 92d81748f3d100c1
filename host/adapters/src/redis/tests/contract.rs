//! What every cache does, and what is Redis's own.

use std::sync::Arc;
use std::time::Duration;

use baepo_domain::ports::Cache as _;

use super::{Shared, link, order, relaxed_config, user_of, with_user};
use crate::invalidation_queue::{InvalidationLimits, InvalidationQueue};
use crate::redis::{RedisCache, RedisConfig, RedisLink};
use crate::system::SystemClock;

const LONG: Duration = Duration::from_secs(3_600);

async fn open() -> (Shared, RedisCache) {
    let redis = Shared::redis();
    let cache = RedisCache::new(redis.link());
    (redis, cache)
}

baepo_contract::cache_contract!(open, SystemClock);

#[tokio::test]
async fn installations_with_different_prefixes_share_a_redis() {
    let redis = Shared::redis();
    let (one, other) = (RedisCache::new(redis.link()), RedisCache::new(redis.link()));
    one.put("purpose:shop-1", "SALES", LONG).await.unwrap();
    assert_eq!(other.get("purpose:shop-1").await.unwrap(), None);
    other.delete("purpose:shop-1").await.unwrap();
    let found = one.get("purpose:shop-1").await.unwrap();
    assert_eq!(found.as_deref(), Some("SALES"));
}

#[tokio::test]
async fn a_value_with_a_zero_ttl_expires_without_an_error() {
    let (_redis, cache) = open().await;
    cache.put("key", "value", Duration::ZERO).await.unwrap();
    cache.put("long", "value", Duration::MAX).await.unwrap_err();
    // It ends by Redis's clock, of which this test waits for the next millisecond.
    while cache.get("key").await.unwrap().is_some() {}
}

#[tokio::test]
async fn passwords_are_redacted() {
    let redis = Shared::redis();
    let config = relaxed_config();
    let user = user_of(&config);
    let url = &redis.url;
    order(
        url,
        &[
            "ACL",
            "SETUSER",
            &user,
            "on",
            ">canary-right",
            "~*",
            "+@all",
        ],
    )
    .await;

    let right = link(&with_user(url, &user, "canary-right"), config.clone());
    let cache = RedisCache::new(right.clone());
    cache.put("key", "value", LONG).await.unwrap();
    assert_eq!(cache.get("key").await.unwrap().as_deref(), Some("value"));
    let wrong = link(&with_user(url, &user, "canary-wrong"), config);
    let error = RedisCache::new(wrong.clone()).get("key").await.unwrap_err();
    for shown in [error.to_string(), format!("{right:?} {wrong:?}")] {
        assert!(!shown.contains("canary"), "{shown}");
    }
    assert!(error.to_string().contains("uthentication"), "{error}");
    order(url, &["ACL", "DELUSER", &user]).await;
}

#[tokio::test]
async fn an_invalid_url_is_refused_without_its_password() {
    for url in [
        "",
        "not an address",
        "http://user:canary@127.0.0.1:6379",
        "redis://user:canary@127.0.0.1:6379/zero",
        "redis://user:canary@127.0.0.1:port",
        "rediss://user:canary@127.0.0.1:6379/#unknown",
    ] {
        let clock = Arc::new(SystemClock);
        let error = RedisLink::open(url, RedisConfig::default(), clock).expect_err(url);
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn an_unknown_command_is_reported_without_its_arguments() {
    let redis = Shared::redis();
    let link = redis.link();
    let mut command = redis::cmd("NOSUCHCOMMAND");
    command.arg("canary");
    let error = link.call::<()>(&command).await.unwrap_err();
    let error = link.cache_error(&error).to_string();
    assert!(error.contains("unknown command"), "{error}");
    assert!(!error.contains("canary"), "{error}");
}

#[tokio::test]
async fn a_refused_deletion_is_retried() {
    let redis = Shared::redis();
    let config = relaxed_config();
    let user = user_of(&config);
    let url = &redis.url;
    let all = ["ACL", "SETUSER", &user, "on", "nopass", "~*", "+@all"];
    order(url, &all).await;
    let direct = RedisCache::new(link(&with_user(url, &user, "any"), config));
    let (inner, clock) = (Arc::new(direct.clone()), Arc::new(SystemClock));
    let cache = Arc::new(InvalidationQueue::new(
        inner,
        clock,
        InvalidationLimits::default(),
    ));
    let run = Arc::clone(&cache);
    let running = tokio::spawn(async move { run.run().await });

    cache.put("key", "value", LONG).await.unwrap();
    order(url, &["ACL", "SETUSER", &user, "-del"]).await;
    cache.delete("key").await.expect("it is remembered");
    assert_eq!(direct.get("key").await.unwrap().as_deref(), Some("value"));
    order(url, &all).await;
    let gone = async {
        while direct.get("key").await.unwrap().is_some() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), gone)
        .await
        .expect("it is deleted");
    running.abort();
    order(url, &["ACL", "DELUSER", &user]).await;
}
