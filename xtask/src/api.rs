//! The API against its own description: thousands of requests, right and wrong ones, made from
//! `/openapi.json`, whose answers must match it. By Schemathesis, from PyPI, in a virtual
//! environment of its own in `target/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::guests::Kind;
use crate::server::{Addresses, Server};
use crate::step::{Steps, Worker};
use crate::workspace::Workspace;
use crate::{apt, components, process};

/// Cases that are drawn for each operation, besides those at the edges of its schemas: all together take
/// about a minute on two cores.
const EXAMPLES: &str = "150";
const PHASES: &str = "examples,coverage,fuzzing";

/// Who asks, and for what.
const CALLERS: [Caller; 3] = [
    Caller {
        role: "owner",
        operations: ["--exclude-path-regex", "^/api/admin/|/distribute$"],
    },
    Caller {
        role: "operator",
        operations: ["--include-path-regex", "^/api/admin/"],
    },
    Caller {
        role: "service",
        operations: ["--include-path-regex", "/distribute$"],
    },
];

struct Caller {
    role: &'static str,
    operations: [&'static str; 2],
}

pub fn run() -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let mut steps = Steps::begin(&workspace);
    apt::need_to_build(&mut steps)?;
    let built = components::build(&workspace, &mut steps, &[Kind::Plugin], &["--bin", "baepo"])?;
    try_description(&workspace, &mut steps, &built.baepo)?;
    Ok(ExitCode::SUCCESS)
}

/// Starts a host with the channels and the stand-ins, and asks it everything.
pub fn try_description(workspace: &Workspace, steps: &mut Steps, baepo: &Path) -> Result<()> {
    apt::need_python(steps)?;
    let program = steps.run("make Schemathesis", Worker::Silent, || install(workspace))?;
    let data = fresh_folder(workspace)?;
    let (mut server, addresses) = steps.run("start the host", Worker::Silent, || {
        start(workspace, baepo, &data)
    })?;
    let asked = steps.run("the API is as it is described", Worker::Program, || {
        CALLERS
            .iter()
            .try_for_each(|caller| ask(workspace, baepo, &program, &data, &addresses, caller))
    });
    let stopped = server.stop(|| false);
    asked.and(stopped)
}

fn requirements(workspace: &Workspace) -> PathBuf {
    workspace.root.join("tests/api/requirements.txt")
}

/// The program, made once for each list of requirements.
fn install(workspace: &Workspace) -> Result<PathBuf> {
    let wanted =
        fs::read_to_string(requirements(workspace)).context("tests/api/requirements.txt")?;
    let folder = workspace.target.join("schemathesis");
    let (program, made_of) = (folder.join("bin/schemathesis"), folder.join("made-of.txt"));
    let known = fs::read_to_string(&made_of).unwrap_or_default();
    if known == wanted && program.is_file() {
        return Ok(program);
    }
    process::run_quietly(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )
    .context("cannot make a virtual environment of Python's")?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    pip.args(["--only-binary", ":all:", "--requirement"]);
    process::run_quietly(pip.arg(requirements(workspace)))
        .context("the packages of tests/api/requirements.txt come from PyPI: is it reachable?")?;
    // Last of all: what was broken off is made anew.
    fs::write(&made_of, wanted).context("cannot note what Schemathesis was made of")?;
    Ok(program)
}

fn fresh_folder(workspace: &Workspace) -> Result<PathBuf> {
    let data = workspace.target.join("tmp/described");
    if data.exists() {
        fs::remove_dir_all(&data).context("cannot remove what the last run left")?;
    }
    fs::create_dir_all(&data).context("cannot make a data folder")?;
    Ok(data)
}

fn start(workspace: &Workspace, baepo: &Path, data: &Path) -> Result<(Server, Addresses)> {
    let mut serve = Command::new(baepo);
    serve.args(["serve", "--json", "--listen", "127.0.0.1:0"]);
    serve.args(["--sandbox", "--sandbox-listen", "127.0.0.1:0", "--data"]);
    serve.arg(data).arg("--channels");
    serve.arg(workspace.target.join(Kind::Plugin.folder()));
    serve.arg("--trust-channels");
    let (mut server, first_line) = Server::start(&mut serve, &data.join("serve.log"))?;
    let addresses = server.addresses(&first_line)?;
    Ok((server, addresses))
}

/// A failure shows the request, the answer and what the description has instead.
fn ask(
    workspace: &Workspace,
    baepo: &Path,
    program: &Path,
    data: &Path,
    addresses: &Addresses,
    caller: &Caller,
) -> Result<()> {
    let mut token = Command::new(baepo);
    token.args([
        "token",
        "--user",
        "described",
        "--role",
        caller.role,
        "--data",
    ]);
    let token = process::run_quietly(token.arg(data))?;
    let mut schemathesis = Command::new(program);
    schemathesis
        .current_dir(data)
        .env(
            "SCHEMATHESIS_HOOKS",
            workspace.root.join("tests/api/hooks.py"),
        )
        // Nothing is written beside the sources.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg("--config-file")
        .arg(workspace.root.join("tests/api/schemathesis.toml"))
        .arg("run")
        .arg(format!("{}/openapi.json", addresses.api))
        .args(["--phases", PHASES, "--max-examples", EXAMPLES])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(caller.operations)
        .args(["--continue-on-failure", "--no-color", "--warnings", "off"]);
    process::run(&mut schemathesis)
        .with_context(|| format!("as {}, the API differs from its description", caller.role))
}
