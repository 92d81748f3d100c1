//! A service as a child process that does not outlive its parent.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How long a service may take to start or to stop.
const START_STOP_TIMEOUT: Duration = Duration::from_secs(60);

/// A running service.
#[derive(Debug)]
pub struct Service {
    name: &'static str,
    child: Child,
}

impl Service {
    /// Starts it, with what it prints in `log`, and returns when `ready` holds. The command is
    /// used up.
    pub fn start(
        name: &'static str,
        command: &mut Command,
        log: &Path,
        mut ready: impl FnMut() -> bool,
    ) -> anyhow::Result<Self> {
        let output = File::options().create(true).append(true).open(log);
        let output = output.with_context(|| format!("cannot write {}", log.display()))?;
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            // A Ctrl-C is for the tests; they stop their services themselves.
            .process_group(0);
        kill_on_parent_exit(command);
        let program = command.get_program().display().to_string();
        let child = spawn_on_long_lived_thread(command);
        let child = child.with_context(|| format!("cannot start {name}: {program}"))?;
        let mut service = Self { name, child };
        let begin = Instant::now();
        while !ready() {
            if let Some(status) = service.child.try_wait()? {
                bail!("{name} ended with {status}: {}", tail(log));
            }
            if begin.elapsed() > START_STOP_TIMEOUT {
                bail!(
                    "{name} is not ready after {START_STOP_TIMEOUT:?}: {}",
                    tail(log)
                );
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(service)
    }

    /// Asks it to stop and waits for it.
    pub fn stop(mut self, signal: Signal) {
        let _ = kill_process(self.pid(), signal);
        let begin = Instant::now();
        while begin.elapsed() < START_STOP_TIMEOUT {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        eprintln!(
            "{} did not stop within {START_STOP_TIMEOUT:?} and is killed",
            self.name
        );
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// Whether a server listens there.
pub fn listens(port: u16) -> bool {
    let address = (Ipv4Addr::LOCALHOST, port).into();
    std::net::TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}

/// Linux takes the thread that started a child for its parent, and a test's threads come and go:
/// so one thread that lives as long as the process starts all of them.
fn spawn_on_long_lived_thread(command: &mut Command) -> std::io::Result<Child> {
    type Order = Box<dyn FnOnce() + Send>;
    static SPAWNER: LazyLock<mpsc::Sender<Order>> = LazyLock::new(|| {
        let (orders, ordered) = mpsc::channel::<Order>();
        std::thread::spawn(move || ordered.into_iter().for_each(|order| order()));
        orders
    });
    let (answer, answered) = mpsc::channel();
    let mut command = std::mem::replace(command, Command::new("true"));
    let order = move || {
        // The caller waits below.
        let _ = answer.send(command.spawn());
    };
    SPAWNER
        .send(Box::new(order))
        .map_err(|_| std::io::Error::other("the thread that starts services is gone"))?;
    answered
        .recv()
        .map_err(|_| std::io::Error::other("the thread that starts services is gone"))?
}

/// A test that is killed leaves nothing behind.
fn kill_on_parent_exit(command: &mut Command) {
    #[cfg(target_os = "linux")]
    // SAFETY: `prctl` is async-signal-safe and touches nothing of this process's memory.
    unsafe {
        command.pre_exec(|| {
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
            Ok(())
        });
    }
    #[cfg(not(target_os = "linux"))]
    let _ = command;
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
