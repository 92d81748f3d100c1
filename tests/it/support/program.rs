//! The real program in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use baepo::api::{Role, Tokens};
use baepo_adapters::SystemClock;
use baepo_domain::clock::Clock as _;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Operator, Owner, SandboxControl};

/// A running `baepo serve --sandbox --json` with the repository's channels.
pub struct Program {
    child: Child,
    folder: TempDir,
    ready: Value,
    stderr: Option<JoinHandle<String>>,
}

/// What is left of a program that has ended.
pub struct Stopped {
    pub status: ExitStatus,
    pub stderr: String,
    folder: TempDir,
}

/// Where `cargo build` puts the program.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("this test's own file");
    let profile = test
        .parent()
        .and_then(Path::parent)
        .expect("target/<profile>/deps/<test>");
    let program = profile.join("baepo");
    assert!(
        program.exists(),
        "{} is not built: run `cargo build`",
        program.display()
    );
    program
}

impl Program {
    /// Starts it with these arguments besides the usual ones.
    pub async fn start(args: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary folder"), args).await
    }

    /// Starts it on what another one left.
    ///
    /// # Panics
    /// When it ends without a line that says where it serves.
    pub async fn start_in(folder: TempDir, args: &[&str]) -> Self {
        let plugins = crate::plugin("instagram");
        let plugins = plugins.parent().and_then(Path::to_str).expect("a folder");
        let defaults: &[&str] = if args.contains(&"--channels") {
            &[]
        } else {
            &["--channels", plugins]
        };
        let mut child = Command::new(program())
            .args(["serve", "--json", "--sandbox", "--listen", "127.0.0.1:0"])
            .args(["--sandbox-listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("data"))
            .args(defaults)
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = read_behind(child.stderr.take().expect("a pipe"));
        let stdout = child.stdout.take().expect("a pipe");
        let line = tokio::task::spawn_blocking(move || first_line(stdout))
            .await
            .expect("a reader");
        let Ok(ready) = serde_json::from_str(&line) else {
            let logs = stderr.join().unwrap_or_default();
            panic!("the program said {line:?} and ended: {logs}");
        };
        Self {
            child,
            folder,
            ready,
            stderr: Some(stderr),
        }
    }

    /// The line that it printed when it was ready.
    #[must_use]
    pub fn ready(&self) -> &Value {
        &self.ready
    }

    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    #[must_use]
    pub fn owner(&self, id: &str) -> Owner {
        Owner::new(self.address("api"), self.token(id, Role::Owner))
    }

    #[must_use]
    pub fn operator(&self) -> Operator {
        Operator::new(
            self.address("api"),
            self.token("operator-1", Role::Operator),
        )
    }

    #[must_use]
    pub fn sandbox(&self) -> SandboxControl {
        SandboxControl::new(self.address("sandbox"))
    }

    /// SIGTERM, then the end.
    ///
    /// # Panics
    /// When it cannot be asked to stop.
    pub async fn stop(self) -> Stopped {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .expect("kill");
        assert!(asked.success());
        self.ended().await
    }

    /// SIGKILL, in the middle of whatever it does.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub async fn kill(mut self) -> Stopped {
        self.child.kill().expect("kill");
        self.ended().await
    }

    async fn ended(mut self) -> Stopped {
        let mut child = self.child;
        let status = tokio::task::spawn_blocking(move || child.wait()).await;
        let status = status.expect("a waiter").expect("its status");
        let stderr = self
            .stderr
            .take()
            .map(|reader| reader.join().unwrap_or_default());
        Stopped {
            status,
            stderr: stderr.unwrap_or_default(),
            folder: self.folder,
        }
    }

    fn address(&self, of: &str) -> String {
        self.ready[of].as_str().expect("an address").to_owned()
    }

    fn token(&self, user: &str, role: Role) -> String {
        let tokens = Tokens::load_or_create(&self.data().join("token.key")).expect("the key");
        tokens
            .issue(user, role, Duration::from_secs(3_600), SystemClock.now())
            .expect("a token")
    }
}

impl Stopped {
    /// The data folder that it left.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Its folder, to start another one in.
    #[must_use]
    pub fn into_folder(self) -> TempDir {
        self.folder
    }
}

fn first_line(stdout: impl std::io::Read) -> String {
    let mut line = String::new();
    // An early end gives what there is; the caller shows it.
    let _ = BufReader::new(stdout).read_line(&mut line);
    line
}

/// Reads a pipe to its end, so that the program never waits for somebody to read.
fn read_behind(mut pipe: impl std::io::Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
