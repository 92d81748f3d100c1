//! `cargo xtask test --quick`: the unit tests of what has changed and the embedded scenarios, without
//! any service.

use std::process::Command;
use std::thread;

use anyhow::Result;

use super::run::{RULES, Run, SCENARIOS, STACK_VARIABLE};
use crate::cargo::{self, Artifact, EVERY_PACKAGE};
use crate::changes::{self, Changes};
use crate::guests::Kind;
use crate::step::Worker;
use crate::{components, process};

/// Parts of the paths of tests that need a service, or that start hundreds of hosts.
const LEFT_OUT: [&str; 7] = [
    "any_fault",
    "kafka::",
    "kill::",
    "oci_registry::",
    "postgres::",
    "redis::",
    "services::",
];
/// Scenarios mostly wait, so more of them than there are cores run at once.
const SCENARIOS_PER_CORE: usize = 2;
const THREADS_VARIABLE: &str = "RUST_TEST_THREADS";

pub fn run(run: &mut Run<'_>, since: Option<&str>) -> Result<()> {
    let changes = changes::find(run.workspace, since)?;
    eprintln!("changed: {changes}");
    components::build(run.workspace, run.steps, &Kind::ALL, &["--bin", "baepo"])?;
    let mut build = run.cargo(&["test", EVERY_PACKAGE, "--no-run", "--tests"]);
    let tests = run.steps.run("build the tests", Worker::Compiler, || {
        cargo::build(&mut build)
    })?;

    let (scenarios, units): (Vec<_>, Vec<_>) = tests
        .iter()
        .filter(|artifact| artifact.profile.test)
        .partition(|artifact| artifact.target.name == SCENARIOS);
    run.steps.run("unit tests", Worker::Program, || {
        of_what_changed(&units, &changes).try_for_each(|test| process::run(&mut command(test)?))
    })?;
    for scenarios in scenarios {
        let mut command = command(scenarios)?;
        command.env(STACK_VARIABLE, "embedded");
        if std::env::var_os(THREADS_VARIABLE).is_none() {
            let cores = thread::available_parallelism().map_or(1, usize::from);
            command.env(THREADS_VARIABLE, (cores * SCENARIOS_PER_CORE).to_string());
        }
        run.last("scenarios on the embedded parts", &mut command)?;
    }
    Ok(())
}

/// Only those are run, though all are built: cargo would compile the dependencies of a selection of
/// packages with other features, that is, once more.
fn of_what_changed<'tests>(
    tests: &'tests [&Artifact],
    changes: &'tests Changes,
) -> impl Iterator<Item = &'tests Artifact> {
    let touched =
        |test: &&&Artifact| test.target.name == RULES || changes.touches(&test.manifest_path);
    tests.iter().filter(touched).copied()
}

/// As cargo runs a test.
fn command(test: &Artifact) -> Result<Command> {
    let folder = test.folder()?;
    let mut command = Command::new(test.program()?);
    command
        .current_dir(folder)
        .env("CARGO_MANIFEST_DIR", folder);
    for module in LEFT_OUT {
        command.args(["--skip", module]);
    }
    Ok(command)
}
