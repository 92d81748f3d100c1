//! The worker process: one task of the host, one answer, the end.
//!
//! `confinement` takes away what it does not need; then `first_start` does everything with the component that
//! [`crate::admission`] lists. The host's side is `admission::worker`.

mod confinement;
mod first_start;

use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use baepo_domain::ports::LoadError;

use self::first_start::admit;
use crate::admission::worker::protocol::{
    Admitted, Answer, HEAD_BYTES, Task, WORKER_COMMAND, framed,
};

/// Runs this process as a worker where its one argument is `admission_worker`: the host at the other end of its
/// standard input says what to do. None: this process is something else.
///
/// A program that has a [`Runtime`](crate::Runtime) calls it before anything else, since the runtime starts the
/// program itself as a worker; then it has no threads, files or secrets yet.
#[must_use]
pub fn run_as_worker() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let is_worker = arguments
        .next()
        .is_some_and(|first| first == WORKER_COMMAND)
        && arguments.next().is_none();
    is_worker.then(|| match serve_one_task() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(
                io::stderr(),
                "this is the host's own command, and no host is there: {error}"
            );
            ExitCode::FAILURE
        }
    })
}

fn serve_one_task() -> io::Result<()> {
    let mut host = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // While it may still open files.
    let watched = host.try_clone()?;
    let task = read_task(&mut host)?;
    confinement::limit(&task.config().worker)?;
    let system_calls = confinement::filter_system_calls();
    match task {
        Task::SelfTest { .. } => host.write_all(&framed(&Answer::Confined { system_calls })),
        Task::Admit { config, bytes } => {
            let mut component = vec![0; usize::try_from(bytes).map_err(io::Error::other)?];
            host.read_exact(&mut component)?;
            end_with(watched)?;
            answer(&mut host, admit(&config, &component))
        }
    }
}

fn answer(host: &mut UnixStream, admitted: Result<Admitted, LoadError>) -> io::Result<()> {
    match admitted {
        Ok(Admitted { manifest, artefact }) => {
            host.write_all(&framed(&Answer::Admitted {
                manifest: manifest.len() as u64,
                artefact: artefact.len() as u64,
            }))?;
            host.write_all(manifest.as_bytes())?;
            host.write_all(&artefact)
        }
        Err(LoadError::Rejected(why)) => host.write_all(&framed(&Answer::Rejected(why))),
        Err(LoadError::Host(why)) => host.write_all(&framed(&Answer::Failed(why))),
    }
}

fn read_task(host: &mut UnixStream) -> io::Result<Task> {
    let mut length = [0; 4];
    host.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > HEAD_BYTES {
        return Err(io::Error::other("the task is too long"));
    }
    let mut head = vec![0; length as usize];
    host.read_exact(&mut head)?;
    serde_json::from_slice(&head).map_err(io::Error::other)
}

/// Ends this process when the host closes its end: when it gave up, or is gone. The host sends nothing more.
fn end_with(mut host: UnixStream) -> io::Result<()> {
    let wait = move || {
        let _ = host.read(&mut [0]);
        std::process::exit(1);
    };
    std::thread::Builder::new()
        .name("host".to_owned())
        .spawn(wait)?;
    Ok(())
}
