//! The command line: a file per command.

mod channel;
mod client;
mod config;
mod demo;
mod doctor;
mod health;
mod key;
mod plugin;
mod replay;
mod serve;
mod token;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Publishes a shop owner's marketing event once and delivers it to every channel they chose.
#[derive(Debug, Parser)]
#[command(
    name = "baepo",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
#[command(after_help = "Examples:
  baepo serve --sandbox --channels target/plugins --trust-channels
                                                      a host with stand-ins for the providers
  baepo token --user shop-1 --role owner              a token for the API
  baepo channel list                                  the channels and their releases
  baepo doctor --config baepo.toml                    are its services set up as it needs them?")]
pub struct Cli {
    /// Address of the API, for the commands that ask a running host: health, channel, replay and demo.
    #[arg(
        long,
        global = true,
        env = "BAEPO_API",
        value_name = "URL",
        default_value = "http://127.0.0.1:8080"
    )]
    api: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and deliver events.
    Serve(serve::ServeArgs),
    /// Ask a host whether it takes requests; exits with 0 when it does.
    Health(health::HealthArgs),
    /// Check the services that a host depends on, and say what to do about each fault.
    Doctor(doctor::DoctorArgs),
    /// Print a token for the API of a host on this machine.
    Token(token::TokenArgs),
    /// See and swap the channels of a running host.
    Channel(channel::ChannelArgs),
    /// Make channel components.
    Plugin(plugin::PluginArgs),
    /// Show what an attempt asked and was answered, or run a component against the same answers.
    Replay(replay::ReplayArgs),
    /// Publish a demo event on a running host and show what each channel did.
    Demo(demo::DemoArgs),
}

/// Runs a command to its end.
///
/// # Errors
/// Says what went wrong and what to do next.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let api = cli.api.as_str();
    match cli.command {
        Command::Serve(args) => block_on(serve::serve(args)),
        Command::Health(args) => block_on(health::health(args, api)),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Token(args) => token::token(&args),
        Command::Channel(args) => block_on(channel::channel(args, api)),
        Command::Plugin(args) => plugin::plugin(&args),
        Command::Replay(args) => block_on(replay::replay(args, api)),
        Command::Demo(args) => block_on(demo::demo(args, api)),
    }
}

fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(future)
}
