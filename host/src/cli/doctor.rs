//! `baepo doctor`: checks what the first start of a host does not show at once: how the services are set
//! up that this configuration names, what this host may do there, and what hosts must share.

mod distribution;
mod keys;
mod memory;
mod report;
mod topics;
mod worker;

use std::process::ExitCode;
use std::time::Duration;

use baepo_adapters::{Check, SystemClock, check_kafka, check_postgres, check_redis, check_sqlite};
use clap::Args;

use self::topics::NewTopics;
use super::config::ConfigArgs;
use crate::config::{CacheUrl, Config, ConfigError, StoreUrl};
use crate::data::DataFolder;

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

/// Each service gets several requests, each with a time limit of its own of 5 s.
const SERVICE_TIMEOUT: Duration = Duration::from_secs(15);
const OPTIONS_ADVICE: &str = "correct it: baepo.example.toml describes every option";

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
            (loaded.config, checks)
        }
        Err(error) => return config_errors(error),
    };
    checks.extend(args.topics.create(&config).await);
    checks.extend(keys::check(&config));
    checks.push(memory::check(&config.runtime));
    let services = tokio::join!(
        within("store", check_store(&config)),
        within("cache", check_cache(&config)),
        within("bus", check_bus(&config)),
        within("distribution", distribution::check(&config)),
        within("worker", worker::check(&config.runtime)),
    );
    checks.extend([services.0, services.1, services.2, services.3, services.4].concat());
    checks
}

async fn check_store(config: &Config) -> Vec<Check> {
    match &config.store.url {
        StoreUrl::Sqlite => {
            let data = DataFolder::at(&config.server.data);
            check_sqlite(&data.database()).await
        }
        StoreUrl::Postgres(url) => {
            let postgres = &config.store.postgres;
            check_postgres(url.expose().as_str(), postgres, &SystemClock).await
        }
    }
}

async fn check_cache(config: &Config) -> Vec<Check> {
    let CacheUrl::Redis(url) = &config.cache.url else {
        return Vec::new();
    };
    check_redis(url.expose().as_str(), &config.cache.redis, &SystemClock).await
}

async fn check_bus(config: &Config) -> Vec<Check> {
    match config.bus.kafka() {
        Some(kafka) => check_kafka(&kafka).await,
        None => Vec::new(),
    }
}

async fn within(
    subject: &'static str,
    pending_checks: impl Future<Output = Vec<Check>>,
) -> Vec<Check> {
    let results = tokio::time::timeout(SERVICE_TIMEOUT, pending_checks).await;
    results.unwrap_or_else(|_| {
        let advice = "check whether the service hangs or a firewall drops packets";
        let found = format!("no answer within {SERVICE_TIMEOUT:?}");
        vec![Check::bad(subject, found, advice)]
    })
}

fn config_check(args: &DoctorArgs) -> Check {
    let found = match args.config.file() {
        Some(file) => format!("{} and the environment", file.display()),
        None => "no file: the defaults and the environment".to_owned(),
    };
    Check::good("config", found)
}

/// The only checks when the configuration is invalid: it names no services.
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
