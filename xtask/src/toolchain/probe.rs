//! Looking at the machine. Nothing is changed here.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{Active, Debian, Facts, Rustup, TARGET, install};
use crate::apt;
use crate::process::{find_program, run_quietly};
use crate::workspace::Workspace;

pub const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
pub const DEBIAN_CARGO: &str = "/usr/bin/cargo";

/// LLVM's linker; Debian adds its version to the name when several are there.
const LINKERS: [&str; 5] = [
    "wasm-ld",
    "wasm-ld-22",
    "wasm-ld-21",
    "wasm-ld-20",
    "wasm-ld-19",
];

pub fn facts(workspace: &Workspace) -> Result<Facts> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let ask = |argument: &[&str]| {
        run_quietly(
            Command::new(&rustc)
                .args(argument)
                .current_dir(&workspace.root),
        )
    };
    let about = ask(&["-vV"])?;
    let sysroot = PathBuf::from(ask(&["--print", "sysroot"])?);
    let needed = workspace.rust_version().unwrap_or("1.85").to_owned();
    Ok(Facts {
        active: Active {
            version: field(&about, "release: ")
                .context("rustc has no version")?
                .to_owned(),
            has_target: sysroot
                .join("lib/rustlib")
                .join(TARGET)
                .join("lib")
                .is_dir(),
        },
        rustup: rustup(workspace, &sysroot),
        debian: debian(&needed),
        linker: linker(&sysroot, field(&about, "host: ").unwrap_or_default()),
        apt: apt::probe(),
        needed,
    })
}

fn rustup(workspace: &Workspace, sysroot: &Path) -> Rustup {
    let is_rustups = sysroot
        .components()
        .any(|part| part.as_os_str() == "toolchains");
    if !is_rustups || find_program("rustup").is_none() {
        Rustup::Absent
    } else if install::was_refused_lately(workspace) {
        Rustup::RefusedLately
    } else {
        Rustup::Untried
    }
}

fn debian(needed: &str) -> Debian {
    let ask = |argument| {
        run_quietly(install::without_rusts(&mut Command::new(DEBIAN_RUSTC)).arg(argument))
    };
    // `/usr/bin/rustc` may also be Debian's package of rustup.
    let is_debians = run_quietly(
        install::without_rusts(&mut Command::new(DEBIAN_RUSTC)).args(["--print", "sysroot"]),
    )
    .is_ok_and(|sysroot| sysroot == "/usr");
    let version = ask("-vV")
        .ok()
        .and_then(|about| field(&about, "release: ").map(str::to_owned));
    match version {
        Some(version) if is_debians && !is_at_least(&version, needed) => Debian::TooOld(version),
        Some(version) if is_debians && has_cargo_and_sources() => Debian::Complete(version),
        _ => Debian::Incomplete,
    }
}

fn has_cargo_and_sources() -> bool {
    Path::new(DEBIAN_CARGO).exists()
        && Path::new("/usr/lib/rustlib/src/rust/library/std/Cargo.toml").exists()
}

fn linker(sysroot: &Path, host: &str) -> Option<PathBuf> {
    let rusts = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
    if rusts.exists() {
        return Some(rusts);
    }
    LINKERS.iter().find_map(|name| find_program(name))
}

/// A line of `rustc -vV`.
fn field<'text>(text: &'text str, name: &str) -> Option<&'text str> {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .map(str::trim)
}

/// Compares `1.96.0` with `1.95`; anything behind a `-` is left out.
fn is_at_least(version: &str, needed: &str) -> bool {
    numbers(version) >= numbers(needed)
}

fn numbers(version: &str) -> [u32; 3] {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    let mut parts = plain.split('.').map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_own_words_are_read() {
        let about = "rustc 1.96.0 (ac68faa20 2026-05-25)\nhost: x86_64-unknown-linux-gnu\nrelease: 1.96.0\n";

        assert_eq!(field(about, "release: "), Some("1.96.0"));
        assert_eq!(field(about, "host: "), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(field(about, "branch: "), None);
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(is_at_least("1.96.0", "1.95"));
        assert!(is_at_least("1.95.0", "1.95"));
        assert!(is_at_least("1.100.0-nightly", "1.95"));
        assert!(!is_at_least("1.85.0", "1.95"));
        assert!(!is_at_least("1.9.5", "1.95"));
    }
}
