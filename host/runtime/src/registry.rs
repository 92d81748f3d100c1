//! The releases that this host has loaded, and which of them is active for each channel.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

use crate::admission::compile::blocking;
use crate::admission::loaded::{LoadedComponent, VerifiedComponent};
use crate::config::RuntimeConfig;
use crate::egress::Egress;
use crate::engine::{PoolUse, StartError};
use crate::runner::{ComponentRunner, Replayed};

/// Loads, activates and runs components: the [`Channels`] of this host.
pub struct Runtime {
    runner: Arc<ComponentRunner>,
    /// A cell is filled once, however many load the same component at the same time.
    loaded: Mutex<HashMap<Digest, Arc<OnceCell<Arc<LoadedComponent>>>>>,
    /// Replaced as a whole: a reader sees the state before an activation or after it.
    active: ArcSwap<BTreeMap<ChannelId, Arc<LoadedComponent>>>,
    semaphores: ChannelSemaphores,
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
            loaded: Mutex::default(),
            active: ArcSwap::default(),
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
        let loaded = self.get(digest).ok_or(NotLoaded(digest))?;
        let held = ReleaseGuard::of(loaded, Arc::clone(&self.runner));
        Ok(held.runner.replay(&held.loaded, job).await)
    }

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
}

#[async_trait]
impl Channels for Runtime {
    async fn load(&self, component: Vec<u8>) -> Result<Arc<LoadedRelease>, LoadError> {
        let component = Arc::new(component);
        let bytes = Arc::clone(&component);
        let digest = blocking(move || Digest::of(&bytes)).await?;
        let load = || async {
            let semaphores = |verified: &VerifiedComponent| self.semaphores.of(verified);
            self.runner
                .load(digest, component, semaphores)
                .await
                .map(Arc::new)
        };
        match self.cell(digest).get_or_try_init(load).await {
            Ok(loaded) => Ok(Arc::clone(&loaded.release)),
            Err(error) => {
                self.remove_if_empty(digest);
                Err(error)
            }
        }
    }

    fn activate(&self, channel: &ChannelId, digest: Digest) -> Result<(), NotLoaded> {
        let release = self
            .get(digest)
            .filter(|loaded| loaded.release.manifest.id == *channel)
            .ok_or(NotLoaded(digest))?;
        self.active.rcu(|active| {
            let mut active = BTreeMap::clone(active);
            active.insert(channel.clone(), Arc::clone(&release));
            active
        });
        Ok(())
    }

    fn active(&self) -> Vec<Arc<LoadedRelease>> {
        self.active
            .load()
            .values()
            .map(|loaded| Arc::clone(&loaded.release))
            .collect()
    }

    fn hold(&self, channel: &ChannelId) -> Option<Box<dyn HeldRelease>> {
        let loaded = Arc::clone(self.active.load().get(channel)?);
        Some(Box::new(ReleaseGuard::of(loaded, Arc::clone(&self.runner))))
    }

    fn hold_release(&self, digest: Digest) -> Option<Box<dyn HeldRelease>> {
        let loaded = self.get(digest)?;
        Some(Box::new(ReleaseGuard::of(loaded, Arc::clone(&self.runner))))
    }

    fn holders(&self, digest: Digest) -> usize {
        self.get(digest)
            .map_or(0, |loaded| loaded.holders.load(Ordering::Acquire))
    }
}

/// A release in use. A counter of its own, because not only holders have the `Arc`.
struct ReleaseGuard {
    loaded: Arc<LoadedComponent>,
    runner: Arc<ComponentRunner>,
}

impl ReleaseGuard {
    fn of(loaded: Arc<LoadedComponent>, runner: Arc<ComponentRunner>) -> Self {
        loaded.holders.fetch_add(1, Ordering::AcqRel);
        Self { loaded, runner }
    }
}

impl Drop for ReleaseGuard {
    fn drop(&mut self) {
        self.loaded.holders.fetch_sub(1, Ordering::AcqRel);
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
struct ChannelSemaphores(Mutex<HashMap<(ChannelId, u32), Arc<Semaphore>>>);

impl ChannelSemaphores {
    fn of(&self, verified: &VerifiedComponent) -> Arc<Semaphore> {
        let concurrency = verified.declared.limits.concurrency;
        let key = (verified.manifest.id.clone(), concurrency);
        let new = || Arc::new(Semaphore::new(concurrency as usize));
        Arc::clone(lock(&self.0).entry(key).or_insert_with(new))
    }
}

/// A poisoned lock is used on: no statement under these locks leaves a map half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
