//! What a test can change about the three providers, all of them together.

use serde::Serialize;

use crate::settings::{Inventory, Lines, Review, SettingsChange};

const REJECTION_REASON: &str =
    "표시·광고 심의 기준에 맞지 않는 문구가 있습니다. 문구를 고친 뒤 다시 신청해 주세요.";

/// What `GET /_control/settings` shows.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    /// How long a creative or a tone that comes in now is `PROCESSING`.
    pub(super) creative_ms: u32,
    /// How long a review takes, also one that has begun.
    pub(super) review_ms: u32,
    /// How a review ends that ends from now on.
    pub(super) review: Review,
    pub(super) rejection_reason: String,
    pub(super) inventory: Inventory,
    /// Won.
    pub(super) min_budget: u64,
    pub(super) lines: Lines,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            creative_ms: 1_000,
            review_ms: 180_000,
            review: Review::Approve,
            rejection_reason: REJECTION_REASON.to_owned(),
            inventory: Inventory::Available,
            min_budget: 100_000,
            lines: Lines::Owned,
        }
    }
}

impl Settings {
    pub(super) fn change(&mut self, change: &SettingsChange) {
        self.creative_ms = change.creative_ms.unwrap_or(self.creative_ms);
        self.review_ms = change.review_ms.unwrap_or(self.review_ms);
        self.review = change.review.unwrap_or(self.review);
        if let Some(reason) = &change.rejection_reason {
            self.rejection_reason.clone_from(reason);
        }
        self.inventory = change.inventory.unwrap_or(self.inventory);
        self.min_budget = change.min_budget.unwrap_or(self.min_budget);
        self.lines = change.lines.unwrap_or(self.lines);
    }
}
