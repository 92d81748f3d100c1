//! Which packages have changed, as git reports it.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// What changed since a revision.
#[derive(Debug, PartialEq, Eq)]
pub struct Changes {
    since: String,
    /// The folders of packages with a changed file.
    packages: BTreeSet<PathBuf>,
    /// A file changed that belongs to no package and that every package may depend on.
    everything: bool,
}

/// Since `revision`; without one since the last commit, or in a clean tree since the one before.
pub fn find(workspace: &Workspace, revision: Option<&str>) -> Result<Changes> {
    let since = |revision: &str| anyhow::Ok((revision.to_owned(), files(workspace, revision)?));
    let (since, files) = match revision {
        Some(revision) => since(revision)?,
        None => match since("HEAD")? {
            (_, clean) if clean.is_empty() => since("HEAD~1")?,
            uncommitted => uncommitted,
        },
    };
    Ok(Changes::of(workspace, since, &files))
}

/// Changed since `revision`, and not yet known to git.
fn files(workspace: &Workspace, revision: &str) -> Result<Vec<PathBuf>> {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        process::run_quietly(command.args(arguments).current_dir(&workspace.root))
            .context("what has changed is asked of git")
    };
    let known = git(&["diff", "--name-only", revision, "--"])?;
    let new = git(&["ls-files", "--others", "--exclude-standard"])?;
    Ok(known
        .lines()
        .chain(new.lines())
        .map(PathBuf::from)
        .collect())
}

impl Changes {
    fn of(workspace: &Workspace, since: String, files: &[PathBuf]) -> Self {
        let manifests = workspace.packages.iter().map(|it| &it.manifest_path);
        let folders: Vec<_> = manifests.filter_map(|manifest| manifest.parent()).collect();
        let mut changes = Self {
            since,
            packages: BTreeSet::new(),
            everything: false,
        };
        for file in files.iter().map(|file| workspace.root.join(file)) {
            // The innermost: `host` holds the folders of other packages.
            let owners = folders.iter().filter(|folder| file.starts_with(folder));
            match owners.max_by_key(|folder| folder.components().count()) {
                Some(folder) => drop(changes.packages.insert(folder.to_path_buf())),
                None => changes.everything |= !is_prose(&file),
            }
        }
        changes
    }

    /// Whether a package has changed.
    pub fn touches(&self, manifest: &Path) -> bool {
        let folder = manifest.parent();
        self.everything || folder.is_some_and(|folder| self.packages.contains(folder))
    }
}

fn is_prose(file: &Path) -> bool {
    file.extension().is_some_and(|kind| kind == "md")
}

impl fmt::Display for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.packages.iter().filter_map(|folder| folder.file_name());
        let names: Vec<_> = names.map(|name| name.to_string_lossy()).collect();
        match (self.everything, names.as_slice()) {
            (true, _) => write!(formatter, "what all packages depend on")?,
            (false, []) => write!(formatter, "no package")?,
            (false, names) => write!(formatter, "{}", names.join(", "))?,
        }
        write!(formatter, ", since {}", self.since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Package;

    fn changes(files: &[&str]) -> Changes {
        let package = |folder: &str| Package {
            name: folder.to_owned(),
            manifest_path: format!("/w/{folder}/Cargo.toml").into(),
            targets: Vec::new(),
        };
        let workspace = Workspace {
            root: "/w".into(),
            target: "/w/target".into(),
            packages: ["host", "host/domain", "xtask"].map(package).into(),
        };
        let files: Vec<_> = files.iter().map(PathBuf::from).collect();
        Changes::of(&workspace, "HEAD".to_owned(), &files)
    }

    #[test]
    fn a_file_belongs_to_the_innermost_package() {
        let changes = changes(&["host/domain/src/lib.rs"]);

        assert!(changes.touches(Path::new("/w/host/domain/Cargo.toml")));
        assert!(!changes.touches(Path::new("/w/host/Cargo.toml")));
        assert_eq!(changes.to_string(), "domain, since HEAD");
    }

    #[test]
    fn a_file_of_no_package_touches_all_of_them_unless_it_is_prose() {
        assert!(changes(&["wit/channel.wit"]).touches(Path::new("/w/xtask/Cargo.toml")));
        let prose = changes(&["docs/operations.md"]);
        assert!(!prose.touches(Path::new("/w/xtask/Cargo.toml")));
        assert_eq!(prose.to_string(), "no package, since HEAD");
    }
}
