//! Making a compiler ready, and calling it with an environment of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use super::TARGET;
use super::probe::{DEBIAN_CARGO, DEBIAN_RUSTC};
use crate::cargo;
use crate::process::wait_at_most;
use crate::step::{Steps, Worker};
use crate::workspace::Workspace;

/// A closed network may also swallow what is sent; the download itself is about 20 MB.
const RUSTUP_LIMIT: Duration = Duration::from_secs(90);
/// How long a failure is believed.
const REFUSAL_HOLDS: Duration = Duration::from_secs(24 * 60 * 60);

/// Asks rustup for the target. A refusal is not an error: it is remembered, and there are other ways.
pub fn add_target(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    let note = refusal(workspace);
    steps.run(
        &format!("rustup target add {TARGET}"),
        Worker::Silent,
        || {
            let mut rustup = Command::new("rustup");
            rustup
                .args(["target", "add", TARGET])
                .current_dir(&workspace.root);
            rustup
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            let mut child = rustup.spawn().context("cannot start rustup")?;
            let ended = wait_at_most(&mut child, RUSTUP_LIMIT)?;
            if ended.is_none() {
                child
                    .kill()
                    .and_then(|()| child.wait().map(drop))
                    .context("cannot end rustup")?;
            }
            if ended.is_some_and(|status| status.success()) {
                return Ok(());
            }
            eprintln!(
                "  rustup could not; it is asked again after a day ({})",
                note.display()
            );
            fs::create_dir_all(&workspace.target)
                .and_then(|()| fs::write(&note, TARGET))
                .with_context(|| format!("cannot write {}", note.display()))
        },
    )
}

pub fn was_refused_lately(workspace: &Workspace) -> bool {
    let written = refusal(workspace)
        .metadata()
        .and_then(|data| data.modified());
    written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < REFUSAL_HOLDS))
}

fn refusal(workspace: &Workspace) -> PathBuf {
    workspace.target.join(".rustup-refused")
}

/// The person's own cargo, without flags that are meant for the host.
pub fn active_cargo(workspace: &Workspace) -> Command {
    let mut command = cargo::command(&workspace.root);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_for_the_host) {
            command.env_remove(name);
        }
    }
    command
}

/// Debian's cargo, which builds the standard library too. The compiler is a stable one, and
/// building std is not a stable option: `RUSTC_BOOTSTRAP` allows it.
pub fn debian_cargo(workspace: &Workspace, linker: &Path) -> Command {
    let mut command = Command::new(DEBIAN_CARGO);
    without_rusts(&mut command);
    command
        .current_dir(&workspace.root)
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_WRAPPER", "")
        .env("RUSTC_BOOTSTRAP", "1")
        .arg("-Zbuild-std=std,panic_abort")
        .arg("--config")
        .arg(format!(
            "target.{TARGET}.linker={:?}",
            linker.display().to_string()
        ));
    command
}

/// Takes out all that leads to another compiler.
pub fn without_rusts(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| is_for_the_host(name) || leads_to_rustup(name))
        {
            command.env_remove(name);
        }
    }
    match std::env::var_os("LD_LIBRARY_PATH").map(cargo::without_rust) {
        Some(rest) if !rest.is_empty() => command.env("LD_LIBRARY_PATH", rest),
        _ => command.env_remove("LD_LIBRARY_PATH"),
    }
}

fn is_for_the_host(name: &str) -> bool {
    const KEPT: [&str; 6] = ["HOME", "HTTP_", "NET_", "REGISTRIES_", "REGISTRY_", "TERM_"];
    match name.strip_prefix("CARGO_") {
        Some(rest) => !KEPT.iter().any(|kept| rest.starts_with(kept)),
        None => {
            [
                "CARGO",
                "OUT_DIR",
                "RUSTC",
                "RUSTDOC",
                "RUSTFLAGS",
                "RUSTDOCFLAGS",
            ]
            .contains(&name)
                || name.starts_with("RUSTC_")
        }
    }
}

fn leads_to_rustup(name: &str) -> bool {
    name.starts_with("RUSTUP_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_for_the_host_do_not_reach_the_guests() {
        for name in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_BUILD_TARGET",
            "RUSTC",
            "CARGO",
        ] {
            assert!(is_for_the_host(name), "{name}");
        }
        for name in [
            "CARGO_HOME",
            "CARGO_NET_OFFLINE",
            "CARGO_HTTP_PROXY",
            "RUST_BACKTRACE",
            "PATH",
        ] {
            assert!(!is_for_the_host(name), "{name}");
        }
    }

    #[test]
    fn the_active_compiler_stays_rustups() {
        assert!(!is_for_the_host("RUSTUP_TOOLCHAIN"));
        assert!(leads_to_rustup("RUSTUP_TOOLCHAIN"));
    }
}
