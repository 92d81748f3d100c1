//! `[publish]`: how patient the work on an event is.

use std::time::Duration;

use baepo_domain::model::options;
use baepo_domain::usecases::publish::PublishLimits;
use serde::Deserialize;

use crate::api::ConcurrencyLimits;

/// How long the steps of a publish may take.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PublishConfig {
    /// The caller has its answer by then, in ms. Default 65,000: below the 70 s after which callers
    /// of the distribution give up.
    #[serde(deserialize_with = "options::ms::<1, 65_000, _, _>")]
    pub answer_within_ms: u64,
    /// How long work that nobody renews is kept for the host that does it, in ms. Default 30,000.
    #[serde(deserialize_with = "options::ms::<1_000, 600_000, _, _>")]
    pub lease_ms: u64,
    /// How long the journal of an attempt is kept; then only how it ended. Default 30.
    #[serde(deserialize_with = "options::days::<1, 3_650, _, _>")]
    pub journal_days: u32,
    /// Calls at once that run channels: to publish, check or withdraw. Default 1,000.
    #[serde(deserialize_with = "options::count::<1, 100_000, _, _>")]
    pub max_running: u32,
    /// Of these, those of one owner. Default: a quarter.
    #[serde(deserialize_with = "options::optional_count::<1, 100_000, _, _>")]
    pub running_per_owner: Option<u32>,
    #[serde(rename = "")]
    pub limits: PublishLimits,
}

impl PublishConfig {
    /// How many calls may run channels at once.
    pub fn running(&self) -> ConcurrencyLimits {
        ConcurrencyLimits::new(self.max_running, self.running_per_owner)
    }

    /// How long the journal of an attempt is kept.
    pub fn journals_kept(&self) -> Duration {
        Duration::from_secs(u64::from(self.journal_days) * 86_400)
    }
}

impl Default for PublishConfig {
    fn default() -> Self {
        Self {
            answer_within_ms: 65_000,
            lease_ms: 30_000,
            journal_days: 30,
            max_running: 1_000,
            running_per_owner: None,
            limits: PublishLimits::default(),
        }
    }
}
