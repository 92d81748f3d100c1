//! The host as a child process: started, its addresses read, and ended so that it can drain.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;

use crate::process::{last_lines, wait_at_most};

/// The first start compiles every component to machine code.
const READY_LIMIT: Duration = Duration::from_secs(120);
/// Longer than a distribution may take.
const DRAIN_LIMIT: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(50);
const LOG_LINES: usize = 20;

/// Where the host can be reached: the first line that it prints.
#[derive(Debug, Deserialize)]
pub struct Addresses {
    pub api: String,
    pub sandbox: Option<String>,
}

#[derive(Debug)]
pub struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts `serve`, a whole command line, with its log in `log`.
    ///
    /// In a process group of its own: a Ctrl-C on the terminal reaches us alone, and we pass it on.
    pub fn start(serve: &mut Command, log: &Path) -> Result<(Self, Receiver<String>)> {
        let file = File::create(log).with_context(|| format!("cannot create {}", log.display()))?;
        let rest = file.try_clone().context("cannot open the log twice")?;
        serve
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            .process_group(0);
        let mut child = serve.spawn().context("cannot start the host")?;
        let stdout = child.stdout.take().context("the host has no output")?;
        let (sender, first_line) = mpsc::channel();
        thread::spawn(move || {
            let mut lines = BufReader::new(stdout);
            let mut first = String::new();
            if lines.read_line(&mut first).is_ok()
                && !first.is_empty()
                && sender.send(first).is_ok()
            {
                copy_the_rest(lines, rest);
            }
        });
        Ok((
            Self {
                child,
                log: log.to_owned(),
            },
            first_line,
        ))
    }

    /// Waits until it prints where it listens.
    pub fn addresses(&mut self, first_line: &Receiver<String>) -> Result<Addresses> {
        let begun = Instant::now();
        while begun.elapsed() < READY_LIMIT {
            if let Ok(line) = first_line.recv_timeout(POLL) {
                let addresses = serde_json::from_str(&line);
                return addresses
                    .with_context(|| format!("the host printed {line:?} and not its addresses"));
            }
            if let Some(status) = self.ended()? {
                bail!("the host ended with {status}{}", self.end_of_log());
            }
        }
        bail!(
            "the host was not ready within {} s{}",
            READY_LIMIT.as_secs(),
            self.end_of_log()
        )
    }

    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().context("cannot wait for the host")
    }

    /// Sends SIGTERM and waits until it has drained; when `impatient` returns true it is killed.
    pub fn stop(&mut self, mut impatient: impl FnMut() -> bool) -> Result<()> {
        self.terminate();
        let begun = Instant::now();
        let mut status = self.ended()?;
        while status.is_none() && begun.elapsed() < DRAIN_LIMIT && !impatient() {
            status = wait_at_most(&mut self.child, POLL)?;
        }
        match status {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("the host ended with {status}{}", self.end_of_log()),
            None => {
                self.child.kill().context("cannot end the host")?;
                self.child.wait().context("cannot wait for the host")?;
                bail!(
                    "the host was ended after {} s of draining",
                    begun.elapsed().as_secs()
                )
            }
        }
    }

    /// For showing why something failed.
    pub fn end_of_log(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let end = last_lines(&String::from_utf8_lossy(&log), LOG_LINES);
        format!("\nthe end of {}:\n{end}", self.log.display())
    }

    fn terminate(&self) {
        if let Ok(pid) = i32::try_from(self.child.id())
            && let Some(pid) = Pid::from_raw(pid)
        {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}

/// Nothing that we started outlives us, whichever way we end.
impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.terminate();
            if !matches!(
                wait_at_most(&mut self.child, Duration::from_secs(5)),
                Ok(Some(_))
            ) {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
        }
    }
}

fn copy_the_rest(mut lines: BufReader<ChildStdout>, mut log: File) {
    // A log that cannot be written must not block the host: its output is read all the same.
    let mut line = Vec::new();
    while lines
        .read_until(b'\n', &mut line)
        .is_ok_and(|read| read > 0)
    {
        let _ = log.write_all(&line);
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(script: &str) -> (tempfile::TempDir, Server, Receiver<String>) {
        let folder = tempfile::tempdir().unwrap();
        let mut serve = Command::new("/bin/sh");
        serve.args(["-c", script]);
        let (server, line) = Server::start(&mut serve, &folder.path().join("serve.log")).unwrap();
        (folder, server, line)
    }

    #[test]
    fn a_host_prints_its_addresses_and_may_drain() {
        let (_folder, mut server, line) = host(
            r#"trap 'echo drained >&2; exit 0' TERM
               echo '{"api":"http://127.0.0.1:1","sandbox":"http://127.0.0.1:2"}'
               while :; do sleep 0.02; done"#,
        );

        let addresses = server.addresses(&line).unwrap();
        server.stop(|| false).unwrap();

        assert_eq!(addresses.api, "http://127.0.0.1:1");
        assert_eq!(addresses.sandbox.as_deref(), Some("http://127.0.0.1:2"));
        assert!(server.end_of_log().ends_with("drained"));
    }

    #[test]
    fn a_host_that_does_not_start_shows_the_end_of_its_log() {
        let (_folder, mut server, line) = host("echo 'no key in the data folder' >&2; exit 7");

        let error = server.addresses(&line).unwrap_err().to_string();

        assert!(error.contains("exit status: 7"), "{error}");
        assert!(error.ends_with("no key in the data folder"), "{error}");
    }

    #[test]
    fn an_impatient_stop_kills_a_host_that_does_not_drain() {
        let (_folder, mut server, line) =
            host(r#"trap '' TERM; echo '{"api":"x"}'; while :; do sleep 0.02; done"#);
        server.addresses(&line).unwrap();

        let error = server.stop(|| true).unwrap_err().to_string();

        assert!(error.contains("was ended"), "{error}");
        assert!(server.ended().unwrap().is_some());
    }
}
