//! Debian packages, where the machine lacks something and we may install it.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{find_program, run_quietly};
use crate::step::{Steps, Worker};

/// Forbids installing anything when it is set.
pub const FORBID: &str = "XTASK_NO_INSTALL";

/// Whether we may install something.
pub fn is_forbidden() -> bool {
    std::env::var_os(FORBID).is_some()
}

/// `apt-get` with the rights to install; none where there is none, or where it is forbidden.
fn apt_get() -> Option<Command> {
    if find_program("apt-get").is_none() || is_forbidden() {
        return None;
    }
    let may_sudo = || run_quietly(Command::new("sudo").args(["-n", "true"])).is_ok();
    let mut command = if rustix::process::geteuid().is_root() {
        Command::new("env")
    } else if may_sudo() {
        let mut sudo = Command::new("sudo");
        sudo.arg("-n");
        sudo
    } else {
        return None;
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
    // Somebody else may be installing at this moment.
    command.args(["-o", "DPkg::Lock::Timeout=120"]);
    Some(command)
}

/// Installs what is missing, or fails with the command to do so; never removes a package to make place.
pub fn need(steps: &mut Steps, packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let names = packages.join(" ");
    let (Some(mut update), Some(mut install)) = (apt_get(), apt_get()) else {
        bail!("this machine lacks what Debian has as: apt-get install {names}");
    };
    eprintln!("installing Debian's {names} ({FORBID}=1 forbids it)");
    steps.run(&format!("apt-get install {names}"), Worker::Silent, || {
        let updated = run_quietly(update.arg("update"));
        install.args(["install", "-y", "--no-install-recommends", "--no-remove"]);
        let installed = run_quietly(install.args(packages));
        // Old lists may still do; where they don't, the reason is that there are no new ones.
        match (installed, updated) {
            (Ok(_), _) => Ok(()),
            (Err(error), Ok(_)) | (Err(_), Err(error)) => Err(error),
        }
        .with_context(|| format!("install by hand: apt-get install {names}"))
    })
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

fn has_openssl_headers() -> bool {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut preprocess = Command::new(compiler);
    preprocess.args(["-E", "-x", "c", "-include", "openssl/ssl.h", "/dev/null"]);
    // Where there is no compiler yet, the usual place of the headers is looked at.
    let found = std::path::Path::new("/usr/include/openssl/ssl.h").exists();
    found || run_quietly(&mut preprocess).is_ok()
}
