//! Kills this process at a named point, as the environment of a test run says. Compiled in builds with
//! debug assertions only: a release build neither has the points nor reads the variable.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, ensure};
use baepo_domain::usecases::failpoint;

/// `POINT` or `POINT:N`: the N-th time that this point is reached the process is killed.
const VARIABLE: &str = "BAEPO_KILL_AT";

static KILL_AT: OnceLock<KillAt> = OnceLock::new();

struct KillAt {
    point: String,
    occurrence: u32,
    hits: AtomicU32,
}

/// Reads the environment once, at start.
///
/// # Errors
/// When the variable names no such point.
pub fn install() -> anyhow::Result<()> {
    let Ok(text) = std::env::var(VARIABLE) else {
        return Ok(());
    };
    let (point, occurrence) = text.split_once(':').unwrap_or((&text, "1"));
    ensure!(
        failpoint::is_point(point),
        "{VARIABLE}: no point is called {point:?}; there are: {}, {}",
        failpoint::POINTS.join(", "),
        failpoint::RELEASE_POINTS.join(", ")
    );
    let occurrence = occurrence
        .parse()
        .with_context(|| format!("{VARIABLE}: {occurrence:?} is no number"))?;
    let kill_at = KillAt {
        point: point.to_owned(),
        occurrence,
        hits: AtomicU32::new(0),
    };
    if KILL_AT.set(kill_at).is_ok() {
        failpoint::install(kill_if_reached);
    }
    Ok(())
}

fn kill_if_reached(point: &'static str) {
    let Some(kill_at) = KILL_AT.get() else {
        return;
    };
    if kill_at.point == point
        && kill_at.hits.fetch_add(1, Ordering::SeqCst) + 1 == kill_at.occurrence
    {
        // SIGKILL: no destructor runs and nothing is flushed.
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}
