//! `baepo replay`: prints an attempt, or runs a component against its recorded answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use baepo_adapters::SystemClock;
use baepo_domain::model::attempt::{Attempt, AttemptOutcome, Job};
use baepo_domain::model::id::AttemptId;
use baepo_domain::model::journal::{Entry, Step};
use baepo_domain::ports::Channels as _;
use baepo_runtime::egress::{Egress, EgressConfig};
use baepo_runtime::{Replayed, Runtime, RuntimeConfig};
use clap::Args;
use reqwest::Method;

use super::client::{Client, HostArgs};
use crate::api::{AttemptRecord, Role};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  baepo replay 01a20462-f713-788a-9a01-b98791f03a65
  baepo replay 01a20462-f713-788a-9a01-b98791f03a65 --with target/plugins/instagram.wasm

With a component nothing is sent: it is answered from the journal, and the first request that
differs is shown. Exits with 0 when there is none. The attempts of a distribution are listed by
GET /api/distribution/{id}.")]
pub struct ReplayArgs {
    attempt: AttemptId,
    /// A component to run against the same answers.
    #[arg(long)]
    with: Option<PathBuf>,
    #[command(flatten)]
    host: HostArgs,
    /// Print the attempt and its journal as JSON.
    #[arg(long, conflicts_with = "with")]
    json: bool,
}

pub async fn replay(args: ReplayArgs, api: &str) -> anyhow::Result<ExitCode> {
    let client = Client::new(api, &args.host, "cli", Role::Operator)?;
    let path = format!("/api/admin/attempts/{}", args.attempt);
    let answer = client.send(client.request(Method::GET, &path)).await?;
    if args.json {
        println!("{answer}");
        return Ok(ExitCode::SUCCESS);
    }
    let record: AttemptRecord = serde_json::from_value(answer)
        .context("the response is not an attempt record; do the versions match?")?;
    match &args.with {
        None => {
            print_attempt(&record);
            Ok(ExitCode::SUCCESS)
        }
        Some(component) => replay_component(component, record).await,
    }
}

fn print_attempt(record: &AttemptRecord) {
    let attempt = &record.attempt;
    println!(
        "attempt {}  {} #{}  release {}",
        attempt.id,
        attempt.channel,
        attempt.number,
        attempt.release.short()
    );
    println!("key {}", attempt.beginning.idempotency_key);
    println!("{}  begins", attempt.started_at);
    record.journal.iter().for_each(print_entry);
    match &attempt.ended {
        None => println!("it has not ended"),
        Some(ended) => {
            println!("{}  ends: {}", ended.at, ended.end);
            if let Some(message) = &ended.message {
                println!("    {message}");
            }
            let usage = ended.usage;
            println!(
                "    fuel {}, memory {} bytes, {} host calls, {} ms",
                usage.fuel, usage.memory_bytes, usage.host_calls, usage.active_time_ms
            );
        }
    }
}

fn print_entry(entry: &Entry) {
    let lines: Vec<String> = match &entry.step {
        Step::Sent(requests) => requests
            .iter()
            .map(|request| format!("→ {request}"))
            .collect(),
        Step::Answered(answers) => answers.iter().map(|answer| format!("← {answer}")).collect(),
        step @ (Step::Signed { .. }
        | Step::Slept { .. }
        | Step::Waiting { .. }
        | Step::Accepted { .. }) => {
            vec![format!("· {step}")]
        }
    };
    for line in lines {
        println!("{}  {:>3}  {line}", entry.at, entry.sequence);
    }
}

async fn replay_component(component: &Path, record: AttemptRecord) -> anyhow::Result<ExitCode> {
    let bytes =
        std::fs::read(component).with_context(|| format!("cannot read {}", component.display()))?;
    let egress = Egress::new(EgressConfig::default())?;
    let runtime = Runtime::new(RuntimeConfig::default(), egress, Arc::new(SystemClock))?;
    let loaded = runtime.load(bytes).await?;
    let recorded = record.attempt.ended.as_ref().map(|ended| ended.end.clone());
    let entries = record.journal.len();
    let replayed = runtime
        .replay(loaded.release().digest, job(record.attempt, record.journal))
        .await?;
    Ok(report(&replayed, recorded.as_deref(), entries))
}

/// Without secrets: every request is answered from the journal.
fn job(attempt: Attempt, journal: Vec<Entry>) -> Job {
    Job {
        attempt: attempt.id,
        beginning: attempt.beginning,
        started_at: attempt.started_at,
        secrets: BTreeMap::new(),
        journal,
    }
}

fn report(replayed: &Replayed, recorded: Option<&str>, entries: usize) -> ExitCode {
    let end = replayed.report.end.name();
    match (&replayed.report.end, &replayed.stopped_at) {
        (AttemptOutcome::Diverged(divergence), _) => println!("differs: {divergence}"),
        (_, Some(asked)) => {
            println!(
                "identical up to the journal's end ({entries} entries), then continues: {asked}"
            );
            return ExitCode::FAILURE;
        }
        (_, None) if recorded.is_some_and(|recorded| recorded != end) => {
            println!(
                "same requests, different outcome: {end} instead of {}",
                recorded.unwrap_or("?")
            );
        }
        (_, None) => {
            println!(
                "identical: {} of {entries} entries, ends {end}",
                replayed.reached
            );
            return ExitCode::SUCCESS;
        }
    }
    ExitCode::FAILURE
}
