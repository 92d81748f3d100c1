//! What every plan runs with: the workspace, the steps that are shown, and cargo.

use std::process::Command;

use anyhow::{Context, Result};

use crate::step::{Steps, Worker};
use crate::workspace::Workspace;
use crate::{cargo, process};

/// The one that needs the components, and takes longest; its lines are the last that are read.
pub(super) const SCENARIOS: &str = "it";
/// What its hosts stand on.
pub(super) const STACK_VARIABLE: &str = "BAEPO_TEST_STACK";
/// Rules about the source, in a second: run whatever was changed.
pub(super) const RULES: &str = "house";

pub(super) struct Run<'run> {
    pub(super) workspace: &'run Workspace,
    pub(super) steps: &'run mut Steps,
}

impl Run<'_> {
    /// Nothing is printed after the test runner's own lines.
    pub(super) fn last(&self, name: &str, command: &mut Command) -> Result<()> {
        eprintln!("\n{}\n▸ {name}", self.steps.table());
        process::run(command).context("tests failed")
    }

    pub(super) fn program(&mut self, name: &str, arguments: &[&str]) -> Result<()> {
        let mut command = self.cargo(arguments);
        self.steps
            .run(name, Worker::Program, || process::run(&mut command))
    }

    pub(super) fn compiler(&mut self, name: &str, mut command: Command) -> Result<()> {
        self.steps
            .run(name, Worker::Compiler, || process::run(&mut command))
    }

    pub(super) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = cargo::command(&self.workspace.root);
        command.args(arguments);
        command
    }
}
