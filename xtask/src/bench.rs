//! `cargo xtask bench`: measures the goals; what is measured, and how, is in package `it`.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::cargo::{self, EVERY_PACKAGE};
use crate::guests::Kind;
use crate::step::{Steps, Worker};
use crate::workspace::Workspace;
use crate::{apt, components, process};

const PROGRAM: &str = "bench";

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    if !workspace.targets("bin").contains(&PROGRAM) {
        bail!("no package of the workspace has a program `{PROGRAM}`");
    }
    let mut steps = Steps::begin();
    apt::need_c_compiler(&mut steps)?;
    let artifacts = steps.run("build the host and the benchmark", Worker::Compiler, || {
        let mut command = cargo::command(&workspace.root);
        cargo::build(command.args(["build", EVERY_PACKAGE, "--bin", "baepo", "--bin", PROGRAM]))
    })?;
    let baepo = cargo::program(&artifacts, "baepo")?;
    components::build(
        &workspace,
        &mut steps,
        &baepo,
        &[Kind::Plugin, Kind::Fixture],
    )?;

    let bench = cargo::program(&artifacts, PROGRAM)?;
    process::run(
        Command::new(bench)
            .args(arguments)
            .current_dir(&workspace.root),
    )?;
    Ok(ExitCode::SUCCESS)
}
