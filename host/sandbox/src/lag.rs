//! Reads that lag behind: what a request does is done at once, and shown later.

use axum::http::Extensions;
use jiff::{SignedDuration, Timestamp};

/// By how much what a provider shows lags behind what one request does; not at all without a fault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ReadLag {
    /// What is read by its id.
    pub(crate) reads_ms: u32,
    /// What is looked for in a list, or by what the client calls it. At least as much.
    pub(crate) lists_ms: u32,
}

/// From when on something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Visibility {
    read: Timestamp,
    listed: Timestamp,
}

impl ReadLag {
    /// That of the request with these extensions.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or_default()
    }

    /// Of what happens now.
    pub(crate) fn from(self, now: Timestamp) -> Visibility {
        let after = |ms: u32| now + SignedDuration::from_millis(ms.into());
        Visibility {
            read: after(self.reads_ms),
            listed: after(self.lists_ms.max(self.reads_ms)),
        }
    }
}

impl Visibility {
    pub(crate) fn is_readable(&self, now: Timestamp) -> bool {
        self.read <= now
    }

    pub(crate) fn is_listed(&self, now: Timestamp) -> bool {
        self.listed <= now
    }
}
