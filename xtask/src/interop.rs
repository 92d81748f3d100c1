//! `cargo xtask interop`: the real `wkg` and `cosign` against a real registry and a real host. It is no part of
//! `cargo xtask test`, since they must be built first.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::guests::Kind;
use crate::step::{Steps, Worker};
use crate::workspace::Workspace;
use crate::{apt, cargo, components, process};

/// The program that tries them.
const INTEROP: &str = "interop";
const WKG: &str = "0.16.1";
/// Versions 2 and 3 put signatures in other places.
const COSIGN: [(&str, &str); 2] = [
    (
        "cosign-2",
        "github.com/sigstore/cosign/v2/cmd/cosign@v2.6.5",
    ),
    (
        "cosign-3",
        "github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3",
    ),
];

/// Builds what is not there yet, and tries it.
pub fn run() -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let mut steps = Steps::begin(&workspace);
    apt::need_to_build(&mut steps)?;
    let registry = process::find_program("docker-registry");
    apt::need(
        &mut steps,
        if registry.is_some() {
            &[]
        } else {
            &["docker-registry"]
        },
    )?;
    let folder = workspace.target.join("tools");
    let wkg = install_wkg(&workspace, &mut steps, &folder)?;
    let mut cosigns = Vec::new();
    for (name, module) in COSIGN {
        cosigns.push(install_cosign(&mut steps, &folder, name, module)?);
    }
    let selected = ["--bin", "baepo", "--bin", INTEROP];
    let built = components::build(&workspace, &mut steps, &Kind::ALL, &selected)?;
    let mut command = Command::new(cargo::program(&built.artifacts, INTEROP)?);
    command.arg("--wkg").arg(wkg).current_dir(&workspace.root);
    for cosign in cosigns {
        command.arg("--cosign").arg(cosign);
    }
    process::run(&mut command)?;
    Ok(ExitCode::SUCCESS)
}

fn install_wkg(workspace: &Workspace, steps: &mut Steps, folder: &Path) -> Result<PathBuf> {
    let program = folder.join("bin/wkg");
    if program.is_file() {
        return Ok(program);
    }
    let mut cargo = cargo::command(&workspace.root);
    cargo.args([
        "install",
        "wkg",
        "--version",
        WKG,
        "--locked",
        "--debug",
        "--root",
    ]);
    steps
        .run("build wkg", Worker::Program, || {
            process::run(cargo.arg(folder))
        })
        .context("wkg comes from crates.io: is it reachable?")?;
    Ok(program)
}

/// From the Go module proxy, under a name of its own: all versions call themselves `cosign`.
fn install_cosign(steps: &mut Steps, folder: &Path, name: &str, module: &str) -> Result<PathBuf> {
    let program = folder.join("bin").join(name);
    if program.is_file() {
        return Ok(program);
    }
    let go = process::find_program("go")
        .context("cosign is written in Go: install it from https://go.dev/dl")?;
    let build = folder.join(name);
    let mut command = Command::new(go);
    command.args(["install", module]).env("GOBIN", &build);
    steps.run(&format!("build {name}"), Worker::Program, || {
        process::run(&mut command)
    })?;
    std::fs::create_dir_all(folder.join("bin"))?;
    std::fs::rename(build.join("cosign"), &program)
        .with_context(|| format!("cannot write {}", program.display()))?;
    Ok(program)
}
