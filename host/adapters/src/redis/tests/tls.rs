//! The same over TLS.

use std::time::Duration;

use baepo_domain::ports::Cache as _;
use baepo_test_services::Redis;

use super::{link, relaxed_config};
use crate::redis::{RedisCache, RedisConfig};

const LONG: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn tls_connects_only_to_a_server_with_a_trusted_certificate() {
    let redis = Redis::start_with_tls().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let certificate = folder.path().join("ca.pem");
    std::fs::write(&certificate, redis.root_certificate().unwrap()).unwrap();
    let config = RedisConfig {
        root_certificate: Some(certificate),
        ..relaxed_config()
    };
    let cache = RedisCache::new(link(&redis.url(), config.clone()));
    cache.put("key", "value", LONG).await.unwrap();
    assert_eq!(cache.get("key").await.unwrap().as_deref(), Some("value"));

    let unknown = RedisCache::new(link(&redis.url(), relaxed_config()));
    let error = unknown.get("key").await.unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");
    let plain = redis.url().replace("rediss:", "redis:");
    let plain = RedisCache::new(link(&plain, config.clone()));
    plain.get("key").await.unwrap_err();
    let other_name = redis.url().replace("localhost", "127.0.0.1");
    let error = RedisCache::new(link(&other_name, config)).get("key").await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");
}
