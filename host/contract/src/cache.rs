//! What a cache does with a value while it has it. It may lose it at any time, but not here: the
//! contract writes a few small values.

use std::time::Duration;

use baepo_domain::ports::Cache;
use baepo_domain::ports::clock::Clock;

const LONG: Duration = Duration::from_secs(3_600);
/// Longer than the coarsest cache is late.
const SHORT: Duration = Duration::from_millis(50);

pub async fn a_value_is_found_under_its_key(cache: &dyn Cache) {
    put(cache, "purpose:shop-1", "재방문", LONG).await;
    assert_eq!(
        get(cache, "purpose:shop-1").await.as_deref(),
        Some("재방문")
    );
    assert_eq!(get(cache, "purpose:shop-2").await, None);
}

pub async fn the_last_value_counts(cache: &dyn Cache) {
    put(cache, "key", "first", LONG).await;
    put(cache, "key", "second", LONG).await;
    assert_eq!(get(cache, "key").await.as_deref(), Some("second"));
}

pub async fn a_deleted_value_is_gone(cache: &dyn Cache) {
    put(cache, "key", "value", LONG).await;
    for _ in 0..2 {
        cache
            .delete("key")
            .await
            .expect("deleting what is not there is no error");
        assert_eq!(get(cache, "key").await, None);
    }
}

pub async fn a_value_expires_after_its_ttl(cache: &dyn Cache, clock: &dyn Clock) {
    put(cache, "short", "value", SHORT).await;
    put(cache, "long", "value", LONG).await;
    // A new value has its own time.
    put(cache, "longer", "first", SHORT).await;
    put(cache, "longer", "second", LONG).await;
    put(cache, "shorter", "first", LONG).await;
    put(cache, "shorter", "second", SHORT).await;
    clock.sleep(SHORT * 2).await;
    assert_eq!(get(cache, "short").await, None);
    assert_eq!(get(cache, "long").await.as_deref(), Some("value"));
    assert_eq!(get(cache, "longer").await.as_deref(), Some("second"));
    assert_eq!(get(cache, "shorter").await, None);
}

async fn put(cache: &dyn Cache, key: &str, value: &str, ttl: Duration) {
    cache
        .put(key, value, ttl)
        .await
        .expect("the cache is there");
}

async fn get(cache: &dyn Cache, key: &str) -> Option<String> {
    cache.get(key).await.expect("the cache is there")
}
