//! `baepo plugin`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct PluginArgs {
    #[command(subcommand)]
    command: PluginCommand,
}

#[derive(Debug, Subcommand)]
enum PluginCommand {
    /// Turn a core module into a component that carries its channel.toml.
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
}

pub fn plugin(args: &PluginArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        PluginCommand::Build(args) => build(args),
    }
}

fn build(args: &BuildArgs) -> anyhow::Result<ExitCode> {
    let module = std::fs::read(&args.module)
        .with_context(|| format!("cannot read the module {}", args.module.display()))?;
    let manifest = std::fs::read_to_string(&args.manifest)
        .with_context(|| format!("cannot read the manifest {}", args.manifest.display()))?;
    let component = baepo_runtime::componentize(&module, &manifest)
        .with_context(|| format!("{} with {}", args.module.display(), args.manifest.display()))?;
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
