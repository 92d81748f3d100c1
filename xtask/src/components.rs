//! Module → component, by `baepo plugin build`; a component is replaced only where its bytes change.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread;

use anyhow::{Context, Result, anyhow};

use crate::cargo::{self, Artifact, EVERY_PACKAGE};
use crate::guests::{self, Guest, Kind};
use crate::process;
use crate::step::{Steps, Worker};
use crate::workspace::Workspace;
use crate::{apt, guests::BUILD_FOLDER};

/// What a build of the host and its components produced.
pub struct Built {
    /// The host's program.
    pub baepo: PathBuf,
    /// All that cargo built for the host's machine.
    pub artifacts: Vec<Artifact>,
}

/// Builds the components of these kinds; also the program that makes them, unless there is one
/// already.
pub fn build_only(kinds: &[Kind], baepo: Option<PathBuf>) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let mut steps = Steps::begin(&workspace);
    let Some(baepo) = baepo else {
        apt::need_to_build(&mut steps)?;
        build(&workspace, &mut steps, kinds, &["--bin", "baepo"])?;
        return Ok(ExitCode::SUCCESS);
    };
    let baepo = std::path::absolute(baepo)?;
    let guests = guests::discover(&workspace, kinds)?;
    guests::need_target(&workspace, &mut steps)?;
    let modules = steps.run("build the channels", Worker::Compiler, || {
        guests::compile(&workspace, &guests)
    })?;
    make(&workspace, &mut steps, &baepo, kinds, &guests, &modules)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the `selected` targets of every package, beside them the modules of these kinds, then
/// their components. `baepo` must be among what is selected.
pub fn build(
    workspace: &Workspace,
    steps: &mut Steps,
    kinds: &[Kind],
    selected: &[&str],
) -> Result<Built> {
    let guests = guests::discover(workspace, kinds)?;
    guests::need_target(workspace, steps)?;
    // The two builds have target folders of their own. Modules fill the pauses of the host's build,
    // whose largest crates wait for each other.
    let both = || {
        thread::scope(|scope| {
            let modules = scope.spawn(|| guests::compile(workspace, &guests));
            let mut host = cargo::command(&workspace.root);
            let host = cargo::build(host.args(["build", EVERY_PACKAGE]).args(selected));
            let modules = modules.join().map_err(|_| anyhow!("the channels' build"))?;
            anyhow::Ok((host?, modules?))
        })
    };
    let (artifacts, modules) =
        steps.run("build the host and the channels", Worker::Compiler, both)?;
    let baepo = cargo::program(&artifacts, "baepo")?;
    make(workspace, steps, &baepo, kinds, &guests, &modules)?;
    Ok(Built { baepo, artifacts })
}

fn make(
    workspace: &Workspace,
    steps: &mut Steps,
    baepo: &Path,
    kinds: &[Kind],
    guests: &[Guest],
    modules: &[PathBuf],
) -> Result<()> {
    steps.run("make components", Worker::Silent, || {
        let mut changed = 0;
        for (guest, module) in guests.iter().zip(modules) {
            let is_new = make_one(workspace, baepo, guest, module)
                .with_context(|| format!("component {}", guest.name))?;
            changed += usize::from(is_new);
        }
        eprintln!("  {} components, {changed} changed", guests.len());
        let mut kinds = kinds.iter();
        kinds.try_for_each(|kind| clear_away(workspace, *kind, guests))
    })
}

/// Whether it changed. It is made beside the build and not in place: a running host may be watching
/// the folder.
fn make_one(workspace: &Workspace, baepo: &Path, guest: &Guest, module: &Path) -> Result<bool> {
    let component = component(workspace, guest.kind, &guest.name);
    let folder = workspace.target.join(BUILD_FOLDER);
    let fresh = folder.join(format!("{}.{}.wasm", guest.name, std::process::id()));
    let mut command = Command::new(baepo);
    command.args(["plugin", "build", "--module"]).arg(module);
    command.arg("--manifest").arg(&guest.manifest);
    process::run_quietly(command.arg("--out").arg(&fresh))?;

    let made = fs::read(&fresh)?;
    if fs::read(&component).is_ok_and(|there| there == made) {
        fs::remove_file(&fresh)?;
        return Ok(false);
    }
    fs::create_dir_all(workspace.target.join(guest.kind.folder()))
        .and_then(|()| fs::rename(&fresh, &component))
        .with_context(|| format!("cannot write {}", component.display()))?;
    let kibibytes = made.len().div_ceil(1024);
    eprintln!("  {} {kibibytes} KiB", workspace.shown(&component));
    Ok(true)
}

/// Removes the components of guests that are gone; what others put there stays.
fn clear_away(workspace: &Workspace, kind: Kind, guests: &[Guest]) -> Result<()> {
    let of_kind = guests.iter().filter(|guest| guest.kind == kind);
    let living: Vec<_> = of_kind.map(|guest| guest.name.as_str()).collect();
    let list = workspace.target.join(BUILD_FOLDER).join(kind.folder());
    let made = fs::read_to_string(&list).unwrap_or_default();
    for name in made.lines().filter(|name| !living.contains(name)) {
        let component = component(workspace, kind, name);
        eprintln!("  {name}: gone, so is {}", workspace.shown(&component));
        // It may have been removed by hand already.
        let _ = fs::remove_file(component);
    }
    fs::write(&list, living.join("\n")).with_context(|| format!("cannot write {}", list.display()))
}

fn component(workspace: &Workspace, kind: Kind, name: &str) -> PathBuf {
    let folder = workspace.target.join(kind.folder());
    folder.join(format!("{name}.wasm"))
}
