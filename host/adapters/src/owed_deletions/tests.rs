use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use baepo_domain::clock::ManualClock;

use super::*;
use crate::moka::MokaCache;

const LONG: Duration = Duration::from_secs(3_600);
const KEY: &str = "purpose:shop-1";

/// A cache that can be away for deletions and for new values.
struct Fragile {
    kept: MokaCache,
    deletes: AtomicBool,
    puts: AtomicBool,
    tried: AtomicUsize,
    /// A deletion stays under way until there is a permit.
    gate: tokio::sync::Semaphore,
}

impl Fragile {
    async fn value(&self) -> Option<String> {
        self.kept.get(KEY).await.expect("it is in memory")
    }
}

#[async_trait]
impl Cache for Fragile {
    async fn put(&self, key: &str, value: &str, ttl: Duration) -> Result<(), CacheError> {
        if !self.puts.load(Ordering::SeqCst) {
            return Err(CacheError("away".to_owned()));
        }
        self.kept.put(key, value, ttl).await
    }

    async fn get(&self, key: &str) -> Result<Option<String>, CacheError> {
        self.kept.get(key).await
    }

    async fn delete(&self, key: &str) -> Result<(), CacheError> {
        self.tried.fetch_add(1, Ordering::SeqCst);
        let _passed = self.gate.acquire().await.expect("an open gate");
        if !self.deletes.load(Ordering::SeqCst) {
            return Err(CacheError("away".to_owned()));
        }
        self.kept.delete(key).await
    }
}

/// A cache with a value under [`KEY`] that cannot be deleted for now.
struct Scene {
    fragile: Arc<Fragile>,
    clock: Arc<ManualClock>,
    cache: Arc<OwedDeletions>,
    running: tokio::task::JoinHandle<()>,
}

impl Scene {
    async fn new() -> Self {
        Self::with(DeletionLimits::default()).await
    }

    async fn with(limits: DeletionLimits) -> Self {
        let fragile = Arc::new(Fragile {
            kept: MokaCache::new(1 << 20),
            deletes: AtomicBool::new(false),
            puts: AtomicBool::new(true),
            tried: AtomicUsize::new(0),
            gate: tokio::sync::Semaphore::new(100),
        });
        let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
        let (inner, time) = (Arc::clone(&fragile) as _, Arc::clone(&clock) as _);
        let cache = Arc::new(OwedDeletions::new(inner, time, limits));
        cache.put(KEY, "old", LONG).await.expect("it is there");
        let run = Arc::clone(&cache);
        let running = tokio::spawn(async move { run.run().await });
        Self {
            fragile,
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
            self.clock.advance(FIRST_WAIT);
            tokio::task::yield_now().await;
        }
        panic!("{} keys are owed", self.cache.keys_owed());
    }

    fn tried(&self) -> usize {
        self.fragile.tried.load(Ordering::SeqCst)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.running.abort();
    }
}

#[tokio::test]
async fn a_deletion_that_failed_is_made_up_for() {
    let scene = Scene::new().await;
    for _ in 0..3 {
        scene.cache.delete(KEY).await.expect("it is remembered");
    }
    assert_eq!(scene.cache.keys_owed(), 1, "keys merge");
    assert_eq!(scene.fragile.value().await.as_deref(), Some("old"));
    let found = scene.cache.get(KEY).await.expect("it is there");
    assert_eq!(found, None, "what is owed is not there for this host");

    scene.until(|scene| scene.tried() >= 10).await;
    assert_eq!(scene.cache.keys_owed(), 1);
    scene.fragile.deletes.store(true, Ordering::SeqCst);
    scene.until(|scene| scene.cache.keys_owed() == 0).await;
    assert_eq!(scene.fragile.value().await, None);

    // And the next time again.
    scene.fragile.deletes.store(false, Ordering::SeqCst);
    scene
        .cache
        .put(KEY, "old", LONG)
        .await
        .expect("it is there");
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene.fragile.deletes.store(true, Ordering::SeqCst);
    scene.until(|scene| scene.cache.keys_owed() == 0).await;
    assert_eq!(scene.fragile.value().await, None);
}

#[tokio::test]
async fn retries_come_less_often_but_never_too_late() {
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
        scene.clock.advance(FIRST_WAIT);
        waited += FIRST_WAIT;
    }
    assert_eq!(waits, [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
}

#[tokio::test]
async fn a_newer_value_stays() {
    let scene = Scene::new().await;
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene
        .cache
        .put(KEY, "new", LONG)
        .await
        .expect("it is there");
    assert_eq!(scene.cache.keys_owed(), 0);
    scene.fragile.deletes.store(true, Ordering::SeqCst);
    scene.clock.advance(LONG);
    tokio::task::yield_now().await;
    let found = scene.cache.get(KEY).await.expect("it is there");
    assert_eq!(found.as_deref(), Some("new"));
}

#[tokio::test]
async fn a_newer_value_waits_for_the_retry_that_is_under_way() {
    let scene = Scene::new().await;
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene.fragile.deletes.store(true, Ordering::SeqCst);
    let closed = scene.fragile.gate.acquire_many(100).await.expect("all");
    scene.until(|scene| scene.tried() == 2).await;

    let cache = Arc::clone(&scene.cache);
    let putting = tokio::spawn(async move { cache.put(KEY, "new", LONG).await });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(scene.fragile.value().await.as_deref(), Some("old"));
    drop(closed);
    putting.await.expect("no panic").expect("it is there");
    assert_eq!(scene.fragile.value().await.as_deref(), Some("new"));
    assert_eq!(scene.cache.keys_owed(), 0);
}

#[tokio::test]
async fn a_newer_value_that_was_not_taken_leaves_the_deletion_owed() {
    let scene = Scene::new().await;
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene.fragile.puts.store(false, Ordering::SeqCst);
    scene.cache.put(KEY, "new", LONG).await.expect_err("away");
    assert_eq!(scene.cache.keys_owed(), 1);
}

#[tokio::test]
async fn a_deletion_that_works_settles_what_is_owed() {
    let scene = Scene::new().await;
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene.fragile.deletes.store(true, Ordering::SeqCst);
    scene.cache.delete(KEY).await.expect("it is there");
    assert_eq!(scene.cache.keys_owed(), 0);
    assert_eq!(scene.fragile.value().await, None);
}

#[tokio::test]
async fn nothing_is_owed_longer_than_a_value_lives() {
    let scene = Scene::new().await;
    let limits = DeletionLimits::default();
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene.clock.advance(limits.longest_life / 2);
    // A newer value may have been put by another host, and lives from then on.
    scene.cache.delete(KEY).await.expect("it is remembered");
    scene.clock.advance(limits.longest_life * 2 / 3);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(scene.cache.keys_owed(), 1);
    scene.clock.advance(limits.longest_life);
    scene.until(|scene| scene.cache.keys_owed() == 0).await;
}

#[tokio::test]
async fn more_than_may_be_owed_fails() {
    let limits = DeletionLimits {
        keys: 2,
        ..DeletionLimits::default()
    };
    let scene = Scene::with(limits).await;
    scene.cache.delete("one").await.expect("it is remembered");
    scene.cache.delete("two").await.expect("it is remembered");
    scene.cache.delete("three").await.expect_err("too many");
    scene.cache.delete("two").await.expect("it is remembered");
}
