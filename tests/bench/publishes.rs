//! P2 and P3: how long a publish of six channels takes beyond its slowest provider, and how many
//! there are in a second, on each store; beside it what the same database does when it only
//! commits.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use baepo_adapters::SqliteStore;
use baepo_domain::Timestamp;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::EventId;
use baepo_domain::ports::{Mutation, UnitOfWork as _};
use futures::StreamExt as _;
use it::{EchoProvider, Host, Owner, Stack, autumn_event, guest};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::figure::Figure;

/// Six channels, each of which asks its provider once; the answer is worth a journaled intent.
const CHANNELS: [&str; 6] = ["ech1", "ech2", "ech3", "ech4", "ech5", "ech6"];
/// How long the providers take, for the latency.
const PROVIDERS: Duration = Duration::from_millis(200);
const LATENCY_SAMPLES: usize = 200;
/// Publishes at once, for the rate.
const CONCURRENCY: usize = 64;
const RATE_FOR: Duration = Duration::from_secs(10);
const RATE_RUNS: usize = 3;

/// Which figures are asked for.
#[derive(Clone, Copy)]
pub struct Selection {
    pub latency: bool,
    pub rate: bool,
}

/// One store with the figures' names.
struct StoreSetup {
    stack: Stack,
    latency: [&'static str; 2],
    /// Of p50 and p99.
    latency_goals_ms: [f64; 2],
    rate: &'static str,
    /// Publishes a second.
    rate_goal: f64,
    ceiling: &'static str,
}

pub async fn measure(selection: Selection) -> anyhow::Result<Vec<Figure>> {
    let setups = [
        StoreSetup {
            stack: Stack::Embedded,
            latency: [
                "latency beyond the providers, SQLite, p50",
                "latency beyond the providers, SQLite, p99",
            ],
            latency_goals_ms: [4.0, 8.0],
            rate: "publishes of six channels, SQLite",
            rate_goal: 1_500.0,
            ceiling: "ceiling: commits of one row, SQLite",
        },
        StoreSetup {
            stack: Stack::production(),
            latency: [
                "latency beyond the providers, PostgreSQL + Kafka, p50",
                "latency beyond the providers, PostgreSQL + Kafka, p99",
            ],
            latency_goals_ms: [8.0, 20.0],
            rate: "publishes of six channels, PostgreSQL + Kafka",
            rate_goal: 1_000.0,
            ceiling: "ceiling: pgbench commits of one row, 8 clients",
        },
    ];
    let mut figures = Vec::new();
    for setup in setups {
        let folder = tempfile::tempdir()?;
        let provider = EchoProvider::start().await;
        let host = host(&setup.stack, &provider, folder.path()).await?;
        let owner = host.connected_owner("bench").await;
        if selection.latency {
            provider.answer_after(PROVIDERS);
            figures.extend(latency(&owner, setup.latency, setup.latency_goals_ms).await);
            provider.answer_after(Duration::ZERO);
        }
        if selection.rate {
            figures.push(rate(&owner, setup.rate, setup.rate_goal).await);
        }
        host.stop().await;
        if selection.rate {
            let ceiling = match setup.stack.services() {
                None => raw_commits().await?,
                Some(services) => pgbench(&services.postgres)?,
            };
            figures.push(Figure::of("P3", setup.ceiling, "/s", vec![ceiling]));
        }
    }
    Ok(figures)
}

async fn host(
    stack: &Stack,
    provider: &EchoProvider,
    folder: &std::path::Path,
) -> anyhow::Result<Host> {
    let components: Vec<PathBuf> = CHANNELS
        .into_iter()
        .map(|id| echo_as(id, folder))
        .collect::<Result<_, _>>()?;
    let host = Host::builder()
        .components(components)
        .on(stack.clone())
        .config(|config| {
            provider.is_reached_by(config);
            // What is measured is the host, not how it spares its providers.
            config.runtime.default_limits.requests_per_second = 1_000_000;
            config.runtime.maximum_limits.requests_per_second = 1_000_000;
            config.store.postgres.max_connections = 16;
        })
        .start()
        .await;
    Ok(host)
}

/// The channel `echo` under another id of the same length, in its manifest.
fn echo_as(id: &str, folder: &std::path::Path) -> anyhow::Result<PathBuf> {
    let mut component = std::fs::read(guest("echo"))?;
    let own = b"id = \"echo\"";
    let place = component.windows(own.len()).position(|part| part == own);
    let place = place.context("the manifest of the guest echo")?;
    component[place + 6..place + 10].copy_from_slice(id.as_bytes());
    let file = folder.join(format!("{id}.wasm"));
    std::fs::write(&file, component)?;
    Ok(file)
}

fn event() -> Value {
    let mut draft = autumn_event(&CHANNELS);
    let options = CHANNELS.map(|id| (id.to_owned(), json!({"method": "POST"})));
    draft["channelSettings"] = Value::Object(options.into_iter().collect());
    draft
}

/// One publish at a time.
async fn latency(owner: &Owner, names: [&'static str; 2], goals: [f64; 2]) -> Vec<Figure> {
    let mut millis = Vec::new();
    for run in 0..LATENCY_SAMPLES + 10 {
        let event = owner.create(&event()).await;
        let begin = Instant::now();
        expect_live(&owner.publish(&event).await);
        let took = begin.elapsed().saturating_sub(PROVIDERS);
        // The first ones warm caches and connections up.
        if run >= 10 {
            millis.push(took.as_secs_f64() * 1e3);
        }
    }
    millis.sort_by(f64::total_cmp);
    let at = |part: f64| millis[(part * (millis.len() - 1) as f64) as usize];
    let [p50, p99] = names;
    vec![
        Figure::of("P2", p50, "ms", vec![at(0.5)]).at_most(goals[0]),
        Figure::of("P2", p99, "ms", vec![at(0.99)]).at_most(goals[1]),
    ]
}

/// The events are there already: what is counted is the publish.
async fn rate(owner: &Owner, name: &'static str, goal: f64) -> Figure {
    let mut rates = Vec::new();
    for run in 0..=RATE_RUNS {
        let seconds = if run == 0 { 2 } else { RATE_FOR.as_secs() };
        let events: Vec<String> = futures::stream::iter(0..seconds * 500)
            .map(|_| async { owner.create(&event()).await })
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
        let begin = Instant::now();
        let until = begin + Duration::from_secs(seconds);
        let mut publishes = futures::stream::iter(events)
            .take_while(|_| std::future::ready(Instant::now() < until))
            .map(|event| async move { owner.publish(&event).await })
            .buffer_unordered(CONCURRENCY);
        let mut done = 0_u32;
        while let Some(answer) = publishes.next().await {
            expect_live(&answer);
            done += 1;
        }
        if run > 0 {
            rates.push(f64::from(done) / begin.elapsed().as_secs_f64());
        }
    }
    Figure::of("P3", name, "/s", rates).at_least(goal)
}

fn expect_live(answer: &it::ApiResponse) {
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    for channel in CHANNELS {
        assert_eq!(
            answer.result(channel)["status"],
            "LIVE",
            "{:#}",
            answer.body
        );
    }
}

/// One caller, one row, one commit after the other.
async fn raw_commits() -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(&folder.path().join("baepo.db")).await?;
    let begin = Instant::now();
    let mut commits = 0_u32;
    while begin.elapsed() < Duration::from_secs(3) {
        let now = Timestamp::from_second(1_800_000_000)?;
        let event = Event::draft(
            EventId(Uuid::from_u128(u128::from(commits) + 1)),
            "bench".parse()?,
            Default::default(),
            now,
        );
        store.commit(vec![Mutation::PutEvent(event)]).await?;
        commits += 1;
    }
    Ok(f64::from(commits) / begin.elapsed().as_secs_f64())
}

/// PostgreSQL's own, with a statement that writes one row.
fn pgbench(url: &str) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("one_row.sql");
    std::fs::write(&script, "INSERT INTO ceiling VALUES (1);\n")?;
    let table = ["-qX", "-c", "CREATE TABLE ceiling (one integer)", url];
    anyhow::ensure!(Command::new("psql").args(table).status()?.success(), "psql");
    let mut pgbench = Command::new("pgbench");
    pgbench.args(["-n", "-c", "8", "-j", "2", "-T", "5", "-f"]);
    let done = pgbench.arg(&script).arg(url).output();
    let done = done.context("pgbench is not installed (Debian: postgresql-contrib)")?;
    let output = String::from_utf8_lossy(&done.stdout);
    let tps = output.lines().find_map(|line| line.strip_prefix("tps = "));
    let tps = tps.and_then(|rest| rest.split(' ').next()?.parse().ok());
    tps.with_context(|| {
        format!(
            "pgbench said: {output}{}",
            String::from_utf8_lossy(&done.stderr)
        )
    })
}
