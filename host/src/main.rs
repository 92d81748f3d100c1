//! The `baepo` command.

use std::process::ExitCode;

use baepo::cli::{Cli, run};
use clap::Parser as _;

fn main() -> ExitCode {
    if let Some(ended) = baepo_runtime::run_as_worker() {
        return ended;
    }
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("baepo: {error:#}");
            ExitCode::FAILURE
        }
    }
}
