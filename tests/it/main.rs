//! The host's behaviour, as its users see it. In reading order.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on stops"
)]

mod accounts;
mod advert;
mod api;
mod approval;
mod binary;
mod check;
mod delivery_actions;
mod doctor;
mod durable;
mod egress;
mod faults;
mod hostile;
mod hostile_clients;
mod hostile_uploads;
mod idempotency;
mod instagram;
mod kill;
mod kt;
mod long_deliveries;
mod oci_registry;
mod offer_end;
mod owner_texts;
mod ownership;
mod pictures;
mod possible_actions;
mod provider_responses;
mod publish;
mod recipients;
mod releases;
mod runtime;
mod schedule;
mod secrets;
mod services;
mod signatures;
mod stream;
mod text_normalization;
mod upgrade;
mod validation_errors;
mod webhook;

/// Makes this program the worker that its own hosts start.
#[test]
fn admission_worker() {
    if let Some(ended) = baepo_runtime::run_as_worker() {
        std::process::exit(i32::from(ended != std::process::ExitCode::SUCCESS));
    }
}
