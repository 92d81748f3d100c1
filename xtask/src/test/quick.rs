//! `cargo xtask test --quick`: the unit tests of what has changed and the embedded scenarios, without
//! any service.

use std::process::Command;

use anyhow::Result;

use super::{Run, SCENARIOS, STACK_VARIABLE};
use crate::cargo::{self, Artifact, EVERY_PACKAGE};
use crate::changes::{self, Changes};
use crate::guests::Kind;
use crate::step::Worker;
use crate::{components, process};

/// Modules whose tests need a service, or kill a host many times, which takes minutes.
const LEFT_OUT: [&str; 5] = ["kafka::", "kill::", "postgres::", "redis::", "services::"];

pub fn run(run: &mut Run<'_>, since: Option<&str>) -> Result<()> {
    let changes = changes::find(run.workspace, since)?;
    eprintln!("changed: {changes}");
    components::build(run.workspace, run.steps, &Kind::ALL, &["--bin", "baepo"])?;
    let mut build = run.cargo(&["test", EVERY_PACKAGE, "--no-run", "--lib", "--bins"]);
    build.args(["--test", SCENARIOS]);
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
    let touched = |test: &&&Artifact| changes.touches(&test.manifest_path);
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
