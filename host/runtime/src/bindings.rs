//! What `bindgen!` makes of `wit/channel.wit`.
//!
//! One world with every export gives one set of types. No component has to be of that world:
//! `loaded` looks up each exported interface by itself, and the optional ones may be missing.

#![allow(missing_docs, clippy::all)]

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "baepo:channel/full-channel-plugin",
    imports: { default: async | trappable },
    exports: { default: async },
});

pub use baepo::channel::{account, http, run, types};
pub use exports::baepo::channel::{channel, preview, probe, withdraw};
