//! A breaker that hears of every call's end, also of one that was dropped.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use baepo_domain::Timestamp;
use baepo_domain::model::breaker::{Breaker, BreakerPolicy, State};
use baepo_domain::model::time::until;

/// The breaker of the distribution service.
pub struct GuardedBreaker {
    breaker: Mutex<Breaker>,
    longest_wait: Duration,
}

/// A call that was let through. Dropped without a word it says nothing of the service, but gives
/// its place as a trial free.
#[must_use]
pub struct BreakerPermit<'a> {
    breaker: &'a GuardedBreaker,
    entered_at: Timestamp,
    reported: bool,
}

impl GuardedBreaker {
    pub fn new(policy: BreakerPolicy) -> Self {
        Self {
            breaker: Mutex::new(Breaker::new(policy)),
            longest_wait: policy.open_for,
        }
    }

    pub fn state(&self) -> State {
        self.lock().state()
    }

    /// `Err`: when to come back.
    pub fn enter(&self, now: Timestamp) -> Result<BreakerPermit<'_>, Duration> {
        match self.update(|breaker| breaker.enter(now), "one call tries") {
            Ok(()) => Ok(BreakerPermit {
                breaker: self,
                entered_at: now,
                reported: false,
            }),
            // The trial ends with its call, most often long before it would count as lost.
            Err(refused) => Err(until(now, refused.until).min(self.longest_wait)),
        }
    }

    /// Acts, and says so when the breaker's state is another one then.
    fn update<T>(&self, act: impl FnOnce(&mut Breaker) -> T, why: &str) -> T {
        let (result, before, after) = {
            let mut breaker = self.lock();
            let before = breaker.state();
            let result = act(&mut breaker);
            (result, before, breaker.state())
        };
        if name(before) != name(after) {
            let (from, to) = (name(before), name(after));
            tracing::warn!(
                from,
                to,
                why,
                "the breaker of the distribution service moved"
            );
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BreakerPermit<'_> {
    pub fn succeeded(&mut self) {
        self.reported = true;
        self.breaker
            .update(Breaker::succeeded, "the service answers");
    }

    pub fn failed(&mut self, now: Timestamp, why: &str) {
        self.reported = true;
        self.breaker.update(|breaker| breaker.failed(now), why);
    }
}

impl Drop for BreakerPermit<'_> {
    fn drop(&mut self) {
        if self.reported {
            return;
        }
        let is_trial = matches!(self.breaker.state(), State::HalfOpen { .. });
        if is_trial {
            let at = self.entered_at;
            self.breaker
                .update(|breaker| breaker.failed(at), "the trial was given up");
        }
    }
}

/// As an operator reads it.
pub fn name(state: State) -> &'static str {
    match state {
        State::Closed { .. } => "closed",
        State::Open { .. } => "open",
        State::HalfOpen { .. } => "half-open",
    }
}
