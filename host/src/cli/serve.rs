//! `baepo serve`.

use std::net::SocketAddr;
use std::pin::pin;
use std::process::ExitCode;

use clap::Args;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use super::config::ConfigArgs;
use crate::app::App;
use crate::telemetry;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  baepo serve --sandbox --channels target/plugins --trust-channels
  baepo serve --listen 127.0.0.1:0 --data /var/lib/baepo --channels /opt/channels --json

Stops on SIGTERM or Ctrl-C: running attempts come to their end first.")]
pub struct ServeArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Also start local stand-ins for the providers; nothing leaves this machine for them.
    #[arg(long)]
    sandbox: bool,
    /// Address of the stand-ins.
    #[arg(long, default_value = "127.0.0.1:8081", requires = "sandbox")]
    sandbox_listen: SocketAddr,
    /// Print one line of JSON when ready: {"api":"http://…","sandbox":"http://…"}.
    #[arg(long)]
    json: bool,
}

pub async fn serve(args: ServeArgs) -> anyhow::Result<ExitCode> {
    telemetry::start();
    raise_file_limit();
    #[cfg(debug_assertions)]
    crate::failpoint::install()?;
    // Before anything starts, so that no signal is missed.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let sandbox = args.sandbox.then_some(args.sandbox_listen);
    let json = args.json;
    let loaded = args.config.load()?;
    for warning in &loaded.warnings {
        tracing::warn!(%warning, "an option has its old name");
    }
    let mut asked_to_stop = pin!(async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    });
    let app = tokio::select! {
        app = Box::pin(App::start(loaded.config, sandbox)) => app?,
        // Nothing is under way yet: whatever it compiles ends with it.
        () = &mut asked_to_stop => return Ok(ExitCode::SUCCESS),
    };
    announce(&app, json);
    asked_to_stop.await;
    tracing::info!("stopping: running attempts come to their end");
    app.stop().await?;
    Ok(ExitCode::SUCCESS)
}

/// A connection is a file: as many as this process may have, not only as many as it was begun with.
fn raise_file_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}

fn announce(app: &App, json: bool) {
    let api = format!("http://{}", app.api());
    let sandbox = app.sandbox().map(|address| format!("http://{address}"));
    if json {
        println!("{}", json!({"api": api, "sandbox": sandbox}));
        return;
    }
    println!("Baepo serves {api}  (docs: {api}/docs)");
    if let Some(sandbox) = sandbox {
        println!("The channels as their audiences see them: {sandbox}/");
    }
}
