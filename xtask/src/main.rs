//! `cargo xtask`: finds toolchain and services, builds the plugins, starts what is to be tried.
//!
//! It holds no logic of the product: what an author or operator needs too is in `baepo` itself.

mod api;
mod apt;
mod bench;
mod cargo;
mod cli;
mod components;
mod duration;
mod guests;
mod lock;
mod process;
mod server;
mod services;
mod step;
mod test;
mod toolchain;
mod up;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Task};
use crate::guests::Kind;

const PLUGINS: &[Kind] = &[Kind::Plugin];
const PLUGINS_AND_FIXTURES: &[Kind] = &[Kind::Plugin, Kind::Fixture];

fn main() -> ExitCode {
    let ended = match Cli::parse().task {
        Task::Plugins(options) => components::build_only(PLUGINS, options.with),
        Task::Guests => components::build_only(PLUGINS_AND_FIXTURES, None),
        Task::Up(options) => up::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Api => api::run(),
        Task::Bench(options) => bench::run(bench::BENCH, &options.arguments),
        Task::Kill(options) => bench::run(bench::KILL, &options.arguments),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("\nerror: {error:#}");
        ExitCode::FAILURE
    })
}
