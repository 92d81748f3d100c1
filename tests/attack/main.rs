//! Attacks the real program with every component of the generator (`tests/guests`), while another
//! channel publishes, and writes down what it cost. Run it with `cargo xtask attack`.
//!
//! What was not contained is a fault, and faults are the exit code; how long others had to wait is
//! printed, and left to the reader.

#![allow(clippy::expect_used, reason = "a harness that cannot go on stops")]

mod bounds;
mod bystander;
mod calls;
mod javascript;
mod processes;
mod releases;
mod report;
mod shutdown;
mod uploads;
mod victim;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use guests::hostile;

use crate::bounds::Bounds;
use crate::report::{Report, Row, shortened};
use crate::victim::Victim;

/// Attacks Baepo.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask attack",
    after_help = "Examples:
  cargo xtask attack                          all attacks, about 15 minutes
  cargo xtask attack --list                   their names
  cargo xtask attack --only nested            those whose name has it; may be given more than once
  cargo xtask attack --releases 1000          as many releases installed, promoted and retired
  cargo xtask attack --javascript             a component of 12 MB; built by npm first"
)]
struct Args {
    /// Print the names of all attacks.
    #[arg(long)]
    list: bool,
    /// Only attacks with this in their name; may be given more than once.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Instead of attacks: install, promote and retire so many releases.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["only", "javascript"])]
    releases: Option<usize>,
    /// Instead of attacks: install a JavaScript channel, and call it.
    #[arg(long, conflicts_with = "only")]
    javascript: bool,
    #[command(flatten)]
    bounds: Bounds,
}

impl Args {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    if args.list {
        names()
            .iter()
            .for_each(|(name, what)| println!("{name:<32} {what}"));
        return Ok(ExitCode::SUCCESS);
    }
    let report = if let Some(number) = args.releases {
        releases::run(number, &args.bounds).await
    } else if args.javascript {
        javascript::run(&args.bounds).await?
    } else {
        attack(&args).await
    };
    anyhow::ensure!(
        !report.rows.is_empty(),
        "no attack has such a name; --list has them"
    );
    report.print();
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    report.write(&target.join("attack.json"))?;
    Ok(if report.is_contained() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Every attack with what it is.
fn names() -> Vec<(String, String)> {
    let uploads = uploads::cases().into_iter();
    let mut names: Vec<_> = uploads.map(|case| (case.name, case.what)).collect();
    let calls = hostile::calls().into_iter();
    names.extend(calls.map(|call| (call.name.to_owned(), call.what.to_owned())));
    names.extend(shutdown::SIGNALS.map(|(name, signal)| {
        let what = format!("kill {signal} in the middle of the worst compile");
        (name.to_owned(), what)
    }));
    names
}

async fn attack(args: &Args) -> Report {
    let bounds = &args.bounds;
    let mut victim = Victim::start().await;
    let quiet = victim.quiet().await;
    let mut rows = Vec::new();
    for case in uploads::cases() {
        if args.wants(&case.name) {
            announce(&case.name);
            let row = case.run(&mut victim, bounds).await;
            victim = done(victim, row, &mut rows).await;
        }
    }
    for call in hostile::calls() {
        if args.wants(call.name) {
            announce(call.name);
            let row = calls::run(&call, &mut victim, bounds).await;
            victim = done(victim, row, &mut rows).await;
        }
    }
    let _ = victim.end("-TERM").await;
    for (name, signal) in shutdown::SIGNALS {
        if args.wants(name) {
            announce(name);
            let row = shutdown::run(name, signal, bounds).await;
            print_faults(&row);
            rows.push(row);
        }
    }
    Report { quiet, rows }
}

fn announce(name: &str) {
    println!("{name}");
}

fn print_faults(row: &Row) {
    for fault in &row.faults {
        println!("  fault: {}", shortened(fault, 300));
    }
}

/// Keeps the row. A host that an attack has hurt is replaced, so that the next one is measured by
/// itself.
async fn done(victim: Victim, row: Row, rows: &mut Vec<Row>) -> Victim {
    print_faults(&row);
    let hurt = !row.faults.is_empty();
    rows.push(row);
    if !hurt {
        return victim;
    }
    let _ = victim.end("-KILL").await;
    Victim::start().await
}
