//! `cargo xtask deny`: what `deny.toml` asks of the dependencies, by cargo-deny. It is no part of
//! `cargo xtask test`, since cargo-deny must be built first.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::step::{Steps, Worker};
use crate::workspace::Workspace;
use crate::{cargo, process};

const VERSION: &str = "0.20.2";

/// Checks everything, or what `arguments` select.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let mut steps = Steps::begin(&workspace);
    let program = install(&workspace, &mut steps)?;
    let deny = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(arguments).current_dir(&workspace.root);
        command
    };
    let mut check = deny(&["--workspace", "--all-features", "check"]);
    if arguments.is_empty() {
        check.args(["bans", "licenses", "sources"]);
        match process::run_quietly(&mut deny(&["fetch", "db"])) {
            Ok(_) => drop(check.arg("advisories")),
            Err(why) => eprintln!("advisories are left out, their database is not there: {why:#}"),
        }
    }
    check.args(arguments);
    steps.run("cargo deny check", Worker::Program, || {
        process::run(&mut check)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// cargo-deny in this version, in the target folder.
fn install(workspace: &Workspace, steps: &mut Steps) -> Result<PathBuf> {
    let folder = workspace.target.join("tools");
    let program = folder.join("bin/cargo-deny");
    let there = process::run_quietly(Command::new(&program).arg("--version"));
    if there.is_ok_and(|version| version.ends_with(VERSION)) {
        return Ok(program);
    }
    let shown = workspace.shown(&program);
    eprintln!("installing cargo-deny {VERSION} as {shown}: building it takes two minutes, once");
    let mut cargo = cargo::command(&workspace.root);
    // Not optimised: that takes longer than all its runs.
    cargo.args(["install", "cargo-deny", "--version", VERSION, "--locked"]);
    cargo.arg("--debug").arg("--root").arg(&folder);
    steps
        .run("build cargo-deny", Worker::Program, || {
            process::run(&mut cargo)
        })
        .context("cargo-deny comes from crates.io: is it reachable?")?;
    Ok(program)
}
