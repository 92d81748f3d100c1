//! Debian packages, where the machine lacks something and we may install it.

use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{find_program, run_quietly};
use crate::step::{Steps, Worker};

/// Forbids installing anything when it is set.
pub const FORBID: &str = "XTASK_NO_INSTALL";

/// Whether packages can be installed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apt {
    /// Not a Debian.
    Absent,
    /// Neither root nor `sudo` without a password, or forbidden.
    Forbidden,
    Root,
    Sudo,
}

pub fn probe() -> Apt {
    if find_program("apt-get").is_none() {
        return Apt::Absent;
    }
    if std::env::var_os(FORBID).is_some() {
        return Apt::Forbidden;
    }
    if rustix::process::geteuid().is_root() {
        return Apt::Root;
    }
    let sudo = find_program("sudo").is_some()
        && run_quietly(Command::new("sudo").args(["-n", "true"])).is_ok();
    if sudo { Apt::Sudo } else { Apt::Forbidden }
}

/// Installs packages; never removes one to make place.
pub fn install(steps: &mut Steps, apt: Apt, packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    eprintln!("installing Debian's {names} ({FORBID}=1 forbids it)");
    steps.run(&format!("apt-get install {names}"), Worker::Silent, || {
        let updated = run_quietly(apt_get(apt).arg("update"));
        let install = ["install", "-y", "--no-install-recommends", "--no-remove"];
        let installed = run_quietly(apt_get(apt).args(install).args(packages));
        // Old lists may still do; where they don't, the reason is that there are no new ones.
        match (installed, updated) {
            (Ok(_), _) => Ok(()),
            (Err(error), Ok(_)) | (Err(_), Err(error)) => Err(error),
        }
        .with_context(|| format!("install by hand: apt-get install {names}"))
    })
}

fn apt_get(apt: Apt) -> Command {
    let mut command = match apt {
        Apt::Sudo => {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            sudo
        }
        Apt::Absent | Apt::Forbidden | Apt::Root => {
            let mut apt_get = Command::new("apt-get");
            apt_get.env("DEBIAN_FRONTEND", "noninteractive");
            apt_get
        }
    };
    // Somebody else may be installing at this moment.
    command.args(["-q", "-o", "DPkg::Lock::Timeout=120"]);
    command
}

/// What is compiled from C needs a compiler (SQLite, ring), and make and OpenSSL's headers
/// (librdkafka).
pub fn need_to_build(steps: &mut Steps) -> Result<()> {
    let mut packages = Vec::new();
    if std::env::var_os("CC").is_none() && find_program("cc").is_none() {
        packages.push("build-essential");
    } else if find_program("make").is_none() {
        packages.push("make");
    }
    if !has_openssl_headers() {
        packages.extend(["libssl-dev", "pkg-config"]);
    }
    need(steps, &packages)
}

/// Python, with what makes virtual environments.
pub fn need_python(steps: &mut Steps) -> Result<()> {
    let has_venv = run_quietly(Command::new("python3").args(["-c", "import ensurepip, venv"]));
    need(steps, has_venv.err().map_or(&[], |_| &["python3-venv"]))
}

/// Installs what is missing, or says how.
pub fn need(steps: &mut Steps, packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    match probe() {
        apt @ (Apt::Root | Apt::Sudo) => install(steps, apt, packages),
        Apt::Absent | Apt::Forbidden => {
            let packages = packages.join(" ");
            anyhow::bail!("this machine lacks what Debian has as: apt-get install {packages}")
        }
    }
}

fn has_openssl_headers() -> bool {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut preprocess = Command::new(compiler);
    preprocess.args(["-E", "-x", "c", "-include", "openssl/ssl.h", "/dev/null"]);
    // Where there is no compiler yet, the packages tell of the headers.
    let found = std::path::Path::new("/usr/include/openssl/ssl.h").exists();
    found || run_quietly(&mut preprocess).is_ok()
}
