//! The stand-ins as a client meets them: over HTTP, on a port of their own.

#![allow(
    clippy::unwrap_used,
    reason = "clippy knows tests by their attribute, and not what they call"
)]

mod support;

mod blog;
mod control;
mod fault_rules;
mod faults;
mod instagram;
mod kakao;
mod kt;
mod read_lag;
