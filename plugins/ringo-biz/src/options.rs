//! What an owner chooses per event.

use serde::{Deserialize, Serialize};

/// As `[options]` of `channel.toml` declares it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    /// There is no default: `check` asks for it.
    pub(crate) phone_number: String,
    pub(crate) voice: Voice,
    /// Empty: title and body.
    pub(crate) script: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Voice {
    #[default]
    FemaleCalm,
    FemaleBright,
    MaleCalm,
}

impl Options {
    /// Digits only, as KT writes a line.
    pub(crate) fn line(&self) -> String {
        self.phone_number
            .chars()
            .filter(char::is_ascii_digit)
            .collect()
    }
}
