//! The host's functions as `wit-bindgen` gives them; natively a scripted host stands in.

#[cfg(target_arch = "wasm32")]
pub(crate) use crate::bindings::imports::baepo::channel::{
    account::{attributable, setting, sign},
    http::{send, send_all},
    run::{accepted, log, now, remark, sleep, waiting},
};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use crate::testing::imports::{
    accepted, attributable, log, now, remark, send, send_all, setting, sign, sleep, waiting,
};
