//! Reading, deciding and committing again after a conflict.

use std::time::Duration;

use crate::ports::chance::Chance;
use crate::ports::clock::Clock;
use crate::ports::{CommitError, StoreError};

/// Pauses between tries to read, decide and commit while others are faster. The first retry is at
/// once; from then on each pause is about twice the one before, half of it random, so that tasks that
/// conflicted once do not conflict again.
pub struct ConflictBackoff<'a> {
    clock: &'a dyn Clock,
    chance: &'a Chance,
    conflicts: u32,
}

/// Before the third try.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);
/// About six seconds: conflicts for longer than that are not chance.
const MAX_CONFLICTS: u32 = 40;

impl<'a> ConflictBackoff<'a> {
    #[must_use]
    pub fn new(clock: &'a dyn Clock, chance: &'a Chance) -> Self {
        Self {
            clock,
            chance,
            conflicts: 0,
        }
    }

    /// Whether a commit was made. After a conflict it returns when the commit is to be tried again.
    ///
    /// # Errors
    /// When the store cannot answer, or the conflicts do not end.
    pub async fn committed(&mut self, commit: Result<(), CommitError>) -> Result<bool, StoreError> {
        match commit {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict(_)) => self.pause().await.map(|()| false),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// To be called after a conflict, before it is tried again.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn pause(&mut self) -> Result<(), StoreError> {
        self.conflicts += 1;
        if self.conflicts > MAX_CONFLICTS {
            let why = format!("what was to be changed changed {MAX_CONFLICTS} times meanwhile");
            return Err(StoreError(why.into()));
        }
        let Some(doublings) = self.conflicts.checked_sub(2) else {
            return Ok(());
        };
        let full = FIRST_PAUSE.saturating_mul(1 << doublings.min(16));
        let share = 0.5 + self.chance.unit() / 2.0;
        let pause = full.min(LONGEST_PAUSE).mul_f64(share);
        self.clock.sleep(pause).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::FutureExt as _;
    use futures::future::BoxFuture;
    use jiff::Timestamp;

    use super::*;

    /// Notes how long it was to sleep, and does not.
    #[derive(Debug, Default)]
    struct RecordingClock(Mutex<Vec<Duration>>);

    impl Clock for RecordingClock {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
            self.0.lock().unwrap().push(duration);
            futures::future::ready(()).boxed()
        }
    }

    #[test]
    fn a_lasting_conflict_is_retried_with_growing_pauses_up_to_a_limit() {
        let (clock, chance) = (RecordingClock::default(), Chance::seeded([7; 32]));
        let mut contention = ConflictBackoff::new(&clock, &chance);
        let mut tries = 0;
        let why = loop {
            match contention.pause().now_or_never().unwrap() {
                Ok(()) => tries += 1,
                Err(why) => break why.to_string(),
            }
        };
        assert_eq!(tries, MAX_CONFLICTS);
        assert!(why.contains("40 times"), "{why}");
        let pauses = clock.0.into_inner().unwrap();
        assert_eq!(pauses.len(), 39, "the first is none");
        for (pause, doublings) in pauses.iter().zip(0..) {
            let full = FIRST_PAUSE.saturating_mul(1 << doublings.min(16));
            let full = full.min(LONGEST_PAUSE);
            assert!(
                *pause >= full / 2 && *pause <= full,
                "{pause:?} of {full:?}"
            );
        }
        let total: Duration = pauses.iter().sum();
        assert!(total < Duration::from_secs(10), "{total:?}");
    }
}
