//! Runs channels: WebAssembly components that get fuel, memory, time and a short list of
//! addresses, and nothing else.
//!
//! The only crate that names wasmtime. The host sees it through
//! [`baepo_domain::ports::Channels`]; authors' tools through [`componentize`] and [`manifest_of`].
//!
//! From the outside in:
//! - `registry`: which releases are loaded, which are active, who holds them;
//! - `loaded`: what a component must be to become a release (`componentize`, `schema`,
//!   `compile`, `cache`);
//! - `runner`: turns, and what is called with what (`convert`, `redact`);
//! - `invoke`: one call, in a fresh store, within its limits (`engine`, `limits`,
//!   `active_time`);
//! - `imports`: what a component can ask of the host, all through one function, and all from the
//!   attempt's journal or into it;
//! - `egress`: the only way out (`content_coding`, `redact`).
//!
//! An instance serves one call, and nothing survives it.

pub mod egress;

mod active_time;
mod bindings;
mod cache;
mod compile;
mod componentize;
mod config;
mod content_coding;
mod convert;
mod engine;
mod imports;
mod invoke;
mod limits;
mod loaded;
mod redact;
mod registry;
mod runner;
mod schema;

pub use componentize::{ComponentizeError, componentize, manifest_of};
pub use config::RuntimeConfig;
pub use engine::{PoolUse, StartError};
pub use limits::Limits;
pub use registry::Runtime;
pub use runner::Replayed;

#[cfg(test)]
mod tests;
