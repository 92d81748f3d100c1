//! R1: kills the program again and again while it publishes, and counts what was lost, posted
//! twice or left behind. Run it with `cargo xtask kill`.

#![allow(clippy::expect_used, reason = "a harness that cannot go on stops")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use baepo_domain::usecases::failpoint::POINTS;
use clap::Parser;
use it::Stack;
use it::kill::{self, ClusterPlan, Failover, Moment, NodeKill, Plan, PrimaryStandby};

/// Kills Baepo while it publishes.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask kill",
    after_help = "Examples:
  cargo xtask kill                                 50 kills at random moments
  cargo xtask kill --times 1000 --seed 7           the same 1,000 moments each time
  cargo xtask kill --point journal.intended        always there
  cargo xtask kill --point all --channel instagram
  cargo xtask kill --channel instagram --read-lag-ms 3000
                                                   what Instagram shows lags behind
  cargo xtask kill --replicas 3                    an event service and three replicas, on
                                                   PostgreSQL, Redis and Kafka; any of them dies
  cargo xtask kill --failover --times 20           their PostgreSQL is replaced by its standby,
                                                   demoted, hanging or without a connection left"
)]
struct Args {
    /// How often.
    #[arg(long, default_value_t = 50)]
    times: usize,
    /// Moments are drawn from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A named point instead of random moments; `all`: every one in turn.
    #[arg(long, value_name = "NAME")]
    point: Option<String>,
    /// Where events are published; may be given more than once.
    #[arg(long = "channel", value_name = "ID", default_values = it::WITH_PROVIDER)]
    channels: Vec<String>,
    /// Kills members of a cluster with that many distribution replicas instead of one program.
    #[arg(long, value_name = "NUMBER", conflicts_with = "point")]
    replicas: Option<usize>,
    /// No process is killed: the cluster's PostgreSQL fails over to its standby, and lives.
    #[arg(long, conflicts_with = "point")]
    failover: bool,
    /// Publishes at once.
    #[arg(long, default_value_t = 8)]
    load: usize,
    /// How long everything may take to come to its end after the last kill, in seconds.
    #[arg(long, default_value_t = 300)]
    drain_s: u64,
    /// By how much what Instagram shows lags behind what it has done, in milliseconds; its accounts
    /// allow for 6,000.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=5_000),
          conflicts_with_all = ["replicas", "failover"])]
    read_lag_ms: u64,
}

impl Args {
    fn plan(&self) -> anyhow::Result<Plan> {
        let chance = kill::chance(self.seed);
        let points = self.points()?;
        let moment = |index: usize| match points.get(index % points.len().max(1)) {
            Some(point) => Moment::at(point, &chance),
            None => Moment::random(&chance),
        };
        Ok(Plan {
            channels: self.channels.clone(),
            moments: (0..self.times).map(moment).collect(),
            load: self.load,
            drain: Duration::from_secs(self.drain_s),
            read_lag: Duration::from_millis(self.read_lag_ms),
        })
    }

    fn points(&self) -> anyhow::Result<Vec<&'static str>> {
        let Some(wanted) = &self.point else {
            return Ok(Vec::new());
        };
        let named = |point: &&str| wanted == "all" || wanted == point;
        let points: Vec<&'static str> = POINTS.into_iter().filter(named).collect();
        let known = POINTS.join(", ");
        anyhow::ensure!(!points.is_empty(), "no point {wanted:?}; there are {known}");
        Ok(points)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let plan = args.plan()?;
    println!(
        "seed {}, {} kills, {} publishes at once on {}",
        args.seed,
        plan.moments.len(),
        plan.load,
        plan.channels.join(", ")
    );
    let report = match (args.failover, args.replicas) {
        (true, replicas) => {
            let chance = kill::chance(args.seed);
            let pair = Arc::new(PrimaryStandby::start().await);
            let disruptions = (0..args.times).map(|_| Failover::random(&pair, &chance));
            let plan = ClusterPlan {
                disruptions: disruptions.collect(),
                channels: plan.channels,
                stack: Stack::production().with_postgres(&pair.url()),
                replicas: replicas.unwrap_or(2),
                load: plan.load,
                drain: plan.drain,
                chance: &chance,
            };
            kill::run_cluster(plan, |number, failover: &Failover| {
                println!("failover {number}: {failover}");
            })
            .await
        }
        (false, None) => {
            kill::run(&plan, |number, moment| {
                println!("kill {number}: {moment}");
            })
            .await
        }
        (false, Some(replicas)) => {
            let chance = kill::chance(args.seed);
            let deaths = (0..args.times).map(|_| NodeKill::random(replicas, &chance));
            let plan = ClusterPlan {
                disruptions: deaths.collect(),
                channels: plan.channels,
                stack: Stack::production(),
                replicas,
                load: plan.load,
                drain: plan.drain,
                chance: &chance,
            };
            kill::run_cluster(plan, |number, death: &NodeKill| {
                println!("kill {number}: {death}");
            })
            .await
        }
    };
    for violation in report
        .violations()
        .chain(report.unknown.iter().map(String::as_str))
    {
        eprintln!("{violation}");
    }
    if let Some(kept) = &report.kept {
        eprintln!("the data folder is kept: {}", kept.display());
    }
    println!("{} publishes were under way at a kill", report.interrupted);
    println!("{report}");
    Ok(if report.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
