//! The `baepo` command.

use std::process::ExitCode;

use baepo::cli::{Cli, run};
use clap::Parser as _;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("baepo: {error:#}");
            ExitCode::FAILURE
        }
    }
}
