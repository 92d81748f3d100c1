//! When to try again: a pure function of the attempt, the policy and chance.

use std::time::Duration;

use serde::Deserialize;

use crate::model::options::{self, Contradiction};

/// How often and how patiently the host retries `unavailable` and `rate-limited`. It is a section of
/// the configuration: `[retry]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryPolicy {
    /// Attempts in all, the first included. Default 8.
    #[serde(deserialize_with = "options::count::<1, 1_000, _, _>")]
    pub max_attempts: u32,
    /// Before the second attempt, on average; doubles from there. Default 2 s.
    #[serde(rename = "base_ms")]
    #[serde(deserialize_with = "options::duration::<1, 3_600_000, _>")]
    pub base: Duration,
    /// No wait is longer, unless the provider asks for it. Default 600 s.
    #[serde(rename = "cap_ms")]
    #[serde(deserialize_with = "options::duration::<1, 86_400_000, _>")]
    pub cap: Duration,
    /// No wait is longer, whatever the provider asks for. Default a day.
    #[serde(rename = "longest_asked_ms")]
    #[serde(deserialize_with = "options::duration::<1_000, 2_592_000_000, _>")]
    pub longest_asked: Duration,
}

impl Default for RetryPolicy {
    /// Eight attempts, with two to four minutes of waits between them in all.
    fn default() -> Self {
        Self {
            max_attempts: 8,
            base: Duration::from_secs(2),
            cap: Duration::from_secs(600),
            longest_asked: Duration::from_secs(24 * 3_600),
        }
    }
}

impl RetryPolicy {
    /// What does not fit together, as the options of `section`.
    #[must_use]
    pub fn contradictions(&self, section: &str) -> Vec<Contradiction> {
        let (base, cap) = (format!("{section}.base_ms"), format!("{section}.cap_ms"));
        let why = "the first wait would be longer than the longest";
        let found = Contradiction::if_above((&base, self.base), (&cap, self.cap), why);
        found.into_iter().collect()
    }

    /// How long to wait after attempt number `attempt` (1 = the first), or `None` when it was the
    /// last. `chance` is uniform in `0.0..1.0`: half of the wait is fixed and half is drawn, so
    /// that many deliveries that failed together do not come back together. The provider's
    /// `retry_after` is not undercut, up to `longest_asked`.
    #[must_use]
    pub fn wait(
        &self,
        attempt: u32,
        retry_after: Option<Duration>,
        chance: f64,
    ) -> Option<Duration> {
        if attempt >= self.max_attempts {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(31);
        let full = self.base.saturating_mul(1 << doublings).min(self.cap);
        let jittered = full.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0);
        // Jitter comes on top of what the provider asked for: it must not be undercut, and its
        // clients must not return in one moment.
        Some(retry_after.map_or(jittered, |asked| {
            asked.saturating_add(jittered / 4).min(self.longest_asked)
        }))
    }

    /// What the operator reads of a wait that a provider asked for.
    #[must_use]
    pub fn describe_wait(&self, asked_ms: u64) -> String {
        let longest_ms = self.longest_asked.as_millis();
        if u128::from(asked_ms) <= longest_ms {
            return format!("come back in {asked_ms} ms");
        }
        format!(
            "come back in {asked_ms} ms; limit \"retry.longest_asked_ms\": it is tried again in \
             {longest_ms} ms"
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_wait_is_bounded(attempt in 1u32..200, chance in 0.0f64..1.0) {
            let policy = RetryPolicy { max_attempts: 100, ..RetryPolicy::default() };
            match policy.wait(attempt, None, chance) {
                Some(wait) => {
                    prop_assert!(attempt < 100);
                    prop_assert!(wait >= policy.base / 2 && wait <= policy.cap);
                }
                None => prop_assert!(attempt >= 100),
            }
        }

        #[test]
        fn a_wait_is_never_shorter_than_the_provider_asks(attempt in 1u32..7, asked in 0u64..100_000, chance in 0.0f64..1.0) {
            let asked = Duration::from_millis(asked);
            let wait = RetryPolicy::default().wait(attempt, Some(asked), chance);
            prop_assert!(wait.is_some_and(|wait| wait >= asked));
        }

        #[test]
        fn a_wait_never_exceeds_the_longest_wait(asked: u64, chance in 0.0f64..1.0) {
            let policy = RetryPolicy::default();
            let wait = policy.wait(1, Some(Duration::from_millis(asked)), chance);
            prop_assert!(wait.is_some_and(|wait| wait <= policy.longest_asked));
            let is_cut = Duration::from_millis(asked) > policy.longest_asked;
            prop_assert_eq!(policy.describe_wait(asked).contains("retry.longest_asked_ms"), is_cut);
        }
    }
}
