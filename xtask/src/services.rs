//! PostgreSQL, Redis and Kafka for the tests, private to this run and gone with it; and what else they need
//! installed.

use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use baepo_test_services::{Kafka, Postgres, Redis};

use crate::apt;
use crate::process::find_program;
use crate::step::{Steps, Worker};

/// The topics that Baepo writes to, and in how many partitions.
const TOPICS: [&str; 2] = ["event-topic", "distribution-topic"];
const PARTITIONS: u32 = 3;

/// Services that run, and the variables that hold their addresses.
pub struct Services {
    variables: Vec<(&'static str, String)>,
    _postgres: Option<Postgres>,
    _redis: Option<Redis>,
    _kafka: Option<Kafka>,
}

impl Services {
    /// Starts what the environment does not name; installs what that needs.
    pub fn start(steps: &mut Steps) -> Result<Self> {
        apt::need(steps, &missing())?;
        if !is_given(Kafka::URL_VARIABLE) {
            steps.run("Kafka's files", Worker::Program, || {
                Kafka::availability().map_err(|why| anyhow!("tests need a real Kafka: {why}"))
            })?;
        }
        steps.run("start PostgreSQL, Redis and Kafka", Worker::Silent, || {
            let (postgres, redis, kafka) = thread::scope(|scope| {
                let postgres =
                    scope.spawn(|| unless_given(Postgres::URL_VARIABLE, Postgres::start));
                let redis = scope.spawn(|| unless_given(Redis::URL_VARIABLE, Redis::start));
                let kafka = scope.spawn(|| unless_given(Kafka::URL_VARIABLE, start_kafka));
                (postgres.join(), redis.join(), kafka.join())
            });
            let postgres = postgres.map_err(|_| anyhow!("PostgreSQL"))??;
            let redis = redis.map_err(|_| anyhow!("Redis"))??;
            let kafka = kafka.map_err(|_| anyhow!("Kafka"))??;
            let mut variables = Vec::new();
            variables.extend(
                postgres
                    .as_ref()
                    .map(|it| (Postgres::URL_VARIABLE, it.url())),
            );
            variables.extend(redis.as_ref().map(|it| (Redis::URL_VARIABLE, it.url())));
            variables.extend(
                kafka
                    .as_ref()
                    .map(|it| (Kafka::URL_VARIABLE, it.bootstrap())),
            );
            Ok(Self {
                variables,
                _postgres: postgres,
                _redis: redis,
                _kafka: kafka,
            })
        })
    }

    /// Puts their addresses into the environment of a test runner.
    pub fn pass_to(&self, command: &mut Command) {
        command.envs(self.variables.iter().map(|(name, value)| (*name, value)));
    }
}

fn start_kafka() -> Result<Kafka> {
    let kafka = Kafka::start()?;
    for topic in TOPICS {
        kafka
            .create_topic(topic, PARTITIONS)
            .with_context(|| format!("Kafka's topic {topic}"))?;
    }
    Ok(kafka)
}

fn unless_given<S>(variable: &str, start: fn() -> Result<S>) -> Result<Option<S>> {
    if is_given(variable) {
        return Ok(None);
    }
    start().map(Some)
}

fn is_given(variable: &str) -> bool {
    std::env::var_os(variable).is_some()
}

/// The Debian packages that this machine lacks. kcat and psql are used on services that are
/// given, too.
fn missing() -> Vec<&'static str> {
    let mut packages = Vec::new();
    let mut want = |is_there: bool, package| {
        if !is_there {
            packages.push(package);
        }
    };
    let has = |program| find_program(program).is_some();
    want(
        has("psql") && (is_given(Postgres::URL_VARIABLE) || has_postgres()),
        "postgresql",
    );
    want(
        is_given(Redis::URL_VARIABLE) || has("redis-server"),
        "redis-server",
    );
    want(has("kcat"), "kcat");
    want(has("docker-registry"), "docker-registry");
    if !is_given(Kafka::URL_VARIABLE) {
        want(has("java"), "default-jre-headless");
        want(has("mvn"), "maven");
    }
    packages
}

/// Debian keeps servers out of the path, one folder for each version.
fn has_postgres() -> bool {
    let versions = Path::new("/usr/lib/postgresql").read_dir();
    let mut versions = versions.into_iter().flatten().flatten();
    find_program("initdb").is_some() || versions.any(|it| it.path().join("bin/initdb").exists())
}
