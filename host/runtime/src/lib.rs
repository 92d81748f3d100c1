//! Runs channels: WebAssembly components that get fuel, memory, time and a short list of
//! addresses, and nothing else.
//!
//! The only crate that names wasmtime. The host sees it through
//! [`baepo_domain::ports::Channels`]; authors' tools through [`componentize`] and [`manifest_of`].
//!
//! From the outside in:
//! - `registry`: which releases are loaded, which are active, who holds them;
//! - `admission`: from an upload to a release that can run; foreign bytes are read and compiled by a worker process;
//! - `worker`: that process;
//! - `runner`: turns, and what is called with what (`convert`); `runner::invoke` is one call, in a
//!   fresh store, within its limits (`engine`, `limits`, `active_time`);
//! - `imports`: what a component can ask of the host, on the traits of the contract (`bindings`),
//!   all behind one guard: counted, then answered from the attempt's journal or written to it;
//! - `egress`: the only way out (`content_coding`, `redact`).
//!
//! An instance serves one call, and nothing survives it.

pub mod egress;

mod active_time;
mod admission;
mod bindings;
mod config;
mod content_coding;
mod convert;
mod engine;
mod imports;
mod limits;
mod redact;
mod registry;
mod runner;
mod worker;

pub use admission::componentize::{ComponentizeError, componentize, manifest_of};
pub use admission::worker::{Confinement, WorkerLimits, self_test};
pub use config::RuntimeConfig;
pub use engine::{PoolUse, StartError};
pub use limits::Limits;
pub use registry::Runtime;
pub use runner::Replayed;
pub use worker::run_as_worker;

#[cfg(test)]
mod tests;
