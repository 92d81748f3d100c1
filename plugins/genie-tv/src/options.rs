//! What an owner chooses per event.

use baepo_kt::tv::order::TimeBand;
use serde::Deserialize;

/// As `[options]` of `channel.toml` declares it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    /// Codes of administrative districts. There is no default: `check` asks for one.
    pub(crate) areas: Vec<String>,
    pub(crate) time_bands: Vec<TimeBand>,
    /// None: KT chooses.
    pub(crate) tv_channels: Vec<String>,
    /// In won. There is no default: `check` asks for it.
    pub(crate) budget: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            areas: Vec::new(),
            time_bands: vec![TimeBand::Evening],
            tv_channels: Vec::new(),
            budget: 0,
        }
    }
}
