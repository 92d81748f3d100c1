//! The steps of a task: each is named when it begins, with the time that it may take, timed, and shown
//! to be alive.

use std::collections::BTreeMap;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// How often a silent step shows its time on a terminal.
const TICK: Duration = Duration::from_secs(1);
/// How often a long step shows that it is alive where lines cannot be overwritten.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// The processor time of a first build of the host and the channels, on two cores that do nothing else.
const FIRST_BUILD: Duration = Duration::from_secs(15 * 60);
/// A step that takes less needs no forecast.
const WORTH_A_FORECAST: Duration = Duration::from_secs(10);

/// What works in a step, and so what shows progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worker {
    /// cargo, which names what it builds and has its own progress bar; counts as compiling.
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
    /// Where the times are kept, by step and in seconds.
    file: PathBuf,
    last_time: BTreeMap<String, u64>,
}

#[derive(Debug)]
struct Done {
    name: String,
    worker: Worker,
    took: Duration,
}

impl Steps {
    pub fn begin(workspace: &Workspace) -> Self {
        let file = workspace.target.join("xtask-times.json");
        let known = fs::read_to_string(&file).unwrap_or_default();
        Self {
            last_time: serde_json::from_str(&known).unwrap_or_default(),
            file,
            begun: Instant::now(),
            done: Vec::new(),
            terminal: std::io::stderr().is_terminal() && std::env::var_os("CI").is_none(),
        }
    }

    /// Does `work`; its error names the step.
    pub fn run<T>(
        &mut self,
        name: &str,
        worker: Worker,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let forecast = self.forecast(name, worker);
        eprintln!("▸ {name}{}", forecast.unwrap_or_default());
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
        self.last_time.insert(name.to_owned(), took.as_secs());
        self.keep_times();
        Ok(result)
    }

    /// About how long it takes: as the last time, or for a first build by the number of cores. Later
    /// builds depend on what has changed, which cargo's progress bar shows.
    fn forecast(&self, name: &str, worker: Worker) -> Option<String> {
        match (self.last_time.get(name), worker) {
            (None, Worker::Compiler) if self.compiling().is_zero() => {
                let cores = thread::available_parallelism().map_or(1, usize::from);
                let time = FIRST_BUILD / u32::try_from(cores).unwrap_or(1);
                let minutes = time.as_secs().div_ceil(60);
                Some(format!(
                    ": the first time about {minutes} min on {cores} cores, then what changes"
                ))
            }
            (Some(&seconds), Worker::Program | Worker::Silent) => {
                let time = Duration::from_secs(seconds);
                (time >= WORTH_A_FORECAST).then(|| format!(": {} the last time", human(time)))
            }
            (None, Worker::Program | Worker::Silent) | (_, Worker::Compiler) => None,
        }
    }

    /// What cannot be kept is not forecast the next time.
    fn keep_times(&self) {
        let times = serde_json::to_string(&self.last_time).unwrap_or_default();
        let _ = fs::write(&self.file, times);
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

/// `0.4 s`, `12 s`, `2 min 05 s`.
pub fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(target: &std::path::Path) -> Steps {
        Steps::begin(&Workspace {
            root: target.to_owned(),
            target: target.to_owned(),
            packages: Vec::new(),
        })
    }

    #[test]
    fn a_duration_has_the_precision_that_matters() {
        let shown = [400, 9_949, 12_700, 59_999, 125_000]
            .map(|milliseconds| human(Duration::from_millis(milliseconds)));

        assert_eq!(shown, ["0.4 s", "9.9 s", "12 s", "59 s", "2 min 05 s"]);
    }

    #[test]
    fn a_first_build_has_a_forecast_and_later_ones_have_cargos_progress() {
        let target = tempfile::tempdir().unwrap();
        let mut first = steps(target.path());

        let forecast = first.forecast("build", Worker::Compiler).unwrap();
        assert!(forecast.contains("min on"), "{forecast}");
        first.run("build", Worker::Compiler, || Ok(())).unwrap();
        assert_eq!(
            steps(target.path()).forecast("build", Worker::Compiler),
            None
        );
    }

    #[test]
    fn a_long_step_is_announced_with_its_last_time() {
        let target = tempfile::tempdir().unwrap();
        let mut steps = steps(target.path());
        steps.last_time = BTreeMap::from([("long".to_owned(), 130), ("short".to_owned(), 2)]);

        let forecast = |name| steps.forecast(name, Worker::Program);
        assert_eq!(forecast("long").unwrap(), ": 2 min 10 s the last time");
        assert_eq!(forecast("short"), None);
        assert_eq!(forecast("new"), None);
    }

    #[test]
    fn the_compilers_share_is_shown() {
        let shown = total(Duration::from_secs(120), Duration::from_secs(90));

        assert_eq!(
            shown,
            "2 min 00 s, of which the compiler took 1 min 30 s (75 %)"
        );
    }

    #[test]
    fn a_failed_step_is_named_and_not_in_the_table() {
        let target = tempfile::tempdir().unwrap();
        let mut steps = steps(target.path());

        let good: Result<u8> = steps.run("good", Worker::Program, || Ok(7));
        let bad: Result<u8> = steps.run("bad", Worker::Program, || anyhow::bail!("no space left"));

        assert_eq!(good.unwrap(), 7);
        assert!(format!("{:#}", bad.unwrap_err()).starts_with("bad: failed after"));
        let table = steps.table();
        assert!(table.contains("good") && table.contains("all") && !table.contains("bad"));
    }
}
