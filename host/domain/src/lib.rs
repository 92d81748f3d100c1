//! Baepo without any IO, on three floors:
//!
//! - [`model`]: what things are, their states and transitions;
//! - [`ports`]: what is needed from the outside;
//! - [`usecases`]: what happens.
//!
//! A floor imports from those above it in this list, never from those below. This crate must not
//! know a runtime, a database, a web framework or a Wasm engine. Time and chance come in as arguments
//! ([`ports::clock::Clock`], [`ports::chance::Chance`]).

pub mod model;
pub mod ports;
pub mod usecases;

pub use jiff::Timestamp;
