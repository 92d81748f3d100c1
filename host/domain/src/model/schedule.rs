//! When an event is to be published by itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::ChannelId;
use super::text::Localized;

/// A publish that is to begin by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    pub publish_at: Timestamp,
    /// None: the draft's own selection at that time.
    pub channels: Option<Vec<ChannelId>>,
    /// Why it did not begin when its time had come; it does not begin by itself any more then.
    pub problem: Option<Localized>,
}

impl Schedule {
    /// When it is to begin; none when it could not.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        self.problem.is_none().then_some(self.publish_at)
    }
}
