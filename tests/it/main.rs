//! The host's behaviour, as its users see it. In reading order.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on stops"
)]

mod accounts;
mod advert;
mod answers;
mod api;
mod binary;
mod budgets;
mod check;
mod clients;
mod doctor;
mod durable;
mod egress;
mod failover;
mod faults;
mod hostile;
mod instagram;
mod kill;
mod kt;
mod life;
mod offer;
mod outages;
mod owner_texts;
mod ownership;
mod patience;
mod pictures;
mod possible;
mod publish;
mod recipients;
mod refusals;
mod replicas;
mod runtime;
mod schedule;
mod secrets;
mod split;
mod stream;
mod swap;
mod text;
mod webhook;
