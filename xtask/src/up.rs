//! `cargo xtask up`: from a fresh clone to a published event.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::cli::Up;
use crate::components::Built;
use crate::guests::Kind;
use crate::lock::Lock;
use crate::process::wait_at_most;
use crate::server::{Addresses, Server};
use crate::step::{Steps, Worker};
use crate::workspace::Workspace;
use crate::{apt, components};

const POLL: Duration = Duration::from_millis(100);

pub fn run(options: &Up) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let data = data_folder(&workspace, options)?;
    let mut lock = Lock::acquire(&data)?;
    need_free_ports(options)?;

    let mut steps = Steps::begin(&workspace);
    apt::need_to_build(&mut steps)?;
    let selected = ["--bin", "baepo"];
    let Built { baepo, .. } =
        components::build(&workspace, &mut steps, &[Kind::Plugin], &selected)?;

    // From here on Ctrl-C ends the host first, and us then.
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("cannot listen to signals")?;
    let channels = workspace.target.join(Kind::Plugin.folder());
    let (mut server, addresses) = steps.run("start the host", Worker::Silent, || {
        start(options, &baepo, &channels, &data)
    })?;
    lock.write(&addresses.api)?;

    let demo = steps.run("publish the demo event", Worker::Program, || {
        demo(&baepo, &addresses, &data, &mut signals)
    });
    if let Err(error) = &demo {
        eprintln!("\n{error:#}{}", server.end_of_log());
    }
    summary(&addresses, &data, &steps);

    if !options.once && !matches!(demo, Ok(Demo::Interrupted)) {
        stay(&mut server, &mut signals)?;
    }
    server.stop(|| signals.pending().next().is_some())?;
    Ok(match demo {
        Ok(Demo::Done) => ExitCode::SUCCESS,
        Ok(Demo::Failed(code)) => ExitCode::from(code),
        Ok(Demo::Interrupted) | Err(_) => ExitCode::FAILURE,
    })
}

/// Absolute, because the host may have another working folder than we.
fn data_folder(workspace: &Workspace, options: &Up) -> Result<PathBuf> {
    match &options.data {
        Some(folder) => std::path::absolute(folder).context("cannot find the data folder"),
        None => Ok(workspace.root.join(".baepo")),
    }
}

/// Before the compiler has run for minutes. Both at once, so that the same one twice is seen too.
fn need_free_ports(options: &Up) -> Result<()> {
    let _api = need_free_port(options.listen, "--listen")?;
    need_free_port(options.sandbox_listen, "--sandbox-listen").map(drop)
}

fn need_free_port(address: SocketAddr, option: &str) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow!(
            "{address} is in use by another program\n  Choose another address: \
             cargo xtask up {option} {}:{}",
            address.ip(),
            another_port(address.port())
        ),
        _ => Error::new(error).context(format!("cannot listen on {address} ({option})")),
    })
}

/// Not the next one: that is where the other server is.
fn another_port(port: u16) -> u16 {
    port.checked_add(1_000).unwrap_or(port - 1_000)
}

fn start(options: &Up, baepo: &Path, channels: &Path, data: &Path) -> Result<(Server, Addresses)> {
    let mut serve = Command::new(baepo);
    serve.args([
        "serve",
        "--sandbox",
        "--json",
        "--listen",
        &options.listen.to_string(),
    ]);
    serve.args(["--sandbox-listen", &options.sandbox_listen.to_string()]);
    serve
        .arg("--data")
        .arg(data)
        .arg("--channels")
        .arg(channels)
        .arg("--trust-channels");
    let (mut server, first_line) = Server::start(&mut serve, &data.join("serve.log"))?;
    let addresses = server.addresses(&first_line)?;
    Ok((server, addresses))
}

/// How the demo ended.
enum Demo {
    Done,
    /// With the code of `baepo demo`.
    Failed(u8),
    Interrupted,
}

fn demo(baepo: &Path, addresses: &Addresses, data: &Path, signals: &mut Signals) -> Result<Demo> {
    let mut command = Command::new(baepo);
    // A token for another host would be taken before the key in the data folder.
    command
        .env_remove("BAEPO_TOKEN")
        .args(["demo", "--api", &addresses.api, "--data"])
        .arg(data);
    if let Some(sandbox) = &addresses.sandbox {
        command.args(["--sandbox", sandbox]);
    }
    let mut child = command.spawn().context("cannot start the demo")?;
    loop {
        if let Some(status) = wait_at_most(&mut child, POLL)? {
            let interrupted = signals.pending().next().is_some() || status.code().is_none();
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            return Ok(match code {
                Some(0) => Demo::Done,
                _ if interrupted => Demo::Interrupted,
                code => Demo::Failed(code.unwrap_or(1)),
            });
        }
        if signals.pending().next().is_some() {
            child.kill().context("cannot end the demo")?;
            child.wait().context("cannot wait for the demo")?;
            return Ok(Demo::Interrupted);
        }
    }
}

fn summary(addresses: &Addresses, data: &Path, steps: &Steps) {
    eprintln!();
    eprintln!("API        {}", addresses.api);
    eprintln!("docs       {}/docs", addresses.api);
    if let Some(sandbox) = &addresses.sandbox {
        eprintln!("providers  {sandbox}");
    }
    eprintln!("log        {}", data.join("serve.log").display());
    eprintln!("time       {}", steps.total());
}

/// Until a signal comes, or the host ends by itself.
fn stay(server: &mut Server, signals: &mut Signals) -> Result<()> {
    eprintln!("\nCtrl-C ends it.");
    loop {
        if signals.pending().next().is_some() {
            eprintln!("\nfinishing what has begun; Ctrl-C again ends it at once");
            return Ok(());
        }
        if let Some(status) = server.ended()? {
            bail!(
                "the host ended by itself with {status}{}",
                server.end_of_log()
            );
        }
        thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_the_way_out() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();

        let error = need_free_port(address, "--listen").unwrap_err().to_string();

        assert!(error.contains(&format!("{address} is in use")), "{error}");
        assert!(
            error.contains("cargo xtask up --listen 127.0.0.1:"),
            "{error}"
        );
    }
}
