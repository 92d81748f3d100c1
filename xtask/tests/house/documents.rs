//! What documents name in backticks: files, which must be there.

use std::path::{Path, PathBuf};

use super::workspace::{root, tracked_files};

/// First folders of paths from the repository's root; what else stands in backticks is no path.
const ROOMS: [&str; 8] = [
    "deploy",
    "docs",
    "host",
    "migrations",
    "plugins",
    "tests",
    "wit",
    "xtask",
];

/// The documents that describe what is; decisions (`docs/adr`) and the changelog describe what was.
pub fn documents() -> Vec<PathBuf> {
    let documents = tracked_files().into_iter().filter(|path| {
        let path = path.strip_prefix(root()).unwrap_or(path);
        let is_past = path.starts_with("docs/adr") || path == Path::new("CHANGELOG.md");
        path.extension().is_some_and(|kind| kind == "md") && !is_past
    });
    documents.collect()
}

/// Paths from the root that `text` names, such as `host/src/app.rs`; without patterns and placeholders.
pub fn paths(text: &str) -> impl Iterator<Item = &str> {
    // Every second part of a line stands between backticks.
    let spans = text
        .lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    spans.filter(|span| {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
        let room = span.split('/').next().unwrap_or_default();
        span.contains('/') && span.chars().all(is_plain) && ROOMS.contains(&room)
    })
}
