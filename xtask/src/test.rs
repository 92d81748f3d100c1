//! `cargo xtask test`: everything that must hold, the cheapest first, the tests themselves last.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::cargo::{self, EVERY_PACKAGE};
use crate::cli::Test;
use crate::guests::Kind;
use crate::services::Services;
use crate::step::{Steps, Worker};
use crate::workspace::Workspace;
use crate::{api, apt, components, process};

/// The one that needs the components, and takes longest; its lines are the last that are read.
const LAST: &str = "it";
/// Tells it what its hosts stand on.
const STACK_VARIABLE: &str = "BAEPO_TEST_STACK";

pub fn run(options: &Test) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let mut steps = Steps::begin();
    let plan = Plan::of(options);
    need_tools(&workspace, plan)?;
    apt::need_to_build(&mut steps)?;

    let mut run = Run {
        workspace: &workspace,
        steps: &mut steps,
    };
    if plan >= Plan::Quick {
        run.program("cargo fmt --check", &["fmt", "--all", "--check"])?;
    }
    let baepo = run.build()?;
    if plan == Plan::Everything {
        run.lint()?;
        api::try_description(&workspace, run.steps, &baepo)?;
    }
    if plan >= Plan::Quick {
        run.program("doc tests", &["test", EVERY_PACKAGE, "--doc"])?;
    }
    let services = Services::start(run.steps)?;
    run.tests(&options.filters, &services)?;
    Ok(ExitCode::SUCCESS)
}

/// How much is checked; each holds what the one before holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Plan {
    /// Somebody works on a few tests and wants to see these.
    TestsOnly,
    Quick,
    Everything,
}

impl Plan {
    fn of(options: &Test) -> Self {
        match (options.filters.is_empty(), options.quick) {
            (false, _) => Self::TestsOnly,
            (true, true) => Self::Quick,
            (true, false) => Self::Everything,
        }
    }

    /// cargo's subcommands that do not come with cargo.
    fn tools(self) -> &'static [&'static str] {
        match self {
            Self::TestsOnly => &[],
            Self::Quick => &["fmt"],
            Self::Everything => &["fmt", "clippy"],
        }
    }
}

/// Said at once, not after minutes of compiling.
fn need_tools(workspace: &Workspace, plan: Plan) -> Result<()> {
    for tool in plan.tools() {
        process::run_quietly(cargo::command(&workspace.root).args([tool, "--version"]))
            .with_context(|| {
                format!(
                    "`cargo {tool}` is missing: rustup component add rustfmt clippy\n  \
                 (`cargo xtask test NAME` runs the tests called NAME without it)"
                )
            })?;
    }
    Ok(())
}

struct Run<'run> {
    workspace: &'run Workspace,
    steps: &'run mut Steps,
}

impl Run<'_> {
    /// Everything; the host's program.
    fn build(&mut self) -> Result<PathBuf> {
        let artifacts = self.steps.run("build everything", Worker::Compiler, || {
            cargo::build(cargo::command(&self.workspace.root).args([
                "build",
                EVERY_PACKAGE,
                "--all-targets",
            ]))
        })?;
        let baepo = cargo::program(&artifacts, "baepo")?;
        components::build(
            self.workspace,
            self.steps,
            &baepo,
            &[Kind::Plugin, Kind::Fixture],
        )?;
        Ok(baepo)
    }

    fn lint(&mut self) -> Result<()> {
        let clippy = [
            "clippy",
            EVERY_PACKAGE,
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        self.compiler("clippy", self.cargo(&clippy))?;
        let mut doc = self.cargo(&["doc", EVERY_PACKAGE, "--no-deps"]);
        doc.env("RUSTDOCFLAGS", "-D warnings");
        self.compiler("rustdoc", doc)
    }

    fn tests(&mut self, filters: &[String], services: &Services) -> Result<()> {
        let suites = suites(&self.workspace.targets("test"));
        let mut first = self.cargo(&["test", EVERY_PACKAGE]);
        services.tell(first.args(suites.first).arg("--").args(filters));
        self.steps
            .run("unit tests", Worker::Program, || process::run(&mut first))?;

        let Some(last) = suites.last else {
            return Ok(());
        };
        let whole = |stack: &str| {
            let mut command = self.cargo(&["test", EVERY_PACKAGE, "--test", last, "--"]);
            services.tell(command.args(filters).env(STACK_VARIABLE, stack));
            command
        };
        let (mut production, mut embedded) = (whole("production"), whole("embedded"));
        self.steps.run(
            "tests of the whole, on PostgreSQL, Redis and Kafka",
            Worker::Program,
            || process::run(&mut production),
        )?;
        eprintln!("\n{}", self.steps.table());
        // Not a step: nothing may be printed after the test runner's own lines.
        eprintln!("▸ tests of the whole, embedded");
        process::run(&mut embedded).context("tests failed")
    }

    fn program(&mut self, name: &str, arguments: &[&str]) -> Result<()> {
        let mut command = self.cargo(arguments);
        self.steps
            .run(name, Worker::Program, || process::run(&mut command))
    }

    fn compiler(&mut self, name: &str, mut command: Command) -> Result<()> {
        self.steps
            .run(name, Worker::Compiler, || process::run(&mut command))
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = cargo::command(&self.workspace.root);
        command.args(arguments);
        command
    }
}

/// What the two runs of the test runner select.
#[derive(Debug, PartialEq, Eq)]
struct Suites<'name> {
    first: Vec<&'name str>,
    last: Option<&'name str>,
}

fn suites<'name>(integration: &[&'name str]) -> Suites<'name> {
    let mut first = vec!["--lib", "--bins"];
    for name in integration.iter().filter(|name| **name != LAST) {
        first.extend(["--test", name]);
    }
    Suites {
        first,
        last: integration.iter().find(|name| **name == LAST).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_of_the_whole_come_last_and_no_suite_is_forgotten() {
        let suites = suites(&["it", "protocol"]);

        assert_eq!(suites.first, ["--lib", "--bins", "--test", "protocol"]);
        assert_eq!(suites.last, Some("it"));
    }

    #[test]
    fn a_filter_leaves_out_everything_that_is_no_test() {
        let options = |quick, filters: &[&str]| Test {
            quick,
            filters: filters.iter().map(|&filter| filter.to_owned()).collect(),
        };

        assert_eq!(Plan::of(&options(false, &[])), Plan::Everything);
        assert_eq!(Plan::of(&options(true, &[])), Plan::Quick);
        assert_eq!(Plan::of(&options(false, &["journal"])), Plan::TestsOnly);
        assert!(Plan::TestsOnly.tools().is_empty());
    }
}
