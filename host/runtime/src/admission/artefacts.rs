//! From a component's bytes to its manifest and machine code: out of the cache, or from a worker.

use std::sync::Arc;

use baepo_domain::model::id::Digest;
use baepo_domain::ports::LoadError;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::cache::Cache;
use super::worker::Workers;
use super::worker::protocol::Admitted;
use crate::config::RuntimeConfig;
use crate::engine::StartError;

/// The components that were admitted by this host, or by one before it with the same cache.
pub(crate) struct Artefacts {
    engine: Engine,
    cache: Option<Arc<Cache>>,
    workers: Workers,
}

/// The text of a component's `channel.toml`, and its machine code on the host's engine.
pub(crate) struct Artefact {
    pub manifest: String,
    pub component: Component,
}

impl Artefacts {
    pub fn new(engine: &Engine, config: &Arc<RuntimeConfig>) -> Result<Self, StartError> {
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
            workers: Workers::new(Arc::clone(config)),
        })
    }

    /// A component that was admitted before comes out of the cache; another is admitted by a worker.
    ///
    /// # Errors
    /// [`LoadError::Rejected`]: it is no channel of this contract, does not start, or needs more than a worker may
    /// use.
    pub async fn of(&self, digest: Digest, bytes: &[u8]) -> Result<Artefact, LoadError> {
        if let Some(cached) = self.cached(digest).await? {
            return Ok(cached);
        }
        let admitted = self.workers.admit(bytes).await?;
        let (engine, cache) = (self.engine.clone(), self.cache.clone());
        blocking(move || {
            if let Some(cache) = cache
                && let Err(error) = cache.put(digest, &admitted)
            {
                tracing::warn!(release = digest.short(), %error, "a compiled component was not cached");
            }
            load(&engine, admitted).map_err(|error| {
                LoadError::Host(format!("a worker's machine code does not fit: {error:#}"))
            })
        })
        .await?
    }

    async fn cached(&self, digest: Digest) -> Result<Option<Artefact>, LoadError> {
        let Some(cache) = self.cache.clone() else {
            return Ok(None);
        };
        let engine = self.engine.clone();
        blocking(move || load(&engine, cache.get(digest)?).ok()).await
    }
}

fn load(engine: &Engine, admitted: Admitted) -> wasmtime::Result<Artefact> {
    // SAFETY: the bytes were made by `Component::serialize` on an engine with the same settings, in a worker of this
    // host, or of one that holds the same private key: the cache proves it by their MAC.
    let component = unsafe { Component::deserialize(engine, &admitted.artefact) }?;
    Ok(Artefact {
        manifest: admitted.manifest,
        component,
    })
}

/// Runs work that blocks on a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, LoadError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| LoadError::Host(format!("loading was cut short: {error}")))
}
