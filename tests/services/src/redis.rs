//! Redis that keeps nothing: `redis-server` from the PATH.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::certificate::make_certificate;
use crate::process::{Service, free_port};
use crate::program::find_program;

/// How often a port that looked free may turn out to be taken.
const TRIES: usize = 5;

/// A Redis server on this machine. What it holds is gone when it stops.
#[derive(Debug)]
pub struct Redis {
    folder: TempDir,
    port: u16,
    connections: Connections,
    /// `None` while it is stopped.
    service: Option<Service>,
}

/// How clients connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Connections {
    Plain,
    /// With a certificate for `localhost` that is its own authority.
    Tls,
}

impl Redis {
    /// The address of a server that tests may use, where there is one.
    pub const URL_VARIABLE: &'static str = "BAEPO_TEST_REDIS";

    /// Starts a server on a free port.
    ///
    /// # Errors
    /// Says what to install when there is no `redis-server`, and what it printed when it does not
    /// come up.
    pub fn start() -> anyhow::Result<Self> {
        Self::start_for(Connections::Plain)
    }

    /// Starts a server that speaks TLS alone, with a certificate made by `openssl`.
    ///
    /// # Errors
    /// As [`Redis::start`], and says what to install when there is no `openssl`.
    pub fn start_with_tls() -> anyhow::Result<Self> {
        Self::start_for(Connections::Tls)
    }

    /// Its address, without user and password.
    #[must_use]
    pub fn url(&self) -> String {
        match self.connections {
            Connections::Plain => format!("redis://127.0.0.1:{}", self.port),
            Connections::Tls => format!("rediss://localhost:{}", self.port),
        }
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Who vouches for a server with TLS, as PEM.
    ///
    /// # Errors
    /// A server without TLS has no certificate.
    pub fn root_certificate(&self) -> anyhow::Result<Vec<u8>> {
        let path = self.path("certificate.pem");
        std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Lets it close its connections and end. Again does nothing.
    pub fn stop(&mut self) {
        self.end(Signal::TERM);
    }

    /// Ends it in the middle of whatever it does. Again does nothing.
    pub fn kill(&mut self) {
        self.end(Signal::KILL);
    }

    /// Starts it on the same port, empty, ending what runs there.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.stop();
        self.service = Some(self.launch()?);
        Ok(())
    }

    /// Lets it hang: connections are accepted and stay open, and nothing is answered until
    /// [`Redis::resume`].
    ///
    /// # Errors
    /// It does not run.
    pub fn pause(&self) -> anyhow::Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets it go on where it was paused.
    ///
    /// # Errors
    /// It does not run.
    pub fn resume(&self) -> anyhow::Result<()> {
        self.signal(Signal::CONT)
    }

    fn start_for(connections: Connections) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("baepo-redis-").tempdir()?;
        if connections == Connections::Tls {
            make_certificate(folder.path())?;
        }
        let mut redis = Self {
            folder,
            port: 0,
            connections,
            service: None,
        };
        let mut tries = 1..=TRIES;
        loop {
            redis.port = free_port()?;
            match redis.launch() {
                Ok(service) => {
                    redis.service = Some(service);
                    return Ok(redis);
                }
                // Another process has taken the port meanwhile.
                Err(error) if taken(&error) && tries.next().is_some() => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn launch(&self) -> anyhow::Result<Service> {
        let socket = self.path("socket");
        let mut command = Command::new(find_program("redis-server", "redis-server")?);
        let port = self.port.to_string();
        match self.connections {
            Connections::Plain => command.args(["--port", &port]),
            Connections::Tls => command
                .args(["--port", "0", "--tls-port", &port])
                .args(["--tls-auth-clients", "no"])
                .args(["--tls-cert-file", "certificate.pem"])
                .args(["--tls-key-file", "key.pem"])
                .args(["--tls-ca-cert-file", "certificate.pem"]),
        };
        command
            .args(["--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .args(["--daemonize", "no", "--pidfile", "pid"])
            .arg("--unixsocket")
            .arg(&socket)
            .arg("--dir")
            .arg(self.folder.path())
            .current_dir(self.folder.path());
        // Asked over the socket in its own folder: on a port another server might answer.
        let answers = || answers_ping(&socket).unwrap_or(false);
        Service::start("redis", &mut command, &self.path("log"), answers)
    }

    fn end(&mut self, signal: Signal) {
        let Some(service) = self.service.take() else {
            return;
        };
        // A paused process takes no other signal; one that has ended takes none at all.
        let _ = self.signal(Signal::CONT);
        service.stop(signal);
        // A server that was killed leaves both behind.
        let _ = std::fs::remove_file(self.path("socket"));
        let _ = std::fs::remove_file(self.path("pid"));
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(self.path("pid")).context("redis does not run")?;
        let pid = text.trim().parse().ok().and_then(Pid::from_raw);
        let pid = pid.with_context(|| format!("redis wrote no process id, but {text:?}"))?;
        Ok(kill_process(pid, signal)?)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn taken(error: &anyhow::Error) -> bool {
    error.to_string().contains("Address already in use")
}

fn answers_ping(socket: &Path) -> std::io::Result<bool> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    Ok(answer == "+PONG\r\n")
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;
    use crate::process::listens;

    fn ask(redis: &Redis, command: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", redis.port()))?;
        stream.set_read_timeout(Some(Duration::from_millis(200)))?;
        stream.write_all(format!("{command}\r\n").as_bytes())?;
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer)?;
        Ok(answer.trim_end().to_owned())
    }

    #[test]
    fn redis_restarts_on_the_same_port() {
        let mut redis = Redis::start().unwrap();
        let url = redis.url();
        assert_eq!(url, format!("redis://127.0.0.1:{}", redis.port()));
        assert_eq!(ask(&redis, "SET key value").unwrap(), "+OK");
        redis.stop();
        redis.stop();
        assert!(!listens(redis.port()));
        redis.restart().unwrap();
        assert_eq!(redis.url(), url);
        assert_eq!(ask(&redis, "GET key").unwrap(), "$-1", "nothing is kept");
        redis.kill();
        assert!(!listens(redis.port()));
        redis.restart().unwrap();
        assert_eq!(ask(&redis, "PING").unwrap(), "+PONG");
    }

    #[test]
    fn a_paused_redis_accepts_connections_without_answering() {
        let mut redis = Redis::start().unwrap();
        redis.pause().unwrap();
        assert!(listens(redis.port()));
        assert!(ask(&redis, "PING").is_err());
        redis.resume().unwrap();
        assert_eq!(ask(&redis, "PING").unwrap(), "+PONG");
        redis.pause().unwrap();
        redis.stop();
        assert!(redis.resume().is_err(), "it does not run");
    }

    #[test]
    fn redis_with_tls_has_a_certificate() {
        let redis = Redis::start_with_tls().unwrap();
        assert_eq!(redis.url(), format!("rediss://localhost:{}", redis.port()));
        let certificate = String::from_utf8(redis.root_certificate().unwrap()).unwrap();
        assert!(certificate.starts_with("-----BEGIN CERTIFICATE-----"));
        assert_ne!(ask(&redis, "PING").ok().as_deref(), Some("+PONG"));
        assert!(Redis::start().unwrap().root_certificate().is_err());
    }
}
