//! From a component's bytes to machine code, off the threads that serve, a few at a time.

use std::sync::Arc;

use baepo_domain::model::id::Digest;
use baepo_domain::ports::LoadError;
use tokio::sync::Semaphore;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::cache::Cache;
use crate::config::RuntimeConfig;
use crate::engine::StartError;

pub(crate) struct Compiler {
    engine: Engine,
    cache: Option<Arc<Cache>>,
    semaphore: Semaphore,
}

impl Compiler {
    pub fn new(engine: &Engine, config: &RuntimeConfig) -> Result<Self, StartError> {
        let cache = match &config.cache_dir {
            None => None,
            Some(folder) => {
                let cache = Cache::open(folder, config.cache_key.as_deref(), engine);
                Some(Arc::new(cache.map_err(|error| {
                    StartError::Config(format!("cache_dir {}: {error}", folder.display()))
                })?))
            }
        };
        Ok(Self {
            engine: engine.clone(),
            cache,
            semaphore: Semaphore::new(config.compile_concurrency as usize),
        })
    }

    /// Machine code from the cache, or else compiled and put into the cache.
    ///
    /// # Errors
    /// [`LoadError::Rejected`]: it is not valid, or does not fit into the pool.
    pub async fn compile(
        &self,
        digest: Digest,
        bytes: Arc<Vec<u8>>,
    ) -> Result<Component, LoadError> {
        let _permit = self.semaphore.acquire().await.expect("never closed");
        let engine = self.engine.clone();
        let cache = self.cache.clone();
        blocking(move || match &cache {
            Some(cache) => load_or_compile(cache, &engine, digest, &bytes),
            None => compile_component(&engine, &bytes),
        })
        .await?
    }
}

fn load_or_compile(
    cache: &Cache,
    engine: &Engine,
    digest: Digest,
    bytes: &[u8],
) -> Result<Component, LoadError> {
    if let Some(component) = cache.get(engine, digest) {
        return Ok(component);
    }
    let component = compile_component(engine, bytes)?;
    if let Err(error) = cache.put(digest, &component) {
        tracing::warn!(release = digest.short(), %error, "a compiled component was not cached");
    }
    Ok(component)
}

#[tracing::instrument(name = "runtime.component.compile", skip_all, fields(bytes = bytes.len()))]
fn compile_component(engine: &Engine, bytes: &[u8]) -> Result<Component, LoadError> {
    Component::from_binary(engine, bytes)
        .map_err(|error| LoadError::Rejected(format!("the component is not valid: {error:#}")))
}

/// Runs work that blocks on a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, LoadError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| LoadError::Host(format!("loading was cut short: {error}")))
}
