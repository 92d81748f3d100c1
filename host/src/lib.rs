//! The host: the place where everything is put together.
//!
//! The library exists so that the binary and the tests start the same [`app::App`].

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
