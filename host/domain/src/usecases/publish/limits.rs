//! How patient a publish is.

use std::time::Duration;

use serde::Deserialize;

use crate::model::options;

/// How long the steps of a publish may take: options of `[publish]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PublishLimits {
    /// For the bus to acknowledge `EventCreated`. Default 10 s.
    #[serde(rename = "acknowledgement_ms")]
    #[serde(deserialize_with = "options::duration::<100, 60_000, _>")]
    pub acknowledgement: Duration,
    /// How long a repeat with the same key waits for the first to finish. Default 5 s.
    #[serde(rename = "idempotency_wait_ms")]
    #[serde(deserialize_with = "options::duration::<0, 60_000, _>")]
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
