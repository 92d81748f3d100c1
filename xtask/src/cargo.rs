//! Calling cargo from within cargo.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// All packages are selected always, and targets within them: cargo unites the features of the
/// packages selected, so that another selection would compile the heavy dependencies once more.
pub const EVERY_PACKAGE: &str = "--workspace";

/// cargo as the user called it, without the variables that `cargo run` sets.
pub fn command(folder: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_about_this_package) {
            command.env_remove(name);
        }
    }
    match std::env::var_os("LD_LIBRARY_PATH").map(without_rust) {
        Some(rest) if !rest.is_empty() => command.env("LD_LIBRARY_PATH", rest),
        _ => command.env_remove("LD_LIBRARY_PATH"),
    };
    command
}

/// The variables with which `cargo run` describes the package that it runs. Build scripts (ring's, for
/// one) watch these, and would run again each time that cargo is called another way.
fn is_about_this_package(name: &str) -> bool {
    const EXACT: [&str; 7] = [
        "CARGO",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "OUT_DIR",
    ];
    EXACT.contains(&name) || name.starts_with("CARGO_PKG_")
}

/// The library path without the folders that cargo and rustup put in front.
fn without_rust(path: OsString) -> OsString {
    let is_rusts = |folder: &PathBuf| {
        let text = folder.to_string_lossy();
        text.contains("/toolchains/") || text.contains("/rustlib/") || text.contains("/target/")
    };
    let kept = std::env::split_paths(&path).filter(|folder| !is_rusts(folder));
    std::env::join_paths(kept).unwrap_or(path)
}

/// Something that cargo built, or found built.
#[derive(Debug, Deserialize)]
pub struct Artifact {
    pub manifest_path: PathBuf,
    pub target: ArtifactTarget,
    pub profile: ArtifactProfile,
    pub filenames: Vec<PathBuf>,
    pub executable: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
pub struct ArtifactTarget {
    pub name: String,
    pub kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct ArtifactProfile {
    pub test: bool,
}

/// Runs a build; its progress is on the screen, its artifacts come back.
pub fn build(command: &mut Command) -> Result<Vec<Artifact>> {
    command
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped());
    let mut child = command.spawn().context("cannot start cargo")?;
    let stdout = child.stdout.take().context("cargo has no output")?;
    let mut artifacts = Vec::new();
    for line in BufReader::new(stdout).lines() {
        artifacts.extend(artifact(&line.context("cannot read the output of cargo")?));
    }
    let status = child.wait().context("cannot wait for cargo")?;
    if !status.success() {
        bail!("cargo ended with {status}; its message is above");
    }
    Ok(artifacts)
}

impl Artifact {
    /// Of the package.
    pub fn folder(&self) -> Result<&Path> {
        let folder = self.manifest_path.parent();
        folder.context("a package lies in a folder")
    }

    /// What can be started.
    pub fn program(&self) -> Result<&Path> {
        let program = self.executable.as_deref();
        program.with_context(|| format!("{} is no program", self.target.name))
    }
}

/// The program `name` among what was built.
pub fn program(artifacts: &[Artifact], name: &str) -> Result<PathBuf> {
    artifacts
        .iter()
        .filter(|artifact| artifact.target.name == name && !artifact.profile.test)
        .filter(|artifact| artifact.target.kind == ["bin"])
        .find_map(|artifact| artifact.executable.clone())
        .with_context(|| format!("cargo built no program `{name}`"))
}

fn artifact(line: &str) -> Option<Artifact> {
    #[derive(Deserialize)]
    struct Message {
        reason: String,
    }
    let message: Message = serde_json::from_str(line).ok()?;
    (message.reason == "compiler-artifact").then(|| serde_json::from_str(line).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(test: bool, executable: &str) -> Artifact {
        let line = format!(
            r#"{{"reason":"compiler-artifact","manifest_path":"/w/host/Cargo.toml",
                "target":{{"name":"baepo","kind":["bin"]}},"profile":{{"test":{test}}},
                "filenames":["{executable}"],"executable":"{executable}","fresh":true}}"#
        );
        artifact(&line).unwrap()
    }

    #[test]
    fn the_program_is_not_taken_for_its_own_tests() {
        let artifacts = [
            built(true, "/w/target/debug/deps/baepo-1"),
            built(false, "/w/target/debug/baepo"),
        ];

        assert_eq!(
            program(&artifacts, "baepo").unwrap(),
            Path::new("/w/target/debug/baepo")
        );
    }

    #[test]
    fn other_messages_and_lines_of_build_scripts_are_skipped() {
        assert!(artifact(r#"{"reason":"build-finished","success":true}"#).is_none());
        assert!(artifact("hello").is_none());
    }

    #[test]
    fn settings_of_the_user_stay() {
        assert!(is_about_this_package("CARGO_PKG_NAME"));
        assert!(is_about_this_package("CARGO_MANIFEST_DIR"));
        assert!(!is_about_this_package("CARGO_HOME"));
        assert!(!is_about_this_package("CARGO_TARGET_DIR"));
        assert!(!is_about_this_package("CARGO_NET_OFFLINE"));
    }

    #[test]
    fn the_library_path_keeps_only_what_is_not_rusts() {
        let path = "/home/dev/.rustup/toolchains/stable/lib:/opt/oracle/lib:/w/target/debug/deps";

        assert_eq!(without_rust(path.into()), OsString::from("/opt/oracle/lib"));
    }
}
