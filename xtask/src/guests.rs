//! The guests: packages that become components, with their manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::cargo::{self, Artifact};
use crate::step::{Steps, Worker};
use crate::workspace::Workspace;
use crate::{apt, process};

/// No WASI: a module's imports show all that it can do.
const TARGET: &str = "wasm32-unknown-unknown";
/// Of the modules, in the target folder.
pub const BUILD_FOLDER: &str = "guest-build";

/// Folders of `plugins/` that are not channels.
const NO_CHANNELS: [&str; 2] = ["sdk", "templates"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `plugins/<folder>/` with a `channel.toml` → `target/plugins/<channel id>.wasm`
    Plugin,
    /// `tests/guests/examples/<name>.rs` with `<name>.toml` → `target/guests/<name>.wasm`
    Fixture,
}

/// A package that becomes a component.
#[derive(Debug, PartialEq, Eq)]
pub struct Guest {
    pub kind: Kind,
    /// The file's name without `.wasm`.
    pub name: String,
    /// `channel.toml`.
    pub manifest: PathBuf,
    package: String,
    /// Of the package.
    cargo_toml: PathBuf,
    /// Of the module.
    target: String,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Plugin, Self::Fixture];

    /// The folder of the components, in the target folder.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Plugin => "plugins",
            Self::Fixture => "guests",
        }
    }
}

/// All guests of these kinds.
pub fn discover(workspace: &Workspace, kinds: &[Kind]) -> Result<Vec<Guest>> {
    let mut guests = Vec::new();
    if kinds.contains(&Kind::Plugin) {
        guests.extend(plugins(workspace)?);
    }
    if kinds.contains(&Kind::Fixture) {
        guests.extend(fixtures(workspace));
    }
    refuse_the_same_name_twice(&guests)?;
    Ok(guests)
}

fn plugins(workspace: &Workspace) -> Result<Vec<Guest>> {
    let plugins = workspace.root.join("plugins");
    let entries =
        fs::read_dir(&plugins).with_context(|| format!("cannot read {}", plugins.display()))?;
    let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    let is_channel = |folder: &PathBuf| {
        !NO_CHANNELS.iter().any(|name| folder.ends_with(name))
            && folder.join("channel.toml").exists()
    };
    let channels = folders.iter().filter(|folder| is_channel(folder));
    channels
        .filter_map(|folder| plugin(workspace, folder).transpose())
        .collect()
}

fn plugin(workspace: &Workspace, folder: &Path) -> Result<Option<Guest>> {
    let shown = workspace.shown(folder);
    if !folder.join("Cargo.toml").exists() {
        eprintln!("{shown}: no Cargo.toml, so it is left to its own tools");
        return Ok(None);
    }
    let Some(package) = workspace.package_in(folder) else {
        bail!("{shown} is not in the workspace: add it to `members` in Cargo.toml");
    };
    let Some(target) = package.cdylib() else {
        bail!("{shown}/Cargo.toml lacks: [lib] crate-type = [\"cdylib\", \"rlib\"]");
    };
    let manifest = folder.join("channel.toml");
    let text = fs::read_to_string(&manifest)
        .with_context(|| format!("cannot read {shown}/channel.toml"))?;
    Ok(Some(Guest {
        kind: Kind::Plugin,
        name: channel_id(&text).with_context(|| format!("{shown}/channel.toml"))?,
        manifest,
        package: package.name.clone(),
        cargo_toml: package.manifest_path.clone(),
        target: target.name.clone(),
    }))
}

fn fixtures(workspace: &Workspace) -> Vec<Guest> {
    let folder = workspace.root.join("tests/guests");
    let Some(package) = workspace.package_in(&folder) else {
        return Vec::new();
    };
    let examples = package
        .targets
        .iter()
        .filter(|target| target.kind == ["example"]);
    let modules = examples.filter(|target| target.builds_a_module());
    let guests = modules.map(|target| Guest {
        kind: Kind::Fixture,
        name: target.name.clone(),
        manifest: folder
            .join("examples")
            .join(format!("{}.toml", target.name)),
        package: package.name.clone(),
        cargo_toml: package.manifest_path.clone(),
        target: target.name.clone(),
    });
    guests.filter(|guest| guest.manifest.exists()).collect()
}

/// The `id` of a `channel.toml`; the rest of it is for the host to judge.
fn channel_id(manifest: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Manifest {
        id: String,
    }
    let Manifest { id } = toml::from_str(manifest).context("cannot read it")?;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if id.is_empty() || !id.chars().all(is_plain) {
        bail!("`id = {id:?}` cannot be the name of a file: letters, digits and `-` only");
    }
    Ok(id)
}

fn refuse_the_same_name_twice(guests: &[Guest]) -> Result<()> {
    let mut seen = BTreeMap::new();
    for guest in guests {
        if let Some(other) = seen.insert((guest.kind, &guest.name), guest) {
            bail!(
                "{} and {} both have the id `{}`",
                other.manifest.display(),
                guest.manifest.display(),
                guest.name
            );
        }
    }
    Ok(())
}

/// `rust-toolchain.toml` names the target, and rustup adds it by itself where it may; where it may not
/// it is asked for here.
pub fn need_target(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    let libraries = process::run_quietly(rustc.current_dir(&workspace.root))?;
    if Path::new(&libraries).is_dir() {
        return Ok(());
    }
    if apt::is_forbidden() {
        bail!("rustc cannot build for {TARGET}: rustup target add {TARGET}");
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]);
    rustup.current_dir(&workspace.root);
    let add = || process::run_quietly(&mut rustup).map(drop);
    steps
        .run(&format!("rustup target add {TARGET}"), Worker::Silent, add)
        .with_context(|| {
            format!("channels are built for {TARGET}, which rustup (https://rustup.rs) has")
        })
}

/// Compiles all guests in one run of cargo; their modules, in the same order.
///
/// In a target folder of their own: neither the lock nor the cache of the host's build is touched.
/// Quiet but for warnings and errors, since it runs beside that build.
pub fn compile(workspace: &Workspace, guests: &[Guest]) -> Result<Vec<PathBuf>> {
    if guests.is_empty() {
        return Ok(Vec::new());
    }
    let mut command = cargo::command(&workspace.root);
    // Flags for the host; they would replace those of `.cargo/config.toml` for modules.
    command
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    command.args(["build", "--quiet", "--profile", "plugin"]);
    command.args(["--target", TARGET, "--target-dir"]);
    command.arg(workspace.target.join(BUILD_FOLDER));
    select(&mut command, guests);
    let artifacts = cargo::build(&mut command)?;
    guests
        .iter()
        .map(|guest| module(&artifacts, guest))
        .collect()
}

fn select(command: &mut Command, guests: &[Guest]) {
    let packages: BTreeSet<_> = guests.iter().map(|guest| &guest.package).collect();
    for package in packages {
        command.arg("--package").arg(package);
    }
    let kinds: BTreeSet<_> = guests.iter().map(|guest| guest.kind).collect();
    command.args(kinds.iter().map(|kind| match kind {
        Kind::Plugin => "--lib",
        Kind::Fixture => "--examples",
    }));
}

fn module(artifacts: &[Artifact], guest: &Guest) -> Result<PathBuf> {
    let of_guest = artifacts.iter().filter(|artifact| {
        artifact.manifest_path == guest.cargo_toml && artifact.target.name == guest.target
    });
    let mut files = of_guest.flat_map(|artifact| &artifact.filenames);
    let module = files.find(|file| file.extension().is_some_and(|kind| kind == "wasm"));
    module
        .cloned()
        .with_context(|| format!("cargo built no module for {}", guest.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(kind: Kind, name: &str) -> Guest {
        Guest {
            kind,
            name: name.into(),
            manifest: format!("/w/{name}/channel.toml").into(),
            package: format!("channel-{name}"),
            cargo_toml: format!("/w/{name}/Cargo.toml").into(),
            target: name.into(),
        }
    }

    #[test]
    fn the_id_is_the_files_name() {
        let id = channel_id("id = \"kakao-channel\"\n[names]\nko = \"카카오\"\n");

        assert_eq!(id.unwrap(), "kakao-channel");
    }

    #[test]
    fn an_id_never_leads_out_of_the_folder() {
        assert!(channel_id("id = \"../../etc/passwd\"").is_err());
        assert!(channel_id("id = \"\"").is_err());
        assert!(channel_id("[names]\nid = \"echo\"").is_err());
    }

    #[test]
    fn two_plugins_with_one_id_are_refused_but_a_fixture_may_share_it() {
        let twice = [guest(Kind::Plugin, "echo"), guest(Kind::Plugin, "echo")];
        let apart = [guest(Kind::Plugin, "echo"), guest(Kind::Fixture, "echo")];

        assert!(refuse_the_same_name_twice(&twice).is_err());
        assert!(refuse_the_same_name_twice(&apart).is_ok());
    }

    #[test]
    fn the_native_library_is_not_taken_for_the_module() {
        let artifact = r#"{"manifest_path":"/w/echo/Cargo.toml","target":{"name":"echo","kind":["cdylib"]},
            "profile":{"test":false},"filenames":["/t/libecho.rlib","/t/echo.wasm"],"executable":null}"#;
        let artifacts: Vec<Artifact> = vec![serde_json::from_str(artifact).unwrap()];

        let found = module(&artifacts, &guest(Kind::Plugin, "echo")).unwrap();
        assert_eq!(found, Path::new("/t/echo.wasm"));
        assert!(module(&artifacts, &guest(Kind::Plugin, "other")).is_err());
    }
}
