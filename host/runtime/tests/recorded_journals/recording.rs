//! A recorded attempt, and its file.

use std::path::PathBuf;

use baepo_domain::Timestamp;
use baepo_domain::model::attempt::AttemptInput;
use baepo_domain::model::journal::Entry;
use serde::{Deserialize, Serialize};

/// Every channel of this repository.
pub const CHANNELS: [&str; 6] = [
    "genie-tv",
    "instagram",
    "kakao-channel",
    "naver-blog",
    "ringo-biz",
    "uridongne-tv",
];
/// The guests that call the host, or end in their own way.
pub const GUESTS: [&str; 5] = ["any_outcome", "echo", "every_import", "slow", "webhook"];

/// An attempt from its beginning to its end.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recording {
    pub started_at: Timestamp,
    pub beginning: AttemptInput,
    /// The name of how it ended.
    pub end: String,
    pub journal: Vec<Entry>,
}

pub fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recorded_journals/journals");
    folder.join(format!("{name}.json"))
}

pub fn written(recording: &Recording) -> String {
    serde_json::to_string_pretty(recording).unwrap() + "\n"
}
