//! The host's side: starts a worker, waits for its answer, and says why there is none.

use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use baepo_domain::model::number::grouped;
use baepo_domain::ports::LoadError;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

use super::limits::WorkerLimits;
use super::protocol::{Admitted, Answer, HEAD_BYTES, Task, WORKER_COMMAND, framed};
use crate::config::RuntimeConfig;

/// This very program, also when its file was replaced meanwhile by another version.
const THIS_PROGRAM: &str = "/proc/self/exe";
/// The most that is read of what a worker writes about its death, in bytes.
const LAST_WORDS: u64 = 4_096;
/// The most bytes of a `channel.toml` that a worker hands over.
const MANIFEST_BYTES: u64 = 64 << 10;

/// How well the kernel confines workers here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confinement {
    /// Workers have only the system calls that compiling needs. Where false they have limits, but could open
    /// files and connections.
    pub system_calls: bool,
}

/// Starts a worker that only confines itself.
///
/// # Errors
/// What keeps workers from starting here, for the operator.
pub async fn self_test(config: &RuntimeConfig) -> Result<Confinement, String> {
    let task = Task::SelfTest {
        config: config.clone(),
    };
    let mut worker = Worker::start(&config.worker).map_err(|error| error.to_string())?;
    match worker.exchange(&task, &[]).await {
        Ok((Answer::Confined { system_calls }, _)) => Ok(Confinement { system_calls }),
        Ok((answer, _)) => Err(format!("a worker answered {answer:?}")),
        Err(error) => Err(error.to_string()),
    }
}

/// The workers of this host.
pub(crate) struct Workers {
    config: Arc<RuntimeConfig>,
    running: Semaphore,
}

impl Workers {
    pub fn new(config: Arc<RuntimeConfig>) -> Self {
        Self {
            running: Semaphore::new(config.worker.concurrency as usize),
            config,
        }
    }

    /// Has a component verified, compiled and started in a worker, when it is its turn. Dropping this future ends
    /// the worker.
    ///
    /// # Errors
    /// [`LoadError::Rejected`]: the component is at fault, or needs more than a worker may use.
    #[tracing::instrument(name = "runtime.component.admit", skip_all, fields(bytes = component.len()))]
    pub async fn admit(&self, component: &[u8]) -> Result<Admitted, LoadError> {
        let _turn = self.running.acquire().await.expect("never closed");
        let task = Task::Admit {
            config: RuntimeConfig::clone(&self.config),
            bytes: component.len() as u64,
        };
        let mut worker = Worker::start(&self.config.worker)?;
        match worker.exchange(&task, component).await? {
            (Answer::Admitted { .. }, [manifest, artefact]) => Ok(Admitted {
                manifest: String::from_utf8(manifest)
                    .map_err(|_| failed("it sent a channel.toml that is not UTF-8"))?,
                artefact,
            }),
            (Answer::Rejected(why) | Answer::Failed(why), _) if is_out_of_memory(&why) => {
                Err(beyond_memory(&self.config.worker))
            }
            (Answer::Rejected(why), _) => Err(LoadError::Rejected(why)),
            (Answer::Failed(why), _) => Err(LoadError::Host(why)),
            (Answer::Confined { .. }, _) => Err(failed("it answered another question")),
        }
    }
}

/// A running worker. It ends when this is dropped.
struct Worker<'a> {
    limits: &'a WorkerLimits,
    child: Child,
    socket: UnixStream,
}

impl<'a> Worker<'a> {
    fn start(limits: &'a WorkerLimits) -> Result<Self, LoadError> {
        let not_started = |error: std::io::Error| failed(format!("it cannot be started: {error}"));
        let (host, worker) = std::os::unix::net::UnixStream::pair().map_err(not_started)?;
        host.set_nonblocking(true).map_err(not_started)?;
        let child = Command::new(THIS_PROGRAM)
            .arg(WORKER_COMMAND)
            .env_clear()
            // One arena for all threads: each would reserve 64 MiB of the address space that it may use.
            .env("MALLOC_ARENA_MAX", "1")
            .stdin(OwnedFd::from(worker))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(not_started)?;
        let socket = UnixStream::from_std(host).map_err(not_started)?;
        Ok(Self {
            limits,
            child,
            socket,
        })
    }

    /// Gives it the task with the bytes that belong to it, and waits for the answer with its two byte strings.
    async fn exchange(
        &mut self,
        task: &Task,
        bytes: &[u8],
    ) -> Result<(Answer, [Vec<u8>; 2]), LoadError> {
        let time = Duration::from_millis(self.limits.time_ms);
        let exchange = exchange(&mut self.socket, task, bytes, self.limits.artefact_bytes);
        match tokio::time::timeout(time, exchange).await {
            Ok(Ok(answer)) => Ok(answer),
            // It is gone, or says nonsense: its end tells more.
            Ok(Err(ExchangeError::Io(error))) => {
                tracing::debug!(%error, "a worker did not answer");
                Err(self.death().await)
            }
            Ok(Err(ExchangeError::TooLarge(what, bytes))) => Err(LoadError::Rejected(format!(
                "its {what} has {} bytes, more than the host takes: make the component smaller, or raise \
                 runtime.worker.artefact_bytes",
                grouped(bytes)
            ))),
            Err(_) => Err(beyond("time_ms", self.limits.time_ms, "ms", "of time")),
        }
    }

    /// Why it ended without an answer.
    async fn death(&mut self) -> LoadError {
        let mut last_words = Vec::new();
        if let Some(stderr) = self.child.stderr.take() {
            let _ = stderr.take(LAST_WORDS).read_to_end(&mut last_words).await;
        }
        let last_words = String::from_utf8_lossy(&last_words);
        match self.child.wait().await {
            Ok(status) => cause_of_death(self.limits, status, last_words.trim()),
            Err(error) => failed(format!("nothing is known of its end: {error}")),
        }
    }
}

/// Which limit ended a worker, or else how it died.
fn cause_of_death(limits: &WorkerLimits, status: ExitStatus, last_words: &str) -> LoadError {
    const OUT_OF_TIME: i32 = libc::SIGXCPU;
    const KILLED: i32 = libc::SIGKILL;
    match status.signal() {
        _ if is_out_of_memory(last_words) => beyond_memory(limits),
        Some(OUT_OF_TIME) => beyond(
            "processor_time_ms",
            limits.processor_time_ms,
            "ms",
            "of processor time",
        ),
        // By the operator, or by the kernel for want of memory: nothing is known of the component.
        Some(KILLED) => failed("it was killed: see whether the machine has run out of memory"),
        _ => LoadError::Rejected(format!(
            "compiling the component ended the worker process ({status}){}{last_words}",
            if last_words.is_empty() { "" } else { ": " }
        )),
    }
}

/// Whether an error, or a worker's last words, are those of a process that got no more memory.
fn is_out_of_memory(words: &str) -> bool {
    [
        "memory allocation of",
        "Cannot allocate memory",
        "failed to spawn thread",
    ]
    .iter()
    .any(|sign| words.contains(sign))
}

fn beyond_memory(limits: &WorkerLimits) -> LoadError {
    beyond("memory_bytes", limits.memory_bytes, "bytes", "of memory")
}

fn beyond(option: &str, allowed: u64, unit: &str, what: &str) -> LoadError {
    LoadError::Rejected(format!(
        "compiling the component needs more than {} {unit} {what}, which is what runtime.worker.{option} allows: \
         make its functions fewer and smaller",
        grouped(allowed)
    ))
}

fn failed(why: impl std::fmt::Display) -> LoadError {
    LoadError::Host(format!("the worker process: {why}"))
}

enum ExchangeError {
    Io(std::io::Error),
    /// What, and how many bytes it was said to have.
    TooLarge(&'static str, u64),
}

impl From<std::io::Error> for ExchangeError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

async fn exchange(
    socket: &mut UnixStream,
    task: &Task,
    bytes: &[u8],
    artefact_bytes: u64,
) -> Result<(Answer, [Vec<u8>; 2]), ExchangeError> {
    socket.write_all(&framed(task)).await?;
    socket.write_all(bytes).await?;
    let length = socket.read_u32_le().await?;
    let head = read(socket, "answer", length.into(), HEAD_BYTES.into()).await?;
    let answer: Answer = serde_json::from_slice(&head).map_err(std::io::Error::other)?;
    let parts = match answer {
        Answer::Admitted { manifest, artefact } => [
            read(socket, "channel.toml", manifest, MANIFEST_BYTES).await?,
            read(socket, "machine code", artefact, artefact_bytes).await?,
        ],
        Answer::Rejected(_) | Answer::Failed(_) | Answer::Confined { .. } => Default::default(),
    };
    Ok((answer, parts))
}

async fn read(
    from: &mut (impl AsyncRead + Unpin),
    what: &'static str,
    bytes: u64,
    most: u64,
) -> Result<Vec<u8>, ExchangeError> {
    if bytes > most {
        return Err(ExchangeError::TooLarge(what, bytes));
    }
    let mut part = vec![0; usize::try_from(bytes).map_err(std::io::Error::other)?];
    from.read_exact(&mut part).await?;
    Ok(part)
}
