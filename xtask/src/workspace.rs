//! The workspace as cargo describes it: where things lie, and what there is to build.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{cargo, process};

#[derive(Debug, Deserialize)]
pub struct Workspace {
    #[serde(rename = "workspace_root")]
    pub root: PathBuf,
    #[serde(rename = "target_directory")]
    pub target: PathBuf,
    pub packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
pub struct Package {
    pub name: String,
    pub manifest_path: PathBuf,
    pub targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
pub struct Target {
    pub name: String,
    pub kind: Vec<String>,
    pub crate_types: Vec<String>,
}

impl Workspace {
    pub fn load() -> Result<Self> {
        // Set by `cargo run`; so it works from any folder of the repository.
        let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| ".".into(), PathBuf::from);
        let mut command = cargo::command(&here);
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        let metadata = process::run_quietly(&mut command)?;
        serde_json::from_str(&metadata).context("cannot read the output of `cargo metadata`")
    }

    /// The package whose `Cargo.toml` lies in this folder.
    pub fn package_in(&self, folder: &Path) -> Option<&Package> {
        self.packages
            .iter()
            .find(|package| package.manifest_path == folder.join("Cargo.toml"))
    }

    /// Names of all targets of a kind, such as `bin` or `test`.
    pub fn targets(&self, kind: &str) -> Vec<&str> {
        let targets = self.packages.iter().flat_map(|package| &package.targets);
        let of_kind = targets.filter(|target| target.kind.iter().any(|known| known == kind));
        of_kind.map(|target| target.name.as_str()).collect()
    }

    /// As short as it can be shown: relative to the repository where it lies inside.
    pub fn shown<'path>(&self, path: &'path Path) -> std::path::Display<'path> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

impl Package {
    pub fn cdylib(&self) -> Option<&Target> {
        self.targets.iter().find(|target| {
            target.kind.iter().any(|kind| kind == "cdylib") && target.builds_a_module()
        })
    }
}

impl Target {
    pub fn builds_a_module(&self) -> bool {
        self.crate_types.iter().any(|kind| kind == "cdylib")
    }
}
