//! Attempts of every channel and of the guests that call the host, as an earlier host recorded
//! them: today's host must write the same journals, byte for byte, and go on from them.
//!
//! The files in `journals/` were written by `record_anew`, which runs each component
//! against the stand-ins of the providers:
//! `cargo test --workspace --test recorded_journals -- --ignored`. Record anew only where a component
//! changes what it sends: a file that this host has just written proves nothing about the hosts
//! before it.
//!
//! The components are those that `cargo xtask guests` builds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod clock;
mod fixture;
mod local;
mod provider;
mod recording;

use std::sync::Arc;

use axum::Router;
use baepo_domain::Timestamp;
use baepo_domain::model::journal::{Entry, Step};
use baepo_sandbox::Sandbox;
use serde_json::json;

use clock::{SandboxControl, SleepingClock};
use fixture::Fixture;
use local::{rewrite, serve};
use provider::RecordedProvider;
use recording::{CHANNELS, GUESTS, Recording, file, written};

/// Makes this program the worker that its own runtimes start.
#[test]
fn admission_worker() {
    if let Some(ended) = baepo_runtime::run_as_worker() {
        std::process::exit(i32::from(ended != std::process::ExitCode::SUCCESS));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_attempts_write_the_same_journals_wherever_they_continue() {
    for name in CHANNELS.iter().chain(&GUESTS) {
        let text = std::fs::read_to_string(file(name)).unwrap();
        let recording: Recording = serde_json::from_str(&text).unwrap();
        let journal = &recording.journal;
        let provider = RecordedProvider::start(journal).await;
        let clock = Arc::new(SleepingClock::at(recording.started_at, None));
        let fixture = Fixture::with(name, provider.rewrites.clone(), clock).await;
        for reached in 0..=journal.len() {
            let (known, coming) = journal.split_at(reached);
            // Without its answer an unsafe request stays in doubt, as other tests have it.
            if matches!(known.last().map(|entry| &entry.step), Some(Step::Sent(_))) {
                continue;
            }
            provider.answers_as(coming);
            fixture
                .clock
                .set(known.last().map_or(recording.started_at, time_after));
            let again = fixture
                .run(
                    recording.started_at,
                    recording.beginning.clone(),
                    known.to_vec(),
                )
                .await;
            assert_eq!(
                written(&again),
                text,
                "{name}, continued behind entry {reached}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes the recordings"]
async fn record_anew() {
    // The stand-ins are configured over HTTP, before a runtime sets TLS up.
    let _ = rustls::crypto::ring::default_provider().install_default();
    for name in CHANNELS.iter().chain(&GUESTS) {
        let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into()).await.unwrap();
        let control = SandboxControl(format!("http://{}/_control", sandbox.address()));
        let quick = json!({"publishingQuota": 1_000, "creativeMs": 0, "reviewMs": 0});
        control.set("PATCH", "settings", &quick).await;
        let sandboxed = sandbox.rewrites();
        let mut rewrites: Vec<_> = sandboxed
            .iter()
            .map(|(origin, to)| rewrite(origin, to))
            .collect();
        let echo = serve(Router::new().fallback(async || "{}")).await;
        for origin in ["https://echo.example", "https://hooks.example"] {
            rewrites.push(rewrite(origin, &echo));
        }
        // The sandbox has the wall's time, and what is advertised must not be over by then.
        #[allow(clippy::disallowed_methods, reason = "a recording carries its date")]
        let now = Timestamp::now().round(jiff::Unit::Second).unwrap();
        let clock = Arc::new(SleepingClock::at(now, Some(control)));
        let fixture = Fixture::with(name, rewrites, clock).await;
        let beginning = fixture.beginning(name);
        let recording = fixture.run(now, beginning, Vec::new()).await;
        let is_good = ["live", "action-required"].contains(&recording.end.as_str());
        assert!(is_good, "{name}: {recording:#?}");
        std::fs::write(file(name), written(&recording)).unwrap();
        sandbox.stop().await;
    }
}

fn time_after(entry: &Entry) -> Timestamp {
    match entry.step {
        Step::Slept { until } => until,
        _ => entry.at,
    }
}
