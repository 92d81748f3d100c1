use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use baepo_domain::ports::clock::ManualClock;

use super::*;
use crate::moka::MokaCache;

const LONG: Duration = Duration::from_secs(3_600);
const KEY: &str = "purpose:shop-1";

/// A cache that can be away for deletions and for new values.
struct FlakyCache {
    backing: MokaCache,
    deletes: AtomicBool,
    puts: AtomicBool,
    tried: AtomicUsize,
    /// A deletion stays under way until there is a permit.
    gate: tokio::sync::Semaphore,
}

impl FlakyCache {
    async fn value(&self) -> Option<String> {
        self.backing.get(KEY).await.expect("it is in memory")
    }
}

#[async_trait]
impl Cache for FlakyCache {
    async fn put(&self, key: &str, value: &str, ttl: Duration) -> Result<(), CacheError> {
        if !self.puts.load(Ordering::SeqCst) {
            return Err(CacheError("away".to_owned()));
        }
        self.backing.put(key, value, ttl).await
    }

    async fn get(&self, key: &str) -> Result<Option<String>, CacheError> {
        self.backing.get(key).await
    }

    async fn delete(&self, key: &str) -> Result<(), CacheError> {
        self.tried.fetch_add(1, Ordering::SeqCst);
        let _passed = self.gate.acquire().await.expect("an open gate");
        if !self.deletes.load(Ordering::SeqCst) {
            return Err(CacheError("away".to_owned()));
        }
        self.backing.delete(key).await
    }
}

/// A cache with a value under [`KEY`] that cannot be deleted for now.
struct Scene {
    flaky: Arc<FlakyCache>,
    clock: Arc<ManualClock>,
    cache: Arc<InvalidationQueue>,
    running: tokio::task::JoinHandle<()>,
}

impl Scene {
    async fn new() -> Self {
        Self::with(InvalidationLimits::default()).await
    }

    async fn with(limits: InvalidationLimits) -> Self {
        let flaky = Arc::new(FlakyCache {
            backing: MokaCache::new(1 << 20),
            deletes: AtomicBool::new(false),
            puts: AtomicBool::new(true),
            tried: AtomicUsize::new(0),
            gate: tokio::sync::Semaphore::new(100),
        });
        let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
        let (inner, time) = (Arc::clone(&flaky) as _, Arc::clone(&clock) as _);
        let cache = Arc::new(InvalidationQueue::new(inner, time, limits));
        cache.put(KEY, "old", LONG).await.expect("it is there");
        let run = Arc::clone(&cache);
        let running = tokio::spawn(async move { run.run().await });
        Self {
            flaky,
            clock,
            cache,
            running,
        }
    }

    /// Lets time pass until this holds.
    async fn until(&self, holds: impl Fn(&Self) -> bool) {
        for _ in 0..1_000 {
            if holds(self) {
                return;
            }
            self.clock.advance(INITIAL_BACKOFF);
            tokio::task::yield_now().await;
        }
        panic!("{} keys are owed", self.cache.pending_keys());
    }

    fn tried(&self) -> usize {
        self.flaky.tried.load(Ordering::SeqCst)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.running.abort();
    }
}

#[tokio::test]
async fn a_failed_deletion_is_retried() {
    let scene = Scene::new().await;
    for _ in 0..3 {
        scene.cache.delete(KEY).await.expect("it is remembered");
    }
    assert_eq!(scene.cache.pending_keys(), 1, "keys merge");
    assert_eq!(scene.flaky.value().await.as_deref(), Some("old"));
    let found = scene.cache.get(KEY).await.expect("it is there");
    assert_eq!(found, None, "what is owed is not there for this host");

    scene.until(|scene| scene.tried() >= 10).await;
    assert_eq!(scene.cache.pending_keys(), 1);
    scene.flaky.deletes.store(true, Ordering::SeqCst);
    scene.until(|scene| scene.cache.pending_keys() == 0).await;
    assert_eq!(scene.flaky.value().await, None);

    // And the next time again.
    scene.flaky.deletes.store(false, Ordering::SeqCst);
    scene
        .cache
        .put(KEY, "old", LONG)
        .await
        .expect("it is there");
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene.flaky.deletes.store(true, Ordering::SeqCst);
    scene.until(|scene| scene.cache.pending_keys() == 0).await;
    assert_eq!(scene.flaky.value().await, None);
}

#[tokio::test]
async fn retries_back_off_up_to_a_maximum() {
    let scene = Scene::new().await;
    scene.cache.delete(KEY).await.expect("it is remembered");
    let mut waits = Vec::new();
    let mut waited = Duration::ZERO;
    let mut tried = scene.tried();
    while waits.len() < 8 {
        // The task first comes to its sleep.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        if scene.tried() > tried {
            tried = scene.tried();
            waits.push(std::mem::take(&mut waited).as_millis());
        }
        scene.clock.advance(INITIAL_BACKOFF);
        waited += INITIAL_BACKOFF;
    }
    assert_eq!(waits, [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
}

#[tokio::test]
async fn a_newer_value_is_not_deleted() {
    let scene = Scene::new().await;
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene
        .cache
        .put(KEY, "new", LONG)
        .await
        .expect("it is there");
    assert_eq!(scene.cache.pending_keys(), 0);
    scene.flaky.deletes.store(true, Ordering::SeqCst);
    scene.clock.advance(LONG);
    tokio::task::yield_now().await;
    let found = scene.cache.get(KEY).await.expect("it is there");
    assert_eq!(found.as_deref(), Some("new"));
}

#[tokio::test]
async fn a_put_waits_for_the_retry_in_flight() {
    let scene = Scene::new().await;
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene.flaky.deletes.store(true, Ordering::SeqCst);
    let closed = scene.flaky.gate.acquire_many(100).await.expect("all");
    scene.until(|scene| scene.tried() == 2).await;

    let cache = Arc::clone(&scene.cache);
    let putting = tokio::spawn(async move { cache.put(KEY, "new", LONG).await });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(scene.flaky.value().await.as_deref(), Some("old"));
    drop(closed);
    putting.await.expect("no panic").expect("it is there");
    assert_eq!(scene.flaky.value().await.as_deref(), Some("new"));
    assert_eq!(scene.cache.pending_keys(), 0);
}

#[tokio::test]
async fn a_failed_put_keeps_the_pending_invalidation() {
    let scene = Scene::new().await;
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene.flaky.puts.store(false, Ordering::SeqCst);
    scene.cache.put(KEY, "new", LONG).await.expect_err("away");
    assert_eq!(scene.cache.pending_keys(), 1);
}

#[tokio::test]
async fn a_successful_deletion_resolves_the_pending_invalidation() {
    let scene = Scene::new().await;
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene.flaky.deletes.store(true, Ordering::SeqCst);
    scene.cache.delete(KEY).await.expect("it is there");
    assert_eq!(scene.cache.pending_keys(), 0);
    assert_eq!(scene.flaky.value().await, None);
}

#[tokio::test]
async fn a_pending_invalidation_expires_with_the_longest_ttl() {
    let scene = Scene::new().await;
    let limits = InvalidationLimits::default();
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene.clock.advance(limits.max_ttl / 2);
    // A newer value may have been put by another host, and lives from then on.
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene.clock.advance(limits.max_ttl * 2 / 3);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(scene.cache.pending_keys(), 1);
    scene.clock.advance(limits.max_ttl);
    scene.until(|scene| scene.cache.pending_keys() == 0).await;
}

#[tokio::test]
async fn a_deletion_beyond_the_queue_limit_fails() {
    let limits = InvalidationLimits {
        keys: 2,
        ..InvalidationLimits::default()
    };
    let scene = Scene::with(limits).await;
    scene.cache.delete("one").await.expect("it is remembered");
    scene.cache.delete("two").await.expect("it is remembered");
    scene.cache.delete("three").await.expect_err("too many");
    scene.cache.delete("two").await.expect("it is remembered");
}
