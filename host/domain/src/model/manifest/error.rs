//! Why a `channel.toml` is not one, and what is refused before it is read.

use crate::model::number::grouped;

/// The six channels have up to 7 KB.
pub(super) const MANIFEST_BYTES: usize = 64 << 10;
/// Of an error's text: it quotes what is wrong, which is as long as its author likes.
pub(super) const ERROR_CHARACTERS: usize = 1_000;

/// Why a `channel.toml` is not one.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("channel.toml has {bytes} bytes, allowed are {allowed}: shorten its texts")]
    TooLong { bytes: String, allowed: String },
    #[error("channel.toml is not valid: {0}")]
    Syntax(String),
    #[error("channel.toml: {at}: {problem}")]
    Rule { at: String, problem: String },
}

/// Whether a text is short enough to be read.
pub(super) fn check_length(text: &str) -> Result<(), ManifestError> {
    if text.len() <= MANIFEST_BYTES {
        return Ok(());
    }
    Err(ManifestError::TooLong {
        bytes: grouped(text.len() as u64),
        allowed: grouped(MANIFEST_BYTES as u64),
    })
}

/// What is kept of an error's text.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(ERROR_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
