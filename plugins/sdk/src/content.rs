//! Short ways to make and read the plain data of the contract.

use crate::bindings::imports::baepo::channel::types::{
    Content, Finding, Media, MediaKind, Outcome, Receipt, Severity,
};

impl Content {
    /// The media of one kind, with their places in [`Content::media`].
    pub fn media_of(&self, kind: MediaKind) -> impl Iterator<Item = (usize, &Media)> {
        self.media
            .iter()
            .enumerate()
            .filter(move |(_, media)| media.kind == kind)
    }
}

impl Finding {
    /// Stops this content on this channel. `at` is a JSON pointer, see the crate's docs.
    #[must_use]
    pub fn error(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            at: at.into(),
            message: message.into(),
        }
    }

    /// Spoils this content on this channel, yet does not stop it.
    #[must_use]
    pub fn warning(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            at: at.into(),
            message: message.into(),
        }
    }
}

impl Receipt {
    /// A receipt that knows nothing yet.
    pub const EMPTY: Self = Self {
        external_id: None,
        url: None,
        estimated_reach: None,
    };
}

impl Outcome {
    /// The public can see it.
    #[must_use]
    pub fn live(external_id: Option<&str>, url: Option<&str>) -> Self {
        Self::Live(Receipt {
            external_id: external_id.map(Into::into),
            url: url.map(Into::into),
            estimated_reach: None,
        })
    }
}
