//! Releases for the eyes of an operator.

use baepo_domain::model::oci_reference::OciReference;
use serde_json::Value;

/// A line per release, below it what it waits for.
pub(super) fn list<'a>(channels: impl IntoIterator<Item = &'a Value>) {
    println!(
        "{:<18} {:<14} {:<14} {:>8} {:>6}  INSTALLED",
        "CHANNEL", "RELEASE", "STATE", "KB", "HELD"
    );
    let (mut count, mut waiting) = (0, 0);
    for channel in channels {
        count += 1;
        for release in items(&channel["releases"]) {
            println!(
                "{:<18} {:<14} {:<14} {:>8} {:>6}  {}{}",
                text(channel, "id"),
                short(text(release, "digest")),
                text(release, "state"),
                release["bytes"].as_u64().unwrap_or(0).div_ceil(1_000),
                release["holders"].as_u64().unwrap_or(0),
                text(release, "installedAt"),
                origin(release),
            );
            waiting += usize::from(!items(&release["pending"]).is_empty());
        }
        let more = channel["moreReleases"].as_u64().unwrap_or(0);
        if more > 0 {
            let id = text(channel, "id");
            println!("{id:<18} and {more} older ones: baepo channel show {id}");
        }
    }
    println!("{count} channels, {waiting} releases wait for an approval");
    if waiting > 0 {
        println!("  see what they ask for: baepo channel show CHANNEL");
    }
}

/// What the host answered about a release.
pub(super) fn answer(of: &Value, as_json: bool) {
    match as_json {
        true => println!("{of}"),
        false => release(of),
    }
}

/// Why a release is rejected: it may quote what its author wrote, which must not command a terminal.
pub(super) fn reason(release: &Value) -> String {
    let commands = |c: char| c.is_control() && c != '\n';
    let mut legible = String::new();
    for c in text(release, "reason").chars() {
        match commands(c) {
            true => legible.extend(c.escape_default()),
            false => legible.push(c),
        }
    }
    legible
}

/// One release, with what it waits for.
pub(super) fn release(release: &Value) {
    println!(
        "{} {} is {}{}",
        text(release, "channel"),
        short(text(release, "digest")),
        text(release, "state"),
        origin(release)
    );
    let pending = items(&release["pending"]);
    if pending.is_empty() {
        return;
    }
    println!("it asks for what the active release was not given:");
    for asked in pending {
        println!("  {}", asked.as_str().unwrap_or("?"));
    }
    println!(
        "approve it when you have looked at each: baepo channel approve {channel} {digest} --all\n\
         then promote it: baepo channel promote {channel} {digest}",
        channel = text(release, "channel"),
        digest = short(text(release, "digest"))
    );
}

/// Where in a registry a release came from and who signed it, to follow other words.
fn origin(release: &Value) -> String {
    let source = release["source"].as_str();
    let source = source.filter(|source| source.starts_with(OciReference::SCHEME));
    let source = source.map(|source| format!(" from {source}"));
    let key = release["signedBy"].as_str();
    let key = key.map(|key| format!(" signed by {key}"));
    source.unwrap_or_default() + &key.unwrap_or_default()
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(of: &'a Value, key: &str) -> &'a str {
    of[key].as_str().unwrap_or("?")
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
