//! What processes take of memory, and who descends from whom, as the kernel says it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often memory is looked at. A child that takes it all within less is bounded by its own
/// limits, not seen by this.
const SAMPLE: Duration = Duration::from_millis(50);

/// Looks at a host and its descendants while an attack goes on.
pub struct Watch {
    host: u32,
    stop: Arc<AtomicBool>,
    seen: Arc<Mutex<Seen>>,
    sampler: JoinHandle<()>,
}

/// What was seen of a host and those that it started.
#[derive(Debug, Default, Clone)]
pub struct Seen {
    /// The host's own highest resident memory.
    pub host_mib: u64,
    /// The highest sum over its descendants.
    pub children_mib: u64,
    /// Every descendant that there was.
    pub children: BTreeSet<u32>,
    /// It took more than this machine can give, and was killed.
    pub stopped: bool,
}

impl Watch {
    /// From now on; a host that takes more than `at_most_mib` with its children is killed.
    pub fn begin(host: u32, at_most_mib: u64) -> Self {
        // The highest resident memory counts from here.
        let _ = std::fs::write(format!("/proc/{host}/clear_refs"), "5");
        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::new(Mutex::new(Seen::default()));
        let sampler = std::thread::spawn({
            let (stop, seen) = (Arc::clone(&stop), Arc::clone(&seen));
            move || {
                while !stop.load(Ordering::Relaxed) {
                    let mut seen = seen.lock().expect("not poisoned");
                    if seen.look_at(host) > at_most_mib && !seen.stopped {
                        seen.stopped = true;
                        kill("-KILL", host);
                    }
                    drop(seen);
                    std::thread::sleep(SAMPLE);
                }
            }
        });
        Self {
            host,
            stop,
            seen,
            sampler,
        }
    }

    /// What was seen up to now.
    pub fn so_far(&self) -> Seen {
        self.seen.lock().expect("not poisoned").clone()
    }

    pub fn end(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        self.sampler.join().expect("the sampler");
        let mut seen = self.seen.lock().expect("not poisoned").clone();
        seen.look_at(self.host);
        seen
    }
}

impl Seen {
    /// Gives what all of them have now, in MiB.
    fn look_at(&mut self, host: u32) -> u64 {
        self.host_mib = self.host_mib.max(mib(host, "VmHWM:").unwrap_or(0));
        let children = descendants(host);
        let theirs: u64 = children
            .iter()
            .filter_map(|child| mib(*child, "VmHWM:"))
            .sum();
        self.children_mib = self.children_mib.max(theirs);
        self.children.extend(children);
        mib(host, "VmRSS:").unwrap_or(0) + theirs
    }
}

/// What a process has of memory now, in MiB.
pub fn resident_mib(process: u32) -> u64 {
    mib(process, "VmRSS:").unwrap_or(0)
}

fn mib(process: u32, key: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1_024)
}

/// Everything that a process started, and what that started.
pub fn descendants(process: u32) -> BTreeSet<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (id, parent) in all() {
        children.entry(parent).or_default().push(id);
    }
    let mut found = BTreeSet::new();
    let mut waiting = vec![process];
    while let Some(next) = waiting.pop() {
        for child in children.remove(&next).unwrap_or_default() {
            found.insert(child);
            waiting.push(child);
        }
    }
    found
}

/// Processes of this program that are there besides those known.
pub fn of_program(program: &Path, known: &BTreeSet<u32>) -> BTreeSet<u32> {
    let runs_it =
        |id: &u32| std::fs::read_link(format!("/proc/{id}/exe")).is_ok_and(|exe| exe == program);
    let ids = all().map(|(id, _)| id);
    ids.filter(|id| !known.contains(id) && runs_it(id))
        .collect()
}

/// Whether it is there and not only waits to be collected.
pub fn is_alive(process: u32) -> bool {
    stat(process).is_some_and(|(state, _)| state != "Z")
}

/// Sends a signal, such as `-TERM`.
pub fn kill(signal: &str, process: u32) {
    let process = process.to_string();
    let killed = std::process::Command::new("kill")
        .args([signal, &process])
        .status();
    killed.expect("kill can be started");
}

/// Every process with its parent.
fn all() -> impl Iterator<Item = (u32, u32)> {
    let entries = std::fs::read_dir("/proc").expect("/proc");
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter_map(|id: u32| Some((id, stat(id)?.1)))
}

/// Its state and its parent.
fn stat(process: u32) -> Option<(String, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name stands in brackets and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

/// What a folder holds, in MiB.
pub fn folder_mib(folder: &Path) -> u64 {
    fn bytes(folder: &Path) -> u64 {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| match entry.metadata() {
                Ok(about) if about.is_dir() => bytes(&entry.path()),
                Ok(about) => about.len(),
                Err(_) => 0,
            })
            .sum()
    }
    bytes(folder) >> 20
}
