//! `cargo xtask test`: everything that must hold, the cheapest first, the tests themselves last.

mod quick;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use self::run::{Run, SCENARIOS, STACK_VARIABLE};
use crate::cargo::EVERY_PACKAGE;
use crate::cli::Test;
use crate::guests::Kind;
use crate::services::Services;
use crate::step::{Steps, Worker};
use crate::workspace::Workspace;
use crate::{api, apt, components, process};

pub fn run(options: &Test) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let mut steps = Steps::begin(&workspace);
    apt::need_to_build(&mut steps)?;
    let mut run = Run {
        workspace: &workspace,
        steps: &mut steps,
    };
    match Plan::of(options) {
        Plan::Quick => quick::run(&mut run, options.since.as_deref())?,
        plan => run.suite(plan, &options.filters)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// How much is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// The tests of what was changed, and the embedded scenarios.
    Quick,
    /// Somebody works on a few tests and wants to see these.
    Filtered,
    /// All tests.
    Suite,
    /// All tests, the lints, the documentation and the API's description.
    Everything,
}

impl Plan {
    fn of(options: &Test) -> Self {
        match options {
            Test { quick: true, .. } => Self::Quick,
            Test { suite: true, .. } => Self::Suite,
            Test { filters, .. } if !filters.is_empty() => Self::Filtered,
            Test { .. } => Self::Everything,
        }
    }
}

impl Run<'_> {
    fn suite(&mut self, plan: Plan, filters: &[String]) -> Result<()> {
        if plan != Plan::Filtered {
            self.program("cargo fmt --check", &["fmt", "--all", "--check"])?;
        }
        let baepo = self.build()?;
        if plan == Plan::Everything {
            self.lint()?;
            api::try_description(self.workspace, self.steps, &baepo)?;
        }
        if plan != Plan::Filtered {
            self.program("doc tests", &["test", EVERY_PACKAGE, "--doc"])?;
        }
        let services = Services::start(self.steps)?;
        self.tests(filters, &services)
    }

    /// Everything; the host's program.
    fn build(&mut self) -> Result<PathBuf> {
        let built = components::build(self.workspace, self.steps, &Kind::ALL, &["--all-targets"])?;
        Ok(built.baepo)
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
        let units = unit_tests(&self.workspace.targets("test"));
        let mut first = self.cargo(&["test", EVERY_PACKAGE, "--no-fail-fast"]);
        services.pass_to(first.args(units).arg("--").args(filters));
        self.steps
            .run("unit tests", Worker::Program, || process::run(&mut first))?;

        let scenarios = |stack: &str| {
            let mut command = self.cargo(&[
                "test",
                EVERY_PACKAGE,
                "--no-fail-fast",
                "--test",
                SCENARIOS,
                "--",
            ]);
            services.pass_to(command.args(filters).env(STACK_VARIABLE, stack));
            command
        };
        let (mut production, mut embedded) = (scenarios("production"), scenarios("embedded"));
        self.steps.run(
            "scenarios on PostgreSQL, Redis and Kafka",
            Worker::Program,
            || process::run(&mut production),
        )?;
        self.last("scenarios on the embedded parts", &mut embedded)
    }
}

/// What cargo selects for them, given all integration tests.
fn unit_tests<'name>(integration: &[&'name str]) -> Vec<&'name str> {
    let mut selected = vec!["--lib", "--bins"];
    for name in integration.iter().filter(|name| **name != SCENARIOS) {
        selected.extend(["--test", name]);
    }
    selected
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Task};

    #[test]
    fn the_scenarios_come_last_and_no_other_test_is_forgotten() {
        let selected = unit_tests(&["it", "protocol"]);

        assert_eq!(selected, ["--lib", "--bins", "--test", "protocol"]);
    }

    #[test]
    fn the_options_choose_how_much_is_checked() {
        let plan = |arguments: &[&str]| {
            let words = ["xtask", "test"].iter().chain(arguments);
            match Cli::try_parse_from(words).map(|cli| cli.task) {
                Ok(Task::Test(options)) => Some(Plan::of(&options)),
                _ => None,
            }
        };

        assert_eq!(plan(&[]), Some(Plan::Everything));
        assert_eq!(plan(&["--suite"]), Some(Plan::Suite));
        assert_eq!(plan(&["--quick", "--since", "main"]), Some(Plan::Quick));
        assert_eq!(plan(&["journal"]), Some(Plan::Filtered));
        assert_eq!(plan(&["--quick", "journal"]), None);
        assert_eq!(plan(&["--since", "main"]), None);
    }
}
