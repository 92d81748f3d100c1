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
    /// Work that must go on at that time, and may go on before: any process takes it.
    #[must_use]
    pub fn postponed(until: Timestamp) -> Self {
        let holder = HolderId::NOBODY;
        Self { holder, until }
    }

    /// Whether no process holds it, so that any may go on.
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
