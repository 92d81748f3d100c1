//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Builds, tries and tests Baepo",
    after_help = "\
Examples:
  cargo xtask up                       build, start, publish a demo event, stay
  cargo xtask up --once                the same, and stop: did it work?
  cargo xtask up --listen 127.0.0.1:9000
  cargo xtask test                     everything that must hold before a commit
  cargo xtask test --quick             what the last change touches, in two minutes
  cargo xtask kill --times 1000        kill the host again and again: is anything lost?
  cargo xtask attack                   upload what is hostile: is it contained?
  cargo xtask fuzz --minutes 60        damage what the host reads of strangers
  cargo xtask plugins                  plugins/* → target/plugins/<channel>.wasm"
)]
pub struct Cli {
    #[command(subcommand)]
    pub task: Task,
}

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Build the channels in plugins/ to components in target/plugins/
    Plugins(Plugins),
    /// Build the channels, and the test components of tests/guests/ to target/guests/
    Guests,
    /// Build everything, start the host with stand-in providers and publish a demo event
    Up(Up),
    /// Check and test everything, or less: `--help` has what each option contains
    Test(Test),
    /// Try the API of a host against its own description
    Api,
    /// Check licences, sources, duplicates and advisories of all dependencies (deny.toml)
    Deny(PassedOn),
    /// Measure speed, size and memory, beside their goals
    Bench(PassedOn),
    /// Try the real wkg and cosign, which are built first, against a registry and a host
    Interop,
    /// Kill the host again and again while it publishes; `--help` has the options
    Kill(PassedOn),
    /// Attack the host with hostile components while it publishes; `--help` has the options
    Attack(PassedOn),
    /// Fuzz the readers of foreign bytes: a component's sections and `channel.toml`
    Fuzz(Fuzz),
}

#[derive(Debug, Args)]
pub struct Plugins {
    /// Make them with this `baepo`, rather than with one that is built first
    #[arg(long, value_name = "PROGRAM")]
    pub with: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Up {
    /// Stop after the demo; the exit code shows whether every channel did what it should
    #[arg(long)]
    pub once: bool,

    /// Where the API listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Where the stand-in providers listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    pub sandbox_listen: SocketAddr,

    /// The data folder [default: .baepo in the repository]
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What each contains, and should take on two idle cores, dependencies built:
  (none)   format, build, clippy, rustdoc, the API against its description,
           doc tests, unit tests, and tests/it twice: on PostgreSQL, Redis
           and Kafka, and on the embedded parts                  about 20 min
  --suite  the same without clippy, rustdoc and the API          about 16 min
  --quick  the rules about the source, the tests of packages with changed
           files, tests/it on the embedded parts; what needs a service,
           kills or sweeps is left out                            about 2 min
  FILTER   every test with FILTER in its name, on all parts

Examples:
  cargo xtask test                      before a merge
  cargo xtask test --quick              uncommitted files, or the last commit
  cargo xtask test --quick --since main what the branch has changed
  cargo xtask test hanging journal::    tests with one of these in their names
  BAEPO_TEST_REDIS=redis://… cargo xtask test    with a service that is there")]
pub struct Test {
    /// Only the unit tests of what was changed, and the embedded scenarios
    #[arg(long, conflicts_with_all = ["suite", "filters"])]
    pub quick: bool,

    /// With --quick: what has changed since this revision
    #[arg(long, value_name = "REVISION", requires = "quick")]
    pub since: Option<String>,

    /// All tests; leaves out clippy, rustdoc and the API's description
    #[arg(long, conflicts_with = "filters")]
    pub suite: bool,

    /// Run only tests with one of these in their name; leaves out all other checks
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask fuzz                             both readers at once, for an hour
  cargo xtask fuzz --minutes 5 --reader manifest

What it has learnt is kept in target/fuzz/corpus, what it has found in target/fuzz/findings.")]
pub struct Fuzz {
    /// How long
    #[arg(long, value_name = "NUMBER", default_value_t = 60)]
    pub minutes: u64,

    /// Only this one: component, or manifest
    #[arg(long, value_name = "READER")]
    pub reader: Option<String>,
}

#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct PassedOn {
    /// Passed on to the program
    #[arg(
        value_name = "ARGS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub arguments: Vec<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn arguments_of_the_programs_are_passed_on() {
        let cli = Cli::try_parse_from(["xtask", "bench", "--only", "P1", "-v"]).unwrap();

        let Task::Bench(bench) = cli.task else {
            panic!("not a benchmark: {:?}", cli.task);
        };
        assert_eq!(bench.arguments, ["--only", "P1", "-v"]);
        let cli = Cli::try_parse_from(["xtask", "kill", "--times", "10"]).unwrap();
        let Task::Kill(kill) = cli.task else {
            panic!("not the kill harness: {:?}", cli.task);
        };
        assert_eq!(kill.arguments, ["--times", "10"]);
    }
}
