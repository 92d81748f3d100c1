//! The most memory that the host and its worker processes can come to need, beside what there is.

use baepo_adapters::Check;
use baepo_runtime::RuntimeConfig;

const SUBJECT: &str = "memory";
const MIB: u64 = 1 << 20;
/// Of the host itself: 34 MiB idle, and the bodies of what 1,000 callers send and are answered at once.
const OWN_MIB: u64 = 512;

pub(super) fn check(config: &RuntimeConfig) -> Check {
    let host = OWN_MIB + config.memory_bytes.div_ceil(MIB);
    let workers = u64::from(config.worker.concurrency) * config.worker.memory_bytes.div_ceil(MIB);
    let found = format!(
        "at most {host} MiB for the host (runtime.memory_bytes and {OWN_MIB} MiB), and {workers} MiB for worker \
         processes while components are installed"
    );
    verdict(found, host, workers, available_mib())
}

fn verdict(found: String, host: u64, workers: u64, available: Option<u64>) -> Check {
    match available {
        Some(available) if available < host => Check::warning(
            SUBJECT,
            format!("{found}; there are {available} MiB"),
            "lower runtime.memory_bytes, or give it more: a host that is killed for its memory loses nothing, but \
             others have to go on with its work",
        ),
        Some(available) if available < host + workers => Check::warning(
            SUBJECT,
            format!("{found}; there are {available} MiB"),
            "lower runtime.worker.concurrency, so that installing components cannot take the host's memory",
        ),
        Some(available) => Check::good(SUBJECT, format!("{found}; there are {available} MiB")),
        None => Check::good(SUBJECT, found),
    }
}

/// What this machine, or the group of processes that this one is in, may use.
fn available_mib() -> Option<u64> {
    let group = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let group = group.and_then(|limit| limit.trim().parse::<u64>().ok());
    let machine = std::fs::read_to_string("/proc/meminfo").ok()?;
    let total = machine
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let total: u64 = total.trim().strip_suffix(" kB")?.parse().ok()?;
    let total = total << 10;
    Some(group.map_or(total, |group| group.min(total)) / MIB)
}

#[cfg(test)]
mod tests {
    use baepo_adapters::Verdict;

    use super::*;

    #[test]
    fn too_little_memory_is_a_warning_with_the_option_to_lower() {
        for (available, verdict_of, lowered) in [
            (Some(100), Verdict::Warning, "runtime.memory_bytes"),
            (Some(250), Verdict::Warning, "runtime.worker.concurrency"),
            (Some(300), Verdict::Good, ""),
            (None, Verdict::Good, ""),
        ] {
            let check = verdict(String::new(), 200, 100, available);
            assert_eq!(check.verdict, verdict_of, "{available:?}");
            assert!(check.advice.unwrap_or_default().contains(lowered));
        }
    }
}
