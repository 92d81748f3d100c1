//! `cargo xtask bench` and `cargo xtask kill`: measure the goals for speed and for reliability.
//! What is measured, and how, is in package `it`.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::cargo::{self, EVERY_PACKAGE};
use crate::guests::Kind;
use crate::services::Services;
use crate::step::{Steps, Worker};
use crate::workspace::Workspace;
use crate::{apt, components, process};

/// Speed and size.
pub const BENCH: &str = "bench";
/// What is left of publishes when the host is killed.
pub const KILL: &str = "kill";

/// Builds everything and runs one of the programs above.
pub fn run(program: &str, arguments: &[String]) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    if !workspace.targets("bin").contains(&program) {
        bail!("no package of the workspace has a program `{program}`");
    }
    let mut steps = Steps::begin();
    apt::need_to_build(&mut steps)?;
    let artifacts = steps.run("build the host and the harness", Worker::Compiler, || {
        let mut command = cargo::command(&workspace.root);
        cargo::build(command.args(["build", EVERY_PACKAGE, "--bin", "baepo", "--bin", program]))
    })?;
    let baepo = cargo::program(&artifacts, "baepo")?;
    components::build(
        &workspace,
        &mut steps,
        &baepo,
        &[Kind::Plugin, Kind::Fixture],
    )?;

    let harness = cargo::program(&artifacts, program)?;
    let services = Services::start(&mut steps)?;
    let mut command = Command::new(harness);
    services.tell(command.args(arguments).current_dir(&workspace.root));
    process::run(&mut command)?;
    Ok(ExitCode::SUCCESS)
}
