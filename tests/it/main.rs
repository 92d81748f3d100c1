//! The host's behaviour, as its users see it. In reading order.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on stops"
)]

mod accounts;
mod advert;
mod provider_responses;
mod api;
mod binary;
mod shared_rate_limits;
mod check;
mod hostile_clients;
mod doctor;
mod durable;
mod egress;
mod failover;
mod faults;
mod hostile;
mod instagram;
mod kill;
mod kt;
mod delivery_actions;
mod offer_end;
mod outages;
mod owner_texts;
mod ownership;
mod long_deliveries;
mod pictures;
mod possible_actions;
mod publish;
mod recipients;
mod validation_errors;
mod replicas;
mod runtime;
mod schedule;
mod secrets;
mod split_services;
mod stream;
mod releases;
mod text_normalization;
mod webhook;
