//! The steps of a task: each is named when it begins, timed, and shown to be alive.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::duration::human;

/// How often a silent step shows its time on a terminal.
const TICK: Duration = Duration::from_secs(1);
/// How often a long step says that it is alive where lines cannot be overwritten.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// Who works in a step, which also says who shows progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worker {
    /// cargo, with its own progress bar; counts as compiling.
    Compiler,
    /// A program that prints for itself.
    Program,
    /// Nobody prints, so the elapsed time is shown.
    Silent,
}

/// The steps done so far.
#[derive(Debug)]
pub struct Steps {
    begun: Instant,
    done: Vec<Done>,
    terminal: bool,
}

#[derive(Debug)]
struct Done {
    name: String,
    worker: Worker,
    took: Duration,
}

impl Steps {
    pub fn begin() -> Self {
        Self {
            begun: Instant::now(),
            done: Vec::new(),
            terminal: std::io::stderr().is_terminal() && std::env::var_os("CI").is_none(),
        }
    }

    /// Does `work`; its error says which step it was.
    pub fn run<T>(
        &mut self,
        name: &str,
        worker: Worker,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        announce(name);
        let begun = Instant::now();
        let result = self.watched(name, worker, work);
        let took = begun.elapsed();
        let result = result.with_context(|| format!("{name}: failed after {}", human(took)))?;

        eprintln!("  {name}: {}", human(took));
        self.done.push(Done {
            name: name.to_owned(),
            worker,
            took,
        });
        Ok(result)
    }

    /// Name and time of each step, and the sum.
    pub fn table(&self) -> String {
        let rows = self.done.iter().map(|step| (step.name.as_str(), step.took));
        let rows: Vec<_> = rows.chain([("all", self.begun.elapsed())]).collect();
        let width = rows
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        let lines = rows
            .iter()
            .map(|(name, took)| format!("  {name:width$}  {:>12}\n", human(*took)));
        lines.collect()
    }

    /// `4 min 12 s, of which the compiler took 3 min 58 s (94 %)`.
    pub fn total(&self) -> String {
        total(self.begun.elapsed(), self.compiling())
    }

    fn compiling(&self) -> Duration {
        let compiled = self
            .done
            .iter()
            .filter(|step| step.worker == Worker::Compiler);
        compiled.map(|step| step.took).sum()
    }

    fn watched<T>(&self, name: &str, worker: Worker, work: impl FnOnce() -> T) -> T {
        let tick = match (worker, self.terminal) {
            (Worker::Silent, true) => Some(Sign::Overwritten),
            (Worker::Silent | Worker::Compiler, false) => Some(Sign::Line),
            (Worker::Compiler, true) | (Worker::Program, _) => None,
        };
        let Some(sign) = tick else { return work() };
        thread::scope(|scope| {
            let (working, ended) = mpsc::channel::<()>();
            scope.spawn(move || show_life(name, sign, &ended));
            let result = work();
            drop(working);
            result
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum Sign {
    Overwritten,
    Line,
}

fn announce(name: &str) {
    eprintln!("▸ {name}");
}

fn show_life(name: &str, sign: Sign, ended: &Receiver<()>) {
    let begun = Instant::now();
    let period = match sign {
        Sign::Overwritten => TICK,
        Sign::Line => HEARTBEAT,
    };
    while ended.recv_timeout(period) == Err(RecvTimeoutError::Timeout) {
        let elapsed = human(begun.elapsed());
        match sign {
            Sign::Overwritten => eprint!("\r  {name}: {elapsed} …\x1b[K"),
            Sign::Line => eprintln!("  {name}: {elapsed} …"),
        }
    }
    if matches!(sign, Sign::Overwritten) {
        eprint!("\r\x1b[K");
    }
    // Nobody reads what cannot be shown.
    let _ = std::io::stderr().flush();
}

fn total(all: Duration, compiling: Duration) -> String {
    let share = 100.0 * compiling.as_secs_f64() / all.as_secs_f64().max(f64::EPSILON);
    format!(
        "{}, of which the compiler took {} ({share:.0} %)",
        human(all),
        human(compiling)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_share_is_told() {
        let said = total(Duration::from_secs(120), Duration::from_secs(90));

        assert_eq!(
            said,
            "2 min 00 s, of which the compiler took 1 min 30 s (75 %)"
        );
    }

    #[test]
    fn a_failed_step_is_named_and_not_in_the_table() {
        let mut steps = Steps::begin();

        let good: Result<u8> = steps.run("good", Worker::Program, || Ok(7));
        let bad: Result<u8> = steps.run("bad", Worker::Program, || anyhow::bail!("no space left"));

        assert_eq!(good.unwrap(), 7);
        assert!(format!("{:#}", bad.unwrap_err()).starts_with("bad: failed after"));
        let table = steps.table();
        assert!(table.contains("good") && table.contains("all") && !table.contains("bad"));
    }
}
