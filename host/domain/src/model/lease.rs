//! Who works on something, and until when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::HolderId;

/// The right to work on something until a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    pub holder: HolderId,
    pub until: Timestamp,
}

impl Lease {
    /// Work that somebody must go on with then; whoever wants to may do so before.
    #[must_use]
    pub fn postponed(until: Timestamp) -> Self {
        let holder = HolderId::NOBODY;
        Self { holder, until }
    }

    /// Whether nobody holds it, so that whoever wants to may go on.
    #[must_use]
    pub fn is_postponed(&self) -> bool {
        self.holder == HolderId::NOBODY
    }

    /// Whether it keeps others out at `now`.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        !self.is_postponed() && now < self.until
    }
}
