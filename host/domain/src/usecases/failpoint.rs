//! Named places where a test may end the process, to see that the next start goes on from there.
//!
//! In builds without debug assertions they are nothing.

/// Every place of one publication, in its order. Recovery is described for each in
/// ARCHITECTURE.md, and the kill harness goes through all of them.
pub const POINTS: [&str; 12] = [
    "publish.begin",
    "publish.begun",
    "publish.announced",
    "delivery.start",
    "delivery.started",
    "journal.intent",
    "journal.intended",
    "journal.answered",
    "delivery.conclude",
    "delivery.concluded",
    "publish.distributed",
    "publish.answered",
];

/// Every place where an operator changes releases.
pub const RELEASE_POINTS: [&str; 10] = [
    "release.stage",
    "release.staged",
    "release.approve",
    "release.approved",
    "release.promote",
    "release.promoted",
    "release.delete",
    "release.deleted",
    "channel.delete",
    "channel.deleted",
];

/// Whether a place has this name.
#[must_use]
pub fn is_point(name: &str) -> bool {
    POINTS.contains(&name) || RELEASE_POINTS.contains(&name)
}

#[cfg(debug_assertions)]
static HOOK: std::sync::OnceLock<fn(&'static str)> = std::sync::OnceLock::new();

/// Chooses what happens at the places; the first call decides for this process.
#[cfg(debug_assertions)]
pub fn install(hook: fn(&'static str)) {
    // A second choice is not made.
    let _ = HOOK.set(hook);
}

/// Such a place.
#[inline]
pub fn point(name: &'static str) {
    #[cfg(debug_assertions)]
    {
        debug_assert!(is_point(name), "{name} is not among the points");
        if let Some(hook) = HOOK.get() {
            hook(name);
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = name;
}
