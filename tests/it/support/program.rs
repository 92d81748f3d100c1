//! The real program in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use baepo::api::{Role, Tokens};
use baepo_adapters::SystemClock;
use baepo_domain::ports::clock::Clock as _;
use serde_json::Value;

use crate::guests::plugin;
use crate::installation::Installation;
use crate::operator::Operator;
use crate::owner::Owner;
use crate::providers::SandboxProviders;
use crate::sandbox::SandboxControl;
use crate::stack::Stack;

/// A running `baepo serve --json` with the repository's channels.
pub struct Program {
    child: Child,
    installation: Installation,
    ready: Value,
    /// None: in its data folder.
    token_key: Option<PathBuf>,
    stderr: Option<JoinHandle<String>>,
}

/// How a program is started.
#[derive(Default, Clone, Copy)]
pub struct LaunchOptions<'a> {
    /// Besides the usual ones.
    pub args: &'a [&'a str],
    /// Sections of the configuration besides the usual ones.
    pub config: &'a str,
    /// The key that signs its tokens, where the configuration names one.
    pub token_key: Option<&'a Path>,
    /// Providers that live longer than the program; without them it brings its own.
    pub providers: Option<&'a SandboxProviders>,
    /// The point that it does not pass that many times: it is killed there.
    pub kill_at: Option<(&'a str, u32)>,
    /// How many files it may open.
    pub files: Option<u32>,
    /// The one channel that it has; without it all of this repository's.
    pub channel: Option<&'a str>,
}

/// What is left of a program that has ended.
pub struct ExitedProgram {
    pub status: ExitStatus,
    pub stderr: String,
    installation: Installation,
}

/// Where `cargo build` puts the program.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn program() -> PathBuf {
    let this = std::env::current_exe().expect("this program's own file");
    // A test lies in target/<profile>/deps, a benchmark beside the program.
    let beside = this.ancestors().skip(1).take(2);
    let mut programs = beside.map(|folder| folder.join("baepo"));
    programs
        .find(|program| program.is_file())
        .expect("the program is not built: run `cargo build`")
}

impl LaunchOptions<'_> {
    fn program(&self) -> Command {
        let Some(files) = self.files else {
            return Command::new(program());
        };
        let mut shell = Command::new("sh");
        let limited = format!("ulimit -n {files} && exec \"$0\" \"$@\"");
        shell.arg("-c").arg(limited).arg(program());
        shell
    }

    /// A folder with the components of the program's channels.
    fn channels(&self, installation: &Installation) -> PathBuf {
        let Some(channel) = self.channel else {
            let plugin = plugin("instagram");
            return plugin.parent().expect("a folder").to_owned();
        };
        let (folder, plugin) = (installation.path().join("channels"), plugin(channel));
        let name = plugin.file_name().expect("a component's file name");
        std::fs::create_dir_all(&folder).expect("a folder for channels");
        std::fs::copy(&plugin, folder.join(name)).expect("a copy of a component");
        folder
    }

    fn command(&self, installation: &Installation) -> Command {
        let mut command = self.program();
        command
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(installation.data());
        let mut config = installation.stack().toml() + self.config;
        match self.providers {
            Some(providers) => config += &providers.config(),
            None => {
                command.args(["--sandbox", "--sandbox-listen", "127.0.0.1:0"]);
            }
        }
        let file = installation.path().join("baepo.toml");
        std::fs::write(&file, config).expect("a configuration");
        command.arg("--config").arg(file);
        if !self.args.contains(&"--channels") {
            command.arg("--channels").arg(self.channels(installation));
            command.arg("--trust-channels");
        }
        if let Some((point, passage)) = self.kill_at {
            command.env("BAEPO_KILL_AT", format!("{point}:{passage}"));
        }
        command
            .args(self.args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

impl Program {
    /// Starts it with these arguments besides the usual ones.
    pub async fn start(args: &[&str]) -> Self {
        Self::start_in(Installation::default(), args).await
    }

    /// Starts it on what another one left.
    ///
    /// # Panics
    /// When it ends without printing its addresses.
    pub async fn start_in(installation: Installation, args: &[&str]) -> Self {
        let launch = LaunchOptions {
            args,
            ..LaunchOptions::default()
        };
        Self::launch(installation, &launch)
            .await
            .unwrap_or_else(|ended| {
                panic!(
                    "the program ended at once, {}: {}",
                    ended.status, ended.stderr
                )
            })
    }

    /// Starts it; `Err` when it has ended before it was ready, as one does that is to be killed
    /// while it recovers.
    ///
    /// # Errors
    /// What is left of it.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn launch(
        installation: Installation,
        launch: &LaunchOptions<'_>,
    ) -> Result<Self, ExitedProgram> {
        let mut child = launch
            .command(&installation)
            .spawn()
            .expect("the program starts");
        let stderr = drain_stderr(child.stderr.take().expect("a pipe"));
        let stdout = child.stdout.take().expect("a pipe");
        let line = tokio::task::spawn_blocking(move || first_line(stdout))
            .await
            .expect("a reader");
        let ready = serde_json::from_str(&line);
        let program = Self {
            child,
            installation,
            ready: ready.as_ref().map_or(Value::Null, Value::clone),
            token_key: launch.token_key.map(Path::to_owned),
            stderr: Some(stderr),
        };
        match ready {
            Ok(_) => Ok(program),
            Err(_) => Err(program.ended().await),
        }
    }

    /// The line that it printed when it was ready.
    #[must_use]
    pub fn ready(&self) -> &Value {
        &self.ready
    }

    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.installation.data()
    }

    #[must_use]
    pub fn stack(&self) -> &Stack {
        self.installation.stack()
    }

    #[must_use]
    pub fn owner(&self, id: &str) -> Owner {
        Owner::new(self.address("api"), self.token(id, Role::Owner))
    }

    /// An app that talks to this program with that token, whatever role it has.
    #[must_use]
    pub fn app(&self, token: &str) -> Owner {
        Owner::new(format!("http://{}", self.api()), token.to_owned())
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
    pub async fn stop(self) -> ExitedProgram {
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
    pub async fn kill(mut self) -> ExitedProgram {
        self.child.kill().expect("kill");
        self.ended().await
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself.
    ///
    /// # Panics
    /// When the system does not know.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("its status").is_some()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it cannot be waited for.
    pub async fn ended(mut self) -> ExitedProgram {
        let mut child = self.child;
        let status = tokio::task::spawn_blocking(move || child.wait()).await;
        let status = status.expect("a waiter").expect("its status");
        let stderr = self
            .stderr
            .take()
            .map(|reader| reader.join().unwrap_or_default());
        ExitedProgram {
            status,
            stderr: stderr.unwrap_or_default(),
            installation: self.installation,
        }
    }

    fn address(&self, of: &str) -> String {
        self.ready[of].as_str().expect("an address").to_owned()
    }

    /// Where its API listens.
    ///
    /// # Panics
    /// Never: it said so itself.
    #[must_use]
    pub fn api(&self) -> std::net::SocketAddr {
        let address = self.address("api");
        let address = address.trim_start_matches("http://");
        address.parse().expect("an address")
    }

    /// A token of that user in that role, good for an hour.
    ///
    /// # Panics
    /// When its key cannot be read.
    #[must_use]
    pub fn token(&self, user: &str, role: Role) -> String {
        let own = self.data().join("token.key");
        let key = self.token_key.as_deref().unwrap_or(&own);
        let tokens = Tokens::load_or_create(key).expect("the key");
        tokens
            .issue(user, role, Duration::from_secs(3_600), SystemClock.now())
            .expect("a token")
    }
}

impl ExitedProgram {
    /// The data folder that it left.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.installation.data()
    }

    /// Whether it got SIGKILL, from itself or from another process.
    #[must_use]
    pub fn was_killed(&self) -> bool {
        const SIGKILL: i32 = 9;
        self.status.signal() == Some(SIGKILL)
    }

    /// Its home, to start another one in.
    #[must_use]
    pub fn into_installation(self) -> Installation {
        self.installation
    }
}

fn first_line(stdout: impl std::io::Read) -> String {
    let mut line = String::new();
    // An early end gives what there is; the caller shows it.
    let _ = BufReader::new(stdout).read_line(&mut line);
    line
}

/// Reads a pipe to its end, so that the program never blocks on a full pipe.
fn drain_stderr(mut pipe: impl std::io::Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
