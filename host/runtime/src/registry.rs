//! The releases that this host has loaded, and which of them is active for each channel.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use baepo_domain::model::attempt::{AccountView, Job, Report};
use baepo_domain::model::findings::Finding;
use baepo_domain::model::id::{ChannelId, Digest};
use baepo_domain::model::manifest::DeclaredLimits;
use baepo_domain::model::receipt::Receipt;
use baepo_domain::ports::clock::Clock;
use baepo_domain::ports::{
    CallError, Channels, CheckInput, HeldRelease, Journal, JsonObject, LoadError, LoadedRelease,
    NotLoaded, ProbeInconclusive, ProbeRequest, RenewError, RenewedSecret, WithdrawError,
    WithdrawRequest,
};
use serde_json::Value;
use tokio::sync::{OnceCell, Semaphore};

use crate::admission::artefacts::blocking;
use crate::admission::loaded::{LoadedComponent, VerifiedComponent};
use crate::config::RuntimeConfig;
use crate::egress::Egress;
use crate::engine::{PoolUse, StartError};
use crate::runner::{ComponentRunner, Replayed};

/// Loads, activates and runs components: the [`Channels`] of this host.
pub struct Runtime {
    runner: Arc<ComponentRunner>,
    releases: Arc<LoadedReleases>,
    semaphores: ChannelSemaphores,
}

/// What is loaded is needed: a release leaves when it is neither active nor held.
#[derive(Default)]
struct LoadedReleases {
    /// A cell is filled once, however many load the same component at the same time.
    loaded: Mutex<HashMap<Digest, Arc<OnceCell<Arc<LoadedComponent>>>>>,
    /// Replaced as a whole: a reader sees the state before an activation or after it.
    active: ArcSwap<BTreeMap<ChannelId, Arc<LoadedComponent>>>,
}

impl Runtime {
    /// Reserves the pool's address space and starts the thread that ticks.
    ///
    /// # Errors
    /// [`StartError`]: the config does not fit together, or the machine does not give what it
    /// asks for.
    pub fn new(
        config: RuntimeConfig,
        egress: Egress,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, StartError> {
        Ok(Arc::new(Self {
            runner: Arc::new(ComponentRunner::new(config, egress, clock)?),
            releases: Arc::default(),
            semaphores: ChannelSemaphores::default(),
        }))
    }

    /// What is in use of the pool right now.
    #[must_use]
    pub fn pool_in_use(&self) -> PoolUse {
        self.runner.pool_in_use()
    }

    /// Runs an attempt again on a loaded release, as far as its journal answers, and sends nothing.
    ///
    /// # Errors
    /// [`NotLoaded`]: load the release first.
    pub async fn replay(&self, digest: Digest, job: Job) -> Result<Replayed, NotLoaded> {
        let loaded = self.releases.get(digest).ok_or(NotLoaded(digest))?;
        let held = self.guard(loaded);
        Ok(held.runner.replay(&held.loaded, job).await)
    }

    fn guard(&self, loaded: Arc<LoadedComponent>) -> ReleaseGuard {
        loaded.holders.fetch_add(1, Ordering::AcqRel);
        ReleaseGuard {
            loaded,
            runner: Arc::clone(&self.runner),
            releases: Arc::clone(&self.releases),
        }
    }
}

impl LoadedReleases {
    fn cell(&self, digest: Digest) -> Arc<OnceCell<Arc<LoadedComponent>>> {
        Arc::clone(lock(&self.loaded).entry(digest).or_default())
    }

    /// A component that did not load leaves nothing behind.
    fn remove_if_empty(&self, digest: Digest) {
        lock(&self.loaded).retain(|of, cell| *of != digest || cell.initialized());
    }

    fn get(&self, digest: Digest) -> Option<Arc<LoadedComponent>> {
        lock(&self.loaded).get(&digest)?.get().cloned()
    }

    /// Who holds it keeps it for themselves; nobody finds it here any more.
    fn remove_unless_needed(&self, digest: Digest) {
        let mut loaded = lock(&self.loaded);
        let Some(release) = loaded.get(&digest).and_then(|cell| cell.get()) else {
            return;
        };
        let is_held = release.holders.load(Ordering::Acquire) > 0;
        if !is_held && !self.is_active(release) {
            loaded.remove(&digest);
        }
    }

    fn is_active(&self, release: &Arc<LoadedComponent>) -> bool {
        let active = self.active.load();
        let of_channel = active.get(&release.release.manifest.id);
        of_channel.is_some_and(|active| Arc::ptr_eq(active, release))
    }
}

#[async_trait]
impl Channels for Runtime {
    async fn load(&self, component: Vec<u8>) -> Result<Box<dyn HeldRelease>, LoadError> {
        let component = Arc::new(component);
        let bytes = Arc::clone(&component);
        let digest = blocking(move || Digest::of(&bytes)).await?;
        let load = || async {
            let semaphores = |verified: &VerifiedComponent| self.semaphores.of(verified);
            self.runner
                .load(digest, &component, semaphores)
                .await
                .map(Arc::new)
        };
        match self.releases.cell(digest).get_or_try_init(load).await {
            Ok(loaded) => Ok(Box::new(self.guard(Arc::clone(loaded)))),
            Err(error) => {
                self.releases.remove_if_empty(digest);
                Err(error)
            }
        }
    }

    fn activate(&self, channel: &ChannelId, digest: Digest) -> Result<(), NotLoaded> {
        let release = self
            .releases
            .get(digest)
            .filter(|loaded| loaded.release.manifest.id == *channel)
            .ok_or(NotLoaded(digest))?;
        let before = self.releases.active.rcu(|active| {
            let mut active = BTreeMap::clone(active);
            active.insert(channel.clone(), Arc::clone(&release));
            active
        });
        if let Some(replaced) = before.get(channel) {
            self.releases.remove_unless_needed(replaced.release.digest);
        }
        Ok(())
    }

    fn deactivate(&self, channel: &ChannelId) {
        let before = self.releases.active.rcu(|active| {
            let mut active = BTreeMap::clone(active);
            active.remove(channel);
            active
        });
        if let Some(removed) = before.get(channel) {
            self.releases.remove_unless_needed(removed.release.digest);
        }
    }

    fn active(&self) -> Vec<Arc<LoadedRelease>> {
        self.releases
            .active
            .load()
            .values()
            .map(|loaded| Arc::clone(&loaded.release))
            .collect()
    }

    fn hold(&self, channel: &ChannelId) -> Option<Box<dyn HeldRelease>> {
        let loaded = Arc::clone(self.releases.active.load().get(channel)?);
        Some(Box::new(self.guard(loaded)))
    }

    fn hold_release(&self, digest: Digest) -> Option<Box<dyn HeldRelease>> {
        Some(Box::new(self.guard(self.releases.get(digest)?)))
    }

    fn holders(&self, digest: Digest) -> usize {
        self.releases
            .get(digest)
            .map_or(0, |loaded| loaded.holders.load(Ordering::Acquire))
    }
}

/// A release in use. A counter of its own, because not only holders have the `Arc`.
struct ReleaseGuard {
    loaded: Arc<LoadedComponent>,
    runner: Arc<ComponentRunner>,
    releases: Arc<LoadedReleases>,
}

impl Drop for ReleaseGuard {
    fn drop(&mut self) {
        if self.loaded.holders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.releases
                .remove_unless_needed(self.loaded.release.digest);
        }
    }
}

#[async_trait]
impl HeldRelease for ReleaseGuard {
    fn release(&self) -> &LoadedRelease {
        &self.loaded.release
    }

    fn settings(&self, given: &Value) -> Result<JsonObject, Vec<Finding>> {
        self.loaded.settings.fill(given)
    }

    fn options(&self, given: &Value) -> Result<JsonObject, Vec<Finding>> {
        self.loaded.options.fill(given)
    }

    fn normal_settings(&self, given: JsonObject) -> JsonObject {
        self.loaded.settings.normalized(given)
    }

    fn limits(&self) -> DeclaredLimits {
        self.loaded.limits.declared()
    }

    async fn run(&self, job: Job, journal: Arc<dyn Journal>) -> Report {
        self.runner.distribute(&self.loaded, job, journal).await
    }

    async fn probe(
        &self,
        question: ProbeRequest,
    ) -> Option<Result<Option<Receipt>, ProbeInconclusive>> {
        self.runner.probe(&self.loaded, question).await
    }

    async fn withdraw(&self, withdrawal: WithdrawRequest) -> Option<Result<(), WithdrawError>> {
        self.runner.withdraw(&self.loaded, withdrawal).await
    }

    async fn renew(
        &self,
        secret: &str,
        account: &AccountView,
    ) -> Result<RenewedSecret, RenewError> {
        self.runner.renew(&self.loaded, secret, account).await
    }

    async fn check(&self, draft: CheckInput<'_>) -> Result<Vec<Finding>, CallError> {
        self.runner.check(&self.loaded, draft).await
    }

    async fn preview(&self, draft: CheckInput<'_>) -> Result<Option<String>, CallError> {
        self.runner.preview(&self.loaded, draft).await
    }
}

/// How many attempts of a channel may run. Releases that declare the same concurrency share a
/// semaphore, so that an activation does not double it; a release that declares another has its own.
#[derive(Default)]
struct ChannelSemaphores(Mutex<HashMap<(ChannelId, u32), Weak<Semaphore>>>);

impl ChannelSemaphores {
    fn of(&self, verified: &VerifiedComponent) -> Arc<Semaphore> {
        let concurrency = verified.limits.concurrency;
        let key = (verified.manifest.id.clone(), concurrency);
        let mut semaphores = lock(&self.0);
        if let Some(semaphore) = semaphores.get(&key).and_then(Weak::upgrade) {
            return semaphore;
        }
        semaphores.retain(|_, semaphore| semaphore.strong_count() > 0);
        let semaphore = Arc::new(Semaphore::new(concurrency as usize));
        semaphores.insert(key, Arc::downgrade(&semaphore));
        semaphore
    }
}

/// A poisoned lock is used on: no statement under these locks leaves a map half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
