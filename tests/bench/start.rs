//! P9: from the start of the process to its line that says it is ready, with compiled components
//! cached, and what it takes of memory when idle.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::figure::Figure;

const RUNS: usize = 7;
/// As many as the product will have; those that are not there yet are stood in for by guests.
const CHANNELS: [fn() -> std::path::PathBuf; 6] = [
    || it::plugin("instagram"),
    || it::plugin("kakao-channel"),
    || it::guest("echo"),
    || it::guest("slow"),
    || it::guest("any_outcome"),
    || it::guest("forged_requests"),
];

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let channels = folder.path().join("channels");
    std::fs::create_dir(&channels)?;
    for component in CHANNELS.map(|component| component()) {
        let name = component.file_name().expect("a component's file name");
        std::fs::copy(&component, channels.join(name))?;
    }
    // Fills the cache.
    stop(start(folder.path())?.0)?;
    let mut ready = Vec::new();
    let mut memory = Vec::new();
    for _ in 0..RUNS {
        let (host, millis) = start(folder.path())?;
        std::thread::sleep(Duration::from_secs(1));
        memory.push(resident_mib(host.id())?);
        ready.push(millis);
        stop(host)?;
    }
    Ok(vec![
        Figure::of(
            "P9",
            "start to ready, six channels, compiled before",
            "ms",
            ready,
        )
        .at_most(250.0),
        Figure::of("P9", "idle memory, six channels", "MiB", memory).at_most(80.0),
    ])
}

/// What a host takes of memory that has been idle for a second; `folder` has `channels` in it.
pub fn idle_mib(folder: &Path) -> anyhow::Result<f64> {
    let (host, _) = start(folder)?;
    std::thread::sleep(Duration::from_secs(1));
    let resident = resident_mib(host.id())?;
    stop(host)?;
    Ok(resident)
}

fn start(folder: &Path) -> anyhow::Result<(Child, f64)> {
    let begin = Instant::now();
    let mut host = Command::new(it::program())
        .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.join("data"))
        .arg("--channels")
        .arg(folder.join("channels"))
        .arg("--trust-channels")
        .env("RUST_LOG", "warn")
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    let stdout = host.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line)?;
    anyhow::ensure!(line.contains("api"), "the host did not start");
    Ok((host, begin.elapsed().as_secs_f64() * 1e3))
}

fn stop(mut host: Child) -> anyhow::Result<()> {
    Command::new("kill").arg(host.id().to_string()).status()?;
    anyhow::ensure!(host.wait()?.success(), "the host did not stop well");
    Ok(())
}

fn resident_mib(process: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB"));
    let kib: f64 = kib
        .ok_or_else(|| anyhow::anyhow!("no VmRSS in /proc"))?
        .trim()
        .parse()?;
    Ok(kib / 1024.0)
}
