//! `baepo doctor`: looks at everything that a host with this configuration stands on.

mod distribution;
mod folder;
mod network;
mod report;
mod services;
mod topics;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use baepo_adapters::Check;
use clap::Args;
use futures::future::{BoxFuture, FutureExt as _, join_all};

use self::topics::NewTopics;
use super::config::ConfigArgs;
use crate::config::{Config, ConfigError};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  baepo doctor --config /etc/baepo.toml
  baepo doctor --config /etc/baepo.toml --role distribution --json
  baepo doctor --config FILE --create-topics --partitions 6 --replication 3

+ is as it should be, ! works and could be better, with x Baepo cannot work;
what to do about it stands below. Exits with 1 when there is an x, else with 0.
Nothing is changed without --create-topics.")]
pub struct DoctorArgs {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    topics: NewTopics,
    /// Print the checks as JSON: [{"subject":"…","verdict":"good|warning|bad","found":"…",
    /// "advice":"…"}]; the advice may be null.
    #[arg(long)]
    json: bool,
}

/// What is looked at without asking a service.
type LocalCheck = fn(&Config) -> Vec<Check>;

/// What is on this machine answers at once.
const LOCAL_TIMEOUT: Duration = Duration::from_secs(5);
/// A service is asked several questions, each with a time limit of its own of 5 s.
const SERVICE_TIMEOUT: Duration = Duration::from_secs(15);
const OPTIONS_ADVICE: &str = "correct it: baepo.example.toml says what every option is";

pub fn doctor(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let checks = runtime.block_on(inspect(args));
    // A file system that hangs would otherwise keep it from ending.
    runtime.shutdown_background();
    report::print(&checks, args.json);
    Ok(report::exit_code(&checks))
}

async fn inspect(args: &DoctorArgs) -> Vec<Check> {
    let (config, mut checks): (_, Vec<_>) = match args.config.load() {
        Ok(loaded) => {
            let renamed = loaded.warnings.iter();
            let renamed = renamed
                .map(|warning| Check::warning("config", warning.to_string(), OPTIONS_ADVICE));
            let checks = std::iter::once(config_check(args)).chain(renamed).collect();
            (Arc::new(loaded.config), checks)
        }
        Err(error) => return config_errors(error),
    };
    checks.extend(args.topics.create(&config).await);
    let groups = groups(&config);
    checks.extend(join_all(groups).await.concat());
    checks
}

/// All that is looked at, at the same time.
fn groups(config: &Arc<Config>) -> Vec<BoxFuture<'static, Vec<Check>>> {
    let mut groups = Vec::new();
    let local_checks: [(_, LocalCheck); 5] = [
        ("data folder", folder::check_data),
        ("keys", folder::check_keys),
        ("channels", folder::check_channels),
        ("listen", network::check_port),
        ("clock", network::check_clock),
    ];
    for (subject, inspect) in local_checks {
        let config = Arc::clone(config);
        let pending_checks = tokio::task::spawn_blocking(move || inspect(&config));
        let pending_checks =
            pending_checks.map(|results| results.unwrap_or_else(|error| failed(&error)));
        groups.push(within(subject, LOCAL_TIMEOUT, pending_checks).boxed());
    }
    let (store, cache) = (Arc::clone(config), Arc::clone(config));
    groups.push(within("store", SERVICE_TIMEOUT, services::check_store(store)).boxed());
    groups.push(within("cache", SERVICE_TIMEOUT, services::check_cache(cache)).boxed());
    let (bus, distribution) = (Arc::clone(config), Arc::clone(config));
    groups.push(within("bus", SERVICE_TIMEOUT, services::check_bus(bus)).boxed());
    groups.push(
        within(
            "distribution",
            SERVICE_TIMEOUT,
            distribution::check(distribution),
        )
        .boxed(),
    );
    groups
}

async fn within(
    subject: &'static str,
    limit: Duration,
    pending_checks: impl Future<Output = Vec<Check>>,
) -> Vec<Check> {
    let results = tokio::time::timeout(limit, pending_checks).await;
    results.unwrap_or_else(|_| {
        let advice = "look whether it hangs, or something between here and there drops packets";
        vec![Check::bad(
            subject,
            format!("no answer within {limit:?}"),
            advice,
        )]
    })
}

fn failed(error: &tokio::task::JoinError) -> Vec<Check> {
    let advice = "this is a defect of Baepo: report it with this line";
    vec![Check::bad("doctor", error.to_string(), advice)]
}

fn config_check(args: &DoctorArgs) -> Check {
    let found = match args.config.file() {
        Some(file) => format!("{} and the environment", file.display()),
        None => "no file: the defaults and the environment".to_owned(),
    };
    Check::good("config", found)
}

/// With a configuration that is wrong it is not known what to look at.
fn config_errors(error: ConfigError) -> Vec<Check> {
    match error {
        ConfigError::Wrong(problems) => problems
            .iter()
            .map(|problem| Check::bad("config", problem.to_string(), OPTIONS_ADVICE))
            .collect(),
        unreadable @ ConfigError::Unreadable { .. } => {
            let found = format!("{:#}", anyhow::Error::from(unreadable));
            let advice = "give the path of a file that this user may read with --config";
            vec![Check::bad("config", found, advice)]
        }
    }
}
