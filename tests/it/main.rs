//! The host's behaviour, as its users see it. In reading order.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on stops"
)]

mod api;
mod binary;
mod durable;
mod egress;
mod faults;
mod hostile;
mod kill;
mod publish;
mod runtime;
mod secrets;
mod swap;
