//! Options that had another name: the old one works and warns.

use super::given::Given;
use super::problem::Problem;

/// Old names and the new ones.
pub const ALIASES: [(&str, &str); 4] = [
    ("cache.failures_to_rest", "cache.failures_to_open"),
    ("cache.rest_ms", "cache.open_ms"),
    ("publish.repeat_waits_ms", "publish.idempotency_wait_ms"),
    ("runtime.compile_concurrency", "runtime.worker.concurrency"),
];

/// The name that an option has today.
pub fn current(path: &str) -> &str {
    let alias = ALIASES.iter().find(|(old, _)| *old == path);
    alias.map_or(path, |(_, new)| new)
}

/// Gives what was given by an old name to the new one, and warns of each.
pub fn resolve(given: &mut Given, problems: &mut Vec<Problem>) -> Vec<Problem> {
    let mut warnings = Vec::new();
    for (old, new) in ALIASES {
        let Some(value) = given.take(old) else {
            continue;
        };
        if let Some(other) = given.get(new) {
            let place = &other.place;
            let text =
                format!("{old} is the old name of {new}, which is given too ({place}): keep one");
            problems.push(Problem::new(&value.place, text));
            continue;
        }
        let text =
            format!("{old} is called {new} now: rename it, the old name goes with a later version");
        warnings.push(Problem::new(&value.place, text));
        given.insert(new, value);
    }
    warnings
}
