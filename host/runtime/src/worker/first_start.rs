//! What a worker does with a component: everything up to its first start, on an engine of its own.

use std::sync::Arc;

use baepo_domain::model::attempt::{AccountView, GuestFailure};
use baepo_domain::model::id::Digest;
use baepo_domain::ports::LoadError;
use baepo_domain::ports::clock::ManualClock;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use wasmtime::component::Component;

use crate::admission::componentize::manifest_text;
use crate::admission::loaded::{LoadedComponent, VerifiedComponent};
use crate::admission::worker::protocol::Admitted;
use crate::config::RuntimeConfig;
use crate::egress::{Egress, EgressConfig};
use crate::engine::{self, Ticker};
use crate::imports::{HostServices, Purpose, linker};
use crate::runner::invoke::{InstantiationCheck, call};
use crate::runner::unrecorded_call;

/// Verifies, compiles and starts a component. In a worker only: none of this is bounded here.
///
/// # Errors
/// See [`LoadError`].
pub(super) fn admit(config: &RuntimeConfig, component: &[u8]) -> Result<Admitted, LoadError> {
    let manifest = manifest_text(component).map_err(rejected)?;
    let digest = Digest::of(component);
    let verified = VerifiedComponent::of(digest, component.len() as u64, manifest, config)?;
    let engine = engine::compiling_engine(config).map_err(failed)?;
    let compiled = Component::from_binary(&engine, component)
        .map_err(|error| rejected(format!("the component is not valid: {error:#}")))?;
    let linker = linker(&engine).map_err(failed)?;
    let loaded = verified.link(&compiled, &linker, Arc::new(Semaphore::new(1)))?;
    let _ticker = Ticker::start(&engine, config.epoch_tick()).map_err(failed)?;
    // A component that starts sends nothing, whatever it tries.
    let egress = Egress::new(EgressConfig::default()).map_err(failed)?;
    let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
    let services = HostServices::new(config, egress, clock);
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(failed)?
        .block_on(start(&loaded, &services))?;
    Ok(Admitted {
        manifest: manifest.to_owned(),
        artefact: compiled.serialize().map_err(failed)?,
    })
}

async fn start(loaded: &LoadedComponent, services: &HostServices) -> Result<(), LoadError> {
    let state = unrecorded_call(loaded, Purpose::Inspect, AccountView::default(), services);
    match call(loaded, state, InstantiationCheck).await.result {
        Ok(()) => Ok(()),
        Err(interruption) => match GuestFailure::from(interruption) {
            GuestFailure::Host(why) => Err(LoadError::Host(why)),
            failure => Err(rejected(format!("it does not start: {failure}"))),
        },
    }
}

fn rejected(why: impl std::fmt::Display) -> LoadError {
    LoadError::Rejected(why.to_string())
}

fn failed(why: impl std::fmt::Display) -> LoadError {
    LoadError::Host(why.to_string())
}
