//! Measures what the goals give a number for, prints a table and writes `target/bench.json`.
//!
//! Run it with `cargo xtask bench`, on a machine that does nothing else. A figure here never
//! fails a test; the goals stand beside the figures so that a reader can compare.

#![allow(clippy::expect_used, reason = "a benchmark that cannot go on stops")]

mod commits;
mod figure;
mod publishes;
mod sandbox_tax;
mod services;
mod sleepers;
mod start;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use figure::Figure;

/// Measures Baepo.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  cargo xtask bench             everything
  cargo xtask bench -- P1       the sandbox tax alone
  cargo xtask bench -- P2 P3    publishes, on SQLite and on PostgreSQL with Kafka")]
struct Args {
    /// Goals to measure, such as P1; all where none is named.
    goals: Vec<String>,
}

fn main() -> anyhow::Result<()> {
    if let Some(ended) = baepo_runtime::run_as_worker() {
        anyhow::ensure!(ended == ExitCode::SUCCESS, "the worker failed");
        return Ok(());
    }
    let args = Args::parse();
    let wanted = |goal: &str| {
        args.goals.is_empty()
            || args
                .goals
                .iter()
                .any(|given| given.eq_ignore_ascii_case(goal))
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut figures = Vec::new();
    if wanted("P1") {
        figures.extend(runtime.block_on(sandbox_tax::measure())?);
    }
    let publishes = publishes::Selection {
        latency: wanted("P2"),
        rate: wanted("P3"),
    };
    if publishes.latency || publishes.rate {
        figures.extend(runtime.block_on(publishes::measure(publishes))?);
    }
    if wanted("P4") {
        figures.extend(runtime.block_on(commits::measure())?);
    }
    if wanted("P6") {
        figures.extend(runtime.block_on(sleepers::measure())?);
    }
    if wanted("P9") {
        figures.extend(start::measure()?);
    }
    if wanted(services::NAME) {
        figures.extend(runtime.block_on(services::measure())?);
    }
    anyhow::ensure!(
        !figures.is_empty(),
        "no such goal; measured are P1 to P4, P6, P9 and services"
    );
    figures.iter().for_each(Figure::print);
    figure::write(
        &figures,
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench.json"),
    )
}
