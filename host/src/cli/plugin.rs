//! `baepo plugin`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use baepo_runtime::RuntimeConfig;
use clap::{Args, Subcommand};

use crate::config::{Config, Flags};

#[derive(Debug, Args)]
pub struct PluginArgs {
    #[command(subcommand)]
    command: PluginCommand,
}

#[derive(Debug, Subcommand)]
enum PluginCommand {
    /// Turn a core module into a component that carries its channel.toml, and verify what a host
    /// verifies before it compiles one.
    Build(BuildArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  baepo plugin build --module target/wasm32-unknown-unknown/release/my_channel.wasm \\
      --manifest channel.toml --out my-channel.wasm")]
struct BuildArgs {
    /// The module that the compiler made for wasm32-unknown-unknown, or a component.
    #[arg(long)]
    module: PathBuf,
    /// The channel's description.
    #[arg(long, default_value = "channel.toml")]
    manifest: PathBuf,
    /// Where the component goes.
    #[arg(long)]
    out: PathBuf,
    /// The configuration of the host that it is for, where that allows other limits than by default.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub fn plugin(args: &PluginArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        PluginCommand::Build(args) => build(args),
    }
}

fn build(args: &BuildArgs) -> anyhow::Result<ExitCode> {
    let host = match &args.config {
        Some(file) => Config::load(Some(file), &Flags::default())?.config.runtime,
        None => RuntimeConfig::default(),
    };
    let module = std::fs::read(&args.module)
        .with_context(|| format!("cannot read the module {}", args.module.display()))?;
    let manifest = std::fs::read_to_string(&args.manifest)
        .with_context(|| format!("cannot read the manifest {}", args.manifest.display()))?;
    let what = || format!("{} with {}", args.module.display(), args.manifest.display());
    let component = baepo_runtime::componentize(&module, &manifest).with_context(what)?;
    baepo_runtime::verify_for_authors(&component, &host)
        .map_err(anyhow::Error::msg)
        .with_context(what)?;
    if let Some(folder) = args.out.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    std::fs::write(&args.out, &component)
        .with_context(|| format!("cannot write {}", args.out.display()))?;
    println!(
        "{} ({} KB)",
        args.out.display(),
        component.len().div_ceil(1_000)
    );
    Ok(ExitCode::SUCCESS)
}
