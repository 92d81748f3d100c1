//! A circuit breaker per channel: a pure function of results and time.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use crate::model::options;
use crate::model::time::after;

/// When a breaker opens, and for how long. The channels' is a section of the configuration:
/// `[breaker]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerPolicy {
    /// Failures in a row that open it. Default 10.
    #[serde(deserialize_with = "options::count::<1, 10_000, _, _>")]
    pub failures_to_open: u32,
    /// How long it stays open before one attempt may try. Default 15 s.
    #[serde(rename = "open_ms")]
    #[serde(deserialize_with = "options::duration::<100, 3_600_000, _>")]
    pub open_for: Duration,
    /// A trial that has not reported by then counts as lost: half-open cannot get stuck. Default
    /// 180 s; not an option.
    #[serde(skip)]
    pub trial_for: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures_to_open: 10,
            open_for: Duration::from_secs(15),
            trial_for: Duration::from_secs(180),
        }
    }
}

/// Keeps attempts away from a channel that fails again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    policy: BreakerPolicy,
    state: State,
}

/// What a breaker does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Lets everything through, and counts failures in a row.
    Closed { failures: u32 },
    /// Lets nothing through until then.
    Open { until: Timestamp },
    /// One trial is under way, and lost at that time.
    HalfOpen { lost_at: Timestamp },
}

/// Come back at that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerOpen {
    pub until: Timestamp,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub fn new(policy: BreakerPolicy) -> Self {
        Self {
            policy,
            state: State::Closed { failures: 0 },
        }
    }

    /// What it does now.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Asks to go through; the result is then reported by [`Breaker::succeeded`] or
    /// [`Breaker::failed`].
    ///
    /// # Errors
    /// [`BreakerOpen`] says when to come back.
    pub fn enter(&mut self, now: Timestamp) -> Result<(), BreakerOpen> {
        match self.state {
            State::Closed { .. } => Ok(()),
            State::Open { until } | State::HalfOpen { lost_at: until } if now < until => {
                Err(BreakerOpen { until })
            }
            State::Open { .. } | State::HalfOpen { .. } => {
                let lost_at = after(now, self.policy.trial_for);
                self.state = State::HalfOpen { lost_at };
                Ok(())
            }
        }
    }

    /// The provider answered: closed.
    pub fn succeeded(&mut self) {
        self.state = State::Closed { failures: 0 };
    }

    /// The provider or the component failed.
    pub fn failed(&mut self, now: Timestamp) {
        let failures = match self.state {
            State::Closed { failures } => failures + 1,
            State::Open { .. } => return,
            State::HalfOpen { .. } => self.policy.failures_to_open,
        };
        self.state = if failures >= self.policy.failures_to_open {
            State::Open {
                until: after(now, self.policy.open_for),
            }
        } else {
            State::Closed { failures }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a valid time")
    }

    #[test]
    fn a_breaker_opens_after_consecutive_failures_and_lets_one_trial_through() {
        let mut breaker = Breaker::new(BreakerPolicy::default());
        (0..9).for_each(|_| breaker.failed(at(0)));
        breaker.succeeded();
        (0..10).for_each(|_| breaker.failed(at(0)));
        assert_eq!(breaker.enter(at(14)), Err(BreakerOpen { until: at(15) }));
        assert_eq!(breaker.enter(at(15)), Ok(()));
        assert!(breaker.enter(at(16)).is_err(), "one trial at a time");
        breaker.failed(at(17));
        assert_eq!(breaker.enter(at(18)), Err(BreakerOpen { until: at(32) }));
        assert_eq!(breaker.enter(at(32)), Ok(()));
        breaker.succeeded();
        assert_eq!(breaker.state(), State::Closed { failures: 0 });
    }

    #[test]
    fn an_unreported_trial_does_not_keep_a_breaker_half_open() {
        let mut breaker = Breaker::new(BreakerPolicy::default());
        (0..10).for_each(|_| breaker.failed(at(0)));
        assert_eq!(breaker.enter(at(20)), Ok(()));
        assert_eq!(breaker.enter(at(200)), Ok(()));
    }
}
