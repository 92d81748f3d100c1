//! PostgreSQL.

mod failover;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Pid, Signal, geteuid, kill_process, test_kill_process};
use tempfile::TempDir;

use crate::process::{Service, free_port, listens};

/// How long the processes of a killed server may take to be gone.
const KILL_TIMEOUT: Duration = Duration::from_secs(10);

/// A PostgreSQL server with the database `postgres` for everybody on this machine, as durable as
/// a real one. It is gone, with all that it kept, when this is dropped.
#[derive(Debug)]
pub struct Postgres {
    programs: Programs,
    user: Option<User>,
    folder: TempDir,
    port: u16,
    /// None while it is stopped.
    service: Option<Service>,
}

impl Postgres {
    /// The address of a server that tests may use, where there is one.
    pub const URL_VARIABLE: &'static str = "BAEPO_TEST_POSTGRES";

    /// Starts a new, empty server.
    ///
    /// # Errors
    /// When PostgreSQL is not installed on this machine, or does not start.
    pub fn start() -> anyhow::Result<Self> {
        let programs = Programs::find()?;
        let user = User::unprivileged()?;
        let folder = private_folder(user)?;
        let mut server = Self {
            programs,
            user,
            folder,
            port: free_port()?,
            service: None,
        };
        server.run("initdb", |initdb| {
            initdb
                .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
                .args(["--locale=C", "--no-sync", "--no-instructions"])
        })?;
        server.restart()?;
        Ok(server)
    }

    /// Where it is, such as `postgres://postgres@127.0.0.1:5432/postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops it in an orderly way: connections are closed, and everything is written.
    pub fn stop(&mut self) {
        if let Some(service) = self.service.take() {
            // "Fast shutdown": it waits for no client.
            service.stop(Signal::INT);
        }
    }

    /// Kills all of its processes, as when the machine is switched off.
    pub fn kill(&mut self) {
        let Some(service) = self.service.take() else {
            return;
        };
        let pids = self.processes();
        for pid in &pids {
            let _ = kill_process(*pid, Signal::KILL);
        }
        service.stop(Signal::KILL);
        let begin = Instant::now();
        while pids.iter().any(|pid| test_kill_process(*pid).is_ok())
            && begin.elapsed() < KILL_TIMEOUT
        {
            std::thread::sleep(Duration::from_millis(5));
        }
        // It names a process that is gone, and says that the server is ready.
        let _ = fs::remove_file(self.data().join("postmaster.pid"));
    }

    /// Starts it on the same port, with what it kept.
    ///
    /// # Errors
    /// When it does not start; the error has the end of its log.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        ensure!(self.service.is_none(), "PostgreSQL runs already");
        let data = self.data();
        let mut command = self.command("postgres");
        command.arg("-D").arg(&data);
        for setting in [
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            "max_connections=300".to_owned(),
            // Durability is measured, so it is not turned off as tests like to do.
            "fsync=on".to_owned(),
            "synchronous_commit=on".to_owned(),
        ] {
            command.arg("-c").arg(setting);
        }
        let log = self.folder.path().join("postgres.log");
        let port = self.port;
        let ready = || is_ready(&data) && listens(port);
        self.service = Some(Service::start("PostgreSQL", &mut command, &log, ready)?);
        Ok(())
    }

    /// Runs one of its programs on its data, to the end.
    fn run(
        &self,
        program: &'static str,
        with: impl FnOnce(&mut Command) -> &mut Command,
    ) -> anyhow::Result<()> {
        let mut command = self.command(program);
        let output = with(command.arg("-D").arg(self.data())).output();
        let output = output.with_context(|| format!("cannot run {program}"))?;
        ensure!(
            output.status.success(),
            "{program} failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// Under a user that it agrees to run under.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.folder.join(program));
        command.current_dir(self.folder.path());
        if let Some(user) = self.user {
            command.uid(user.id).gid(user.group);
        }
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The server's process and those that it has started.
    fn processes(&self) -> Vec<Pid> {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let Some(first) = file.lines().next() else {
            return Vec::new();
        };
        let children = format!("/proc/{first}/task/{first}/children");
        let children = fs::read_to_string(children).unwrap_or_default();
        [first]
            .into_iter()
            .chain(children.split_whitespace())
            .filter_map(|pid| Pid::from_raw(pid.parse().ok()?))
            .collect()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Before its folder goes: it would write there again.
        self.kill();
    }
}

/// Whether the server says in its file that it takes connections.
fn is_ready(data: &Path) -> bool {
    const STATUS_LINE: usize = 7;
    let file = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let status = file.lines().nth(STATUS_LINE);
    status.is_some_and(|status| status.trim_end() == "ready")
}

/// The programs of one installation.
#[derive(Debug, Clone)]
struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Debian keeps them out of the PATH, a folder for each version: the newest is taken.
    fn find() -> anyhow::Result<Self> {
        let version = |folder: &Path| -> u32 {
            let name = folder.file_name().and_then(OsStr::to_str);
            name.and_then(|name| name.parse().ok()).unwrap_or(0)
        };
        let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
        let mut versions: Vec<PathBuf> = installed.flatten().map(|entry| entry.path()).collect();
        versions.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = versions
            .into_iter()
            .map(|folder| folder.join("bin"))
            .chain(std::env::split_paths(&path))
            .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file());
        found
            .map(|folder| Self { folder })
            .context("PostgreSQL is not installed: run `apt-get install -y postgresql`")
    }
}

/// PostgreSQL refuses to run as root.
#[derive(Debug, Clone, Copy)]
struct User {
    id: u32,
    group: u32,
}

impl User {
    /// None when this process is not root's: then it runs as we do.
    fn unprivileged() -> anyhow::Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").context("cannot read the users")?;
        for name in ["postgres", "nobody"] {
            let of_name = |line: &&str| line.split(':').next() == Some(name);
            let Some(line) = users.lines().find(of_name) else {
                continue;
            };
            let numbers: Vec<u32> = line
                .split(':')
                .filter_map(|part| part.parse().ok())
                .collect();
            if let [id, group, ..] = numbers[..] {
                return Ok(Some(Self { id, group }));
            }
        }
        bail!("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")
    }
}

/// A folder that the server's user may use. One whose owner was killed is swept on the way.
fn private_folder(user: Option<User>) -> anyhow::Result<TempDir> {
    const PREFIX: &str = "baepo-postgres-";
    for entry in fs::read_dir(std::env::temp_dir())?.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let owner = owner.and_then(|rest| rest.split('-').next()?.parse().ok());
        let gone = |pid| Pid::from_raw(pid).is_some_and(|pid| test_kill_process(pid).is_err());
        if owner.is_some_and(gone) {
            // Another process may be making it too, or have made it.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let folder = tempfile::Builder::new()
        .prefix(&format!("{PREFIX}{}-", std::process::id()))
        .tempdir()?;
    if let Some(user) = user {
        chown(folder.path(), Some(user.id), Some(user.group))?;
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_can_be_restarted() {
        let mut server = Postgres::start().unwrap();
        let port = server.port();
        assert!(server.url().contains(&port.to_string()));
        server.stop();
        assert!(!listens(port));
        server.restart().unwrap();
        assert!(listens(port));
        let folder = server.folder.path().to_owned();
        drop(server);
        assert!(!listens(port) && !folder.exists());
    }

    #[test]
    fn a_killed_server_can_be_restarted() {
        let mut server = Postgres::start().unwrap();
        server.kill();
        assert!(!listens(server.port()));
        server.restart().unwrap();
        assert!(listens(server.port()));
    }
}
