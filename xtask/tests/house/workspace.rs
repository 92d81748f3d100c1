//! The workspace as cargo describes it, and the files that git knows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

#[derive(Deserialize)]
pub struct Workspace {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    targets: Vec<Target>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Target {
    src_path: PathBuf,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `None` for what the crate itself links.
    kind: Option<String>,
}

impl Workspace {
    pub fn load() -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ]);
        serde_json::from_str(&output(&mut command)).expect("cargo describes the workspace")
    }

    /// The root file of every target.
    pub fn roots(&self) -> Vec<PathBuf> {
        let targets = self.packages.iter().flat_map(|package| &package.targets);
        targets.map(|target| target.src_path.clone()).collect()
    }

    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.packages.iter().map(|package| package.name.as_str())
    }

    /// Names of the crates that a package itself links, not only its tests.
    pub fn dependencies(&self, package: &str) -> BTreeSet<String> {
        let found = self.packages.iter().find(|found| found.name == package);
        let found = found.unwrap_or_else(|| panic!("there is no package {package}"));
        let linked = found
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind.is_none());
        linked.map(|dependency| dependency.name.clone()).collect()
    }
}

pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies in the workspace")
}

/// Every file of the repository, those that are new included.
pub fn tracked_files() -> Vec<PathBuf> {
    let mut command = Command::new("git");
    command.args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ]);
    let listed = output(&mut command);
    let names = listed.split('\0').filter(|name| !name.is_empty());
    names
        .map(|name| root().join(name))
        .filter(|path| path.is_file())
        .collect()
}

fn output(command: &mut Command) -> String {
    let shown = format!("{command:?}");
    let output = command.current_dir(root()).output();
    let output = output.unwrap_or_else(|error| panic!("{shown}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}: {errors}");
    String::from_utf8(output.stdout).expect("names in UTF-8")
}
