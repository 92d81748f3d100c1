//! `cargo xtask bench`, `kill` and `attack`: measure the goals for speed, reliability and safety.
//! What is measured, and how, is in package `it`.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::guests::Kind;
use crate::services::Services;
use crate::step::Steps;
use crate::workspace::Workspace;
use crate::{apt, cargo, components, process};

/// Speed and size.
pub const BENCH: &str = "bench";
/// Publishes that survive when the host is killed.
pub const KILL: &str = "kill";
/// What hostile components cost the host and other channels.
pub const ATTACK: &str = "attack";

/// Builds everything and runs one of the programs above.
pub fn run(program: &str, arguments: &[String]) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    if !workspace.targets("bin").contains(&program) {
        bail!("no package of the workspace has a program `{program}`");
    }
    let mut steps = Steps::begin(&workspace);
    apt::need_to_build(&mut steps)?;
    let selected = ["--bin", "baepo", "--bin", program];
    let built = components::build(&workspace, &mut steps, &Kind::ALL, &selected)?;
    let harness = cargo::program(&built.artifacts, program)?;
    let services = Services::start(&mut steps)?;
    let mut command = Command::new(harness);
    services.pass_to(command.args(arguments).current_dir(&workspace.root));
    process::run(&mut command)?;
    Ok(ExitCode::SUCCESS)
}
