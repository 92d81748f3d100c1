//! The host's behaviour, as its users see it. In reading order.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on stops"
)]

mod api;
mod binary;
mod budgets;
mod doctor;
mod durable;
mod egress;
mod faults;
mod hostile;
mod kill;
mod outages;
mod ownership;
mod publish;
mod replicas;
mod runtime;
mod secrets;
mod split;
mod swap;
