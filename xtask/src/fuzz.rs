//! `cargo xtask fuzz`: a coverage-guided fuzzer on the readers of foreign bytes (`tests/fuzz`), on the
//! stable compiler: its own counters and libFuzzer (docs/adr/0030-fuzzing-on-stable.md).

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::cli::Fuzz;
use crate::step::{Steps, Worker};
use crate::workspace::Workspace;
use crate::{apt, cargo, process};

/// As in `tests/fuzz`; the programs are called `fuzz-<reader>`.
const READERS: [&str; 2] = ["component", "manifest"];
/// What makes the compiler count which edges are taken and what is compared.
const COUNTERS: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// What reads text is not optimised otherwise (`[profile.dev.package]`), and is most of the work here.
const OPTIMISED: [&str; 4] = ["jsonschema", "toml", "toml_parser", "winnow"];
/// One input: the largest, how long it may take and what the process may have of memory.
const LIMITS: [&str; 3] = ["-max_len=65536", "-timeout=5", "-rss_limit_mb=1024"];

pub fn run(options: &Fuzz) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let mut steps = Steps::begin(&workspace);
    apt::need_to_build(&mut steps)?;
    let wanted = |reader: &&str| options.reader.as_deref().is_none_or(|name| name == *reader);
    let readers: Vec<_> = READERS.into_iter().filter(wanted).collect();
    if readers.is_empty() {
        bail!("no such reader; there are {}", READERS.join(", "));
    }
    let folder = workspace.target.join("fuzz");
    let built = steps.run("build the fuzzers", Worker::Compiler, || {
        build(&workspace, &folder)
    })?;
    let minutes = options.minutes;
    let title = format!("fuzz {} for {minutes} min", readers.join(" and "));
    let failed = steps.run(&title, Worker::Program, || {
        let mut running = Vec::new();
        for reader in readers {
            let program = cargo::program(&built, &format!("fuzz-{reader}"))?;
            running.push(Running::start(&folder, reader, &program, minutes)?);
        }
        let mut failed = false;
        for fuzzer in running {
            failed |= !fuzzer.wait()?;
        }
        Ok(failed)
    })?;
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// In a target folder of its own: with other flags everything is another build. The target is named,
/// so that build scripts are built without them.
fn build(workspace: &Workspace, folder: &Path) -> Result<Vec<cargo::Artifact>> {
    let host = process::run_quietly(Command::new("rustc").arg("-vV"))?;
    let target = host.lines().find_map(|line| line.strip_prefix("host: "));
    let target = target.context("rustc does not say what it builds for")?;
    let mut command = cargo::command(&workspace.root);
    command.env("RUSTFLAGS", COUNTERS.join(" "));
    command.args(["build", "--package", "fuzz", "--bins"]);
    command.args(["--features", "libfuzzer", "--target", target]);
    for package in OPTIMISED {
        let option = format!("profile.dev.package.{package}.opt-level=3");
        command.args(["--config", &option]);
    }
    cargo::build(command.arg("--target-dir").arg(folder.join("build")))
}

/// A fuzzer at work.
struct Running {
    reader: &'static str,
    log: PathBuf,
    findings: PathBuf,
    child: Child,
}

impl Running {
    fn start(folder: &Path, reader: &'static str, program: &Path, minutes: u64) -> Result<Self> {
        let [corpus, seeds, findings] =
            ["corpus", "seeds", "findings"].map(|kind| folder.join(kind).join(reader));
        for made in [&corpus, &seeds, &findings] {
            fs::create_dir_all(made)?;
        }
        let log = folder.join(format!("{reader}.log"));
        let output = File::create(&log)?;
        let mut command = Command::new(program);
        command.env("BAEPO_FUZZ_SEEDS", &seeds).args(LIMITS);
        command.arg(format!("-max_total_time={}", minutes * 60));
        command.arg(format!("-artifact_prefix={}/", findings.display()));
        command.args(["-print_final_stats=1"]);
        command.arg(&corpus).arg(&seeds);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = child.stderr(output).spawn();
        Ok(Self {
            reader,
            log,
            findings,
            child: child.context("cannot start a fuzzer")?,
        })
    }

    /// Whether it found nothing.
    fn wait(mut self) -> Result<bool> {
        let status = self.child.wait().context("cannot wait for a fuzzer")?;
        let log = String::from_utf8_lossy(&fs::read(&self.log)?).into_owned();
        let statistic = |name: &str| {
            let mut lines = log.lines().filter_map(|line| line.strip_prefix(name));
            lines.next_back().map_or("?", str::trim).to_owned()
        };
        let executions = statistic("stat::number_of_executed_units:");
        let kept = statistic("stat::new_units_added:");
        eprintln!(
            "  {}: {executions} executions, {kept} inputs kept",
            self.reader
        );
        if !status.success() {
            let (log, findings) = (self.log.display(), self.findings.display());
            eprintln!("  {}: {status}; see {log} and {findings}", self.reader);
            eprintln!(
                "  keep it: xxd -p FILE > tests/fuzz/findings/{}/NAME.hex",
                self.reader
            );
        }
        Ok(status.success())
    }
}
