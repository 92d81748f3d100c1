//! `cargo xtask`: finds toolchain and services, builds the plugins, starts what is to be tried.
//!
//! It holds no logic of the product: what an author or operator needs too is in `baepo` itself.

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
mod step;
mod test;
mod toolchain;
mod up;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Task};

fn main() -> ExitCode {
    let ended = match Cli::parse().task {
        Task::Plugins => components::build_only(&[guests::Kind::Plugin]),
        Task::Guests => components::build_only(&[guests::Kind::Plugin, guests::Kind::Fixture]),
        Task::Up(options) => up::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Bench(options) => bench::run(bench::BENCH, &options.arguments),
        Task::Kill(options) => bench::run(bench::KILL, &options.arguments),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("\nerror: {error:#}");
        ExitCode::FAILURE
    })
}
