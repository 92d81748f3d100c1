//! What is known of an earlier request with the same key.

use serde_json::Value;

use super::answer::Publication;

/// What is known of an earlier request with the same key.
pub(super) enum PriorPublish {
    None,
    /// It has no answer yet, or was cut off.
    Running,
    /// Its answer is given again.
    Final(Publication),
    /// It failed and said that it can be tried again: so it is, and this answer is replaced.
    Failed(Value),
    /// Its answer was not the last word.
    Open(InterimPublication),
}

/// An answer that was not the last word.
pub(super) struct InterimPublication {
    pub publication: Publication,
    /// As it is stored.
    pub answer: Value,
}
