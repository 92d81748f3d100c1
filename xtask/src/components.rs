//! Module → component, by `baepo plugin build`, and only where something changed.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::guests::{self, Guest, Kind};
use crate::process;
use crate::step::{Steps, Worker};
use crate::workspace::Workspace;
use crate::{apt, cargo, toolchain};

/// Builds the components of these kinds; also the program that makes them, unless there is one
/// already.
pub fn build_only(kinds: &[Kind], baepo: Option<PathBuf>) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let mut steps = Steps::begin();
    apt::need_to_build(&mut steps)?;
    let baepo = match baepo {
        Some(baepo) => std::path::absolute(baepo)?,
        None => steps.run("build the host", Worker::Compiler, || {
            cargo::build_program(&workspace, "baepo")
        })?,
    };
    build(&workspace, &mut steps, &baepo, kinds)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the components of these kinds with `baepo`, which is built already.
pub fn build(workspace: &Workspace, steps: &mut Steps, baepo: &Path, kinds: &[Kind]) -> Result<()> {
    let guests = guests::discover(workspace, kinds)?;
    let toolchain = toolchain::find(workspace, steps)?;
    let modules = steps.run("build the guests", Worker::Compiler, || {
        guests::compile(workspace, &toolchain, &guests)
    })?;
    let shelf = Shelf {
        workspace,
        maker: Maker::of(baepo)?,
    };
    steps.run("make components", Worker::Silent, || {
        let mut changed = 0;
        for (guest, module) in guests.iter().zip(&modules) {
            let news = shelf
                .put(guest, module)
                .with_context(|| format!("component {}", guest.name))?;
            shelf.report(guest, news);
            changed += usize::from(news == News::Written);
        }
        eprintln!("  {} components, {changed} changed", guests.len());
        kinds
            .iter()
            .try_for_each(|kind| shelf.clear_away(*kind, &guests))
    })
}

/// The components in the target folder.
struct Shelf<'run> {
    workspace: &'run Workspace,
    maker: Maker,
}

/// The program that makes components. The same size and time mean the same program: cargo
/// writes it only when it has built it anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Maker {
    program: PathBuf,
    bytes: u64,
    modified_ns: u128,
}

/// What a component was made of, kept beside the build.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Origin {
    maker: Maker,
    module: u64,
    manifest: u64,
    component: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Unchanged,
    /// Made again, with the same bytes as before.
    Same,
    Written,
}

impl Maker {
    fn of(program: &Path) -> Result<Self> {
        let data = program
            .metadata()
            .with_context(|| format!("cannot find {}", program.display()))?;
        let modified = data.modified().context("this file system keeps no times")?;
        let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self {
            program: program.to_owned(),
            bytes: data.len(),
            modified_ns: since.as_nanos(),
        })
    }
}

impl Shelf<'_> {
    fn put(&self, guest: &Guest, module: &Path) -> Result<News> {
        let component = self.component(guest.kind, &guest.name);
        let now = |component| {
            anyhow::Ok(Origin {
                maker: self.maker.clone(),
                module: hash_of(module)?,
                manifest: hash_of(&guest.manifest)?,
                component,
            })
        };
        let there = hash_of(&component).ok();
        if let Some(there) = there
            && self.origin(guest) == Some(now(there)?)
        {
            return Ok(News::Unchanged);
        }
        let fresh = self.make(guest, module)?;
        let made = hash_of(&fresh)?;
        let news = if there == Some(made) {
            fs::remove_file(&fresh)?;
            News::Same
        } else {
            move_into_place(&fresh, &component)?;
            News::Written
        };
        fs::write(
            self.origin_file(guest.kind, &guest.name),
            serde_json::to_string(&now(made)?)?,
        )?;
        Ok(news)
    }

    /// Made beside the build and not in place: a running host may be watching the folder.
    fn make(&self, guest: &Guest, module: &Path) -> Result<PathBuf> {
        let folder = self.origins(guest.kind);
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let fresh = folder.join(format!("{}.{}.wasm", guest.name, std::process::id()));
        let mut command = Command::new(&self.maker.program);
        command.args(["plugin", "build", "--module"]).arg(module);
        command
            .arg("--manifest")
            .arg(&guest.manifest)
            .arg("--out")
            .arg(&fresh);
        process::run_quietly(&mut command)?;
        Ok(fresh)
    }

    /// Removes what was made here of guests that are gone; what others put there stays.
    fn clear_away(&self, kind: Kind, guests: &[Guest]) -> Result<()> {
        let of_kind = guests.iter().filter(|guest| guest.kind == kind);
        let living: BTreeSet<_> = of_kind.map(|guest| guest.name.as_str()).collect();
        let Ok(origins) = fs::read_dir(self.origins(kind)) else {
            return Ok(());
        };
        for origin in origins.flatten().map(|entry| entry.path()) {
            let is_origin = origin.extension().is_some_and(|kind| kind == "json");
            let name = origin.file_stem().unwrap_or_default().to_string_lossy();
            if is_origin && !living.contains(name.as_ref()) {
                let component = self.component(kind, &name);
                eprintln!("  {name}: gone, so is {}", self.workspace.shown(&component));
                // It may have been removed by hand already.
                let _ = fs::remove_file(&component);
                fs::remove_file(&origin)?;
            }
        }
        Ok(())
    }

    fn report(&self, guest: &Guest, news: News) {
        let component = self.component(guest.kind, &guest.name);
        let kibibytes = component
            .metadata()
            .map_or(0, |data| data.len().div_ceil(1024));
        let file = self.workspace.shown(&component);
        match news {
            News::Unchanged | News::Same => {}
            News::Written => eprintln!("  {file} {kibibytes} KiB"),
        }
    }

    fn origin(&self, guest: &Guest) -> Option<Origin> {
        let text = fs::read_to_string(self.origin_file(guest.kind, &guest.name)).ok()?;
        serde_json::from_str(&text).ok()
    }

    fn component(&self, kind: Kind, name: &str) -> PathBuf {
        self.workspace
            .target
            .join(kind.folder())
            .join(format!("{name}.wasm"))
    }

    fn origin_file(&self, kind: Kind, name: &str) -> PathBuf {
        self.origins(kind).join(format!("{name}.json"))
    }

    fn origins(&self, kind: Kind) -> PathBuf {
        self.workspace
            .target
            .join("guest-build/origins")
            .join(kind.folder())
    }
}

fn move_into_place(fresh: &Path, component: &Path) -> Result<()> {
    let folder = component.parent().context("a component lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    fs::rename(fresh, component).with_context(|| format!("cannot write {}", component.display()))
}

fn hash_of(file: &Path) -> Result<u64> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut hasher = DefaultHasher::new();
    hasher.write(&bytes);
    Ok(hasher.finish())
}
