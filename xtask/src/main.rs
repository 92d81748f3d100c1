//! `cargo xtask`: finds services, builds the plugins, starts what is to be tried.
//!
//! It holds no logic of the product: what an author or operator needs too is in `baepo` itself.

mod api;
mod apt;
mod bench;
mod cargo;
mod changes;
mod cli;
mod components;
mod deny;
mod fuzz;
mod guests;
mod interop;
mod lock;
mod process;
mod server;
mod services;
mod step;
mod test;
mod up;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Task};
use crate::guests::Kind;

fn main() -> ExitCode {
    let ended = match Cli::parse().task {
        Task::Plugins(options) => components::build_only(&[Kind::Plugin], options.with),
        Task::Guests => components::build_only(&Kind::ALL, None),
        Task::Up(options) => up::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Api => api::run(),
        Task::Deny(options) => deny::run(&options.arguments),
        Task::Bench(options) => bench::run(bench::BENCH, &options.arguments),
        Task::Interop => interop::run(),
        Task::Kill(options) => bench::run(bench::KILL, &options.arguments),
        Task::Attack(options) => bench::run(bench::ATTACK, &options.arguments),
        Task::Fuzz(options) => fuzz::run(&options),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("\nerror: {error:#}");
        ExitCode::FAILURE
    })
}
