//! `PATCH /_control/settings`: how the stand-ins behave, from outside.
//!
//! One list for all of them, so that an unknown name is refused. Each stand-in takes what
//! is its own, and has its own defaults.

use serde::{Deserialize, Serialize};

/// What is absent stays as it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SettingsChange {
    // Instagram
    pub(crate) video_reads: Option<u32>,
    pub(crate) publishing_quota: Option<u32>,
    // 우리동네TV, 지니TV, 링고비즈
    pub(crate) creative_ms: Option<u32>,
    pub(crate) review_ms: Option<u32>,
    pub(crate) review: Option<Review>,
    pub(crate) rejection_reason: Option<String>,
    pub(crate) inventory: Option<Inventory>,
    pub(crate) min_budget: Option<u64>,
    pub(crate) lines: Option<Lines>,
}

/// How a review ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Review {
    Approve,
    Reject,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Inventory {
    Available,
    SoldOut,
}

/// Whether the lines that are asked about belong to who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Lines {
    Owned,
    NotOwned,
}
