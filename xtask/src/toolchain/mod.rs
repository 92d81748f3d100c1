//! Which compiler makes the WebAssembly modules, and why.
//!
//! [`choose`] decides from [`Facts`] alone. Whatever a remedy changes is seen by probing again.

mod install;
mod probe;

use std::fmt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::apt::{self, Apt};
use crate::step::Steps;
use crate::workspace::Workspace;

/// No WASI: a module's imports show all that it can do.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's newest Rust, and the library's sources in the same version.
const DEBIAN_RUST: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const DEBIAN_LINKER: &str = "lld";

/// What a remedy may change; more rounds than remedies would change nothing more.
const ROUNDS: usize = 4;

/// What was found on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The compiler that builds the host.
    pub active: Active,
    pub rustup: Rustup,
    pub debian: Debian,
    /// A linker for WebAssembly: rustup's `rust-lld` or LLVM's `wasm-ld`.
    pub linker: Option<PathBuf>,
    pub apt: Apt,
    /// The oldest compiler that the workspace accepts.
    pub needed: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    pub version: String,
    pub has_target: bool,
}

/// Whether rustup could add the target to the active compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rustup {
    /// The active compiler is not rustup's.
    Absent,
    /// It was tried within a day and failed.
    RefusedLately,
    Untried,
}

/// Debian's Rust in `/usr`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Debian {
    /// Not installed, or without cargo or the library's sources.
    Incomplete,
    TooOld(String),
    Complete(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    Build(Toolchain),
    Try(Remedy),
    /// What the person can do.
    Nothing(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    AddTarget,
    Install(Vec<&'static str>),
}

/// A way to build modules that works here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toolchain {
    Active { version: String },
    Debian { version: String, linker: PathBuf },
}

/// The first way that works or can be made to work.
pub fn choose(facts: &Facts) -> Choice {
    if facts.active.has_target {
        return Choice::Build(Toolchain::Active {
            version: facts.active.version.clone(),
        });
    }
    if facts.rustup == Rustup::Untried {
        return Choice::Try(Remedy::AddTarget);
    }
    match (&facts.debian, &facts.linker) {
        (Debian::Complete(version), Some(linker)) => Choice::Build(Toolchain::Debian {
            version: version.clone(),
            linker: linker.clone(),
        }),
        _ => install_what_lacks(facts),
    }
}

fn install_what_lacks(facts: &Facts) -> Choice {
    let mut packages = Vec::new();
    if !matches!(facts.debian, Debian::Complete(_)) {
        packages.extend(DEBIAN_RUST);
    }
    if facts.linker.is_none() {
        packages.push(DEBIAN_LINKER);
    }
    match facts.apt {
        Apt::Root | Apt::Sudo => Choice::Try(Remedy::Install(packages)),
        Apt::Absent | Apt::Forbidden => Choice::Nothing(nothing_works(facts, &packages)),
    }
}

fn nothing_works(facts: &Facts, packages: &[&str]) -> String {
    let mut message = format!(
        "no compiler for {TARGET}: rustc {} has no such target.\n  Install it: rustup target add {TARGET}",
        facts.active.version
    );
    if facts.apt == Apt::Forbidden {
        message += &format!("\n  or, as root:  apt-get install {}", packages.join(" "));
    }
    if let Debian::TooOld(version) = &facts.debian {
        message += &format!(
            "\n  (/usr/bin/rustc is {version}; {} is needed)",
            facts.needed
        );
    }
    message
}

/// Finds a way, installing what it needs, and says which and why.
pub fn find(workspace: &Workspace, steps: &mut Steps) -> Result<Toolchain> {
    for _ in 0..ROUNDS {
        let facts = probe::facts(workspace)?;
        match choose(&facts) {
            Choice::Build(toolchain) => {
                eprintln!("guests: {toolchain}");
                return Ok(toolchain);
            }
            Choice::Try(Remedy::AddTarget) => install::add_target(workspace, steps)?,
            Choice::Try(Remedy::Install(packages)) => apt::install(steps, facts.apt, &packages)?,
            Choice::Nothing(message) => bail!(message),
        }
    }
    bail!("what was installed still builds nothing for {TARGET}; try: rustup target add {TARGET}")
}

impl Toolchain {
    /// cargo with this compiler, for modules.
    pub fn cargo(&self, workspace: &Workspace) -> Command {
        match self {
            Self::Active { .. } => install::active_cargo(workspace),
            Self::Debian { linker, .. } => install::debian_cargo(workspace, linker),
        }
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Active { version } => {
                write!(formatter, "rustc {version}, because it has {TARGET}")
            }
            Self::Debian { version, linker } => write!(
                formatter,
                "Debian's rustc {version} with {} and its own build of std, because the active \
                 rustc has no {TARGET} and rustup cannot add it",
                linker.file_name().unwrap_or(linker.as_os_str()).display()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// rustup without its server, on a Debian where we are root; nothing installed.
    fn closed_network() -> Facts {
        Facts {
            active: Active {
                version: "1.95.0".into(),
                has_target: false,
            },
            rustup: Rustup::RefusedLately,
            debian: Debian::Incomplete,
            linker: Some("/lib/rust-lld".into()),
            apt: Apt::Root,
            needed: "1.95".into(),
        }
    }

    #[test]
    fn an_installed_target_is_used_whatever_else_there_is() {
        let mut facts = closed_network();
        facts.active.has_target = true;
        facts.debian = Debian::Complete("1.96.0".into());

        let active = Toolchain::Active {
            version: "1.95.0".into(),
        };
        assert_eq!(choose(&facts), Choice::Build(active));
    }

    #[test]
    fn rustup_is_asked_before_debian() {
        let mut facts = closed_network();
        facts.rustup = Rustup::Untried;
        facts.debian = Debian::Complete("1.96.0".into());

        assert_eq!(choose(&facts), Choice::Try(Remedy::AddTarget));
    }

    #[test]
    fn debians_compiler_is_used_where_rustup_was_refused() {
        let mut facts = closed_network();
        facts.debian = Debian::Complete("1.96.0".into());

        let Choice::Build(toolchain) = choose(&facts) else {
            panic!("no way to build");
        };
        let said = toolchain.to_string();
        assert!(
            said.starts_with("Debian's rustc 1.96.0 with rust-lld"),
            "{said}"
        );
    }

    #[test]
    fn only_what_lacks_is_installed() {
        let mut facts = closed_network();
        assert_eq!(
            choose(&facts),
            Choice::Try(Remedy::Install(DEBIAN_RUST.to_vec()))
        );

        facts.debian = Debian::Complete("1.96.0".into());
        facts.linker = None;
        assert_eq!(
            choose(&facts),
            Choice::Try(Remedy::Install(vec![DEBIAN_LINKER]))
        );
    }

    #[test]
    fn who_may_not_install_is_told_what_to_install() {
        let mut facts = closed_network();
        facts.apt = Apt::Forbidden;
        facts.debian = Debian::TooOld("1.85.0".into());

        let Choice::Nothing(message) = choose(&facts) else {
            panic!("something was chosen");
        };
        assert!(
            message.contains("rustup target add wasm32-unknown-unknown"),
            "{message}"
        );
        assert!(
            message.contains("apt-get install rustc-web cargo-web rust-web-src"),
            "{message}"
        );
        assert!(message.contains("1.85.0; 1.95 is needed"), "{message}");
    }

    #[test]
    fn where_there_is_no_debian_only_rustup_is_named() {
        let mut facts = closed_network();
        facts.apt = Apt::Absent;

        let Choice::Nothing(message) = choose(&facts) else {
            panic!("something was chosen");
        };
        assert!(!message.contains("apt-get"), "{message}");
    }
}
