//! The host: the HTTP API, the background workers, the command line, and the process that wires them
//! to the domain, the adapters and the runtime.
//!
//! - `cli` parses a command; `serve` starts an [`app::App`] from a `config`.
//! - `app` opens adapters and runtime, builds the use cases, and starts the rest.
//! - `server` accepts connections; `api` turns requests into calls of use cases.
//! - `worker` does what goes on without a request.
//!
//! A library, so that the binary and the tests start the same host.

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod data;
#[cfg(debug_assertions)]
mod failpoint;
pub mod server;
pub mod telemetry;
pub mod tls;
pub mod worker;
