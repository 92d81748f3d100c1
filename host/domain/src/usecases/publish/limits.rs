//! How patient a publish is.

use std::time::Duration;

/// How long the steps of a publish may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishLimits {
    /// For the bus to acknowledge `EventCreated`.
    pub acknowledgement: Duration,
    /// How long a repeat with the same key waits for the first to finish.
    pub repeat_waits: Duration,
}

impl Default for PublishLimits {
    fn default() -> Self {
        Self {
            acknowledgement: Duration::from_secs(10),
            repeat_waits: Duration::from_secs(5),
        }
    }
}
