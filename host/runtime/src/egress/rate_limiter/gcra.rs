//! The limit of one host alone.
//!
//! The generic cell rate algorithm: it keeps one point in time, and up to one second's worth of
//! requests may pass at once. `governor` does the same with more choices than are needed
//! here, and with a clock that is not tokio's.

use std::time::Duration;

use tokio::time::Instant;

/// The burst that may pass at once, in time.
pub(super) const SECOND: Duration = Duration::from_secs(1);

/// When the requests so far would be through if they had come evenly (the theoretical arrival time).
#[derive(Debug, Clone, Copy)]
pub(super) struct Gcra(Instant);

impl Gcra {
    /// Nothing has passed so far.
    pub(super) fn empty(now: Instant) -> Self {
        Self(now)
    }

    /// Takes the next turn, unless it is after `deadline`.
    pub(super) fn reserve(
        &mut self,
        per_second: u32,
        now: Instant,
        deadline: Instant,
    ) -> Option<Instant> {
        let interval = SECOND / per_second.max(1);
        let even = self.0.max(now);
        let turn = (even + interval)
            .checked_sub(SECOND)
            .map_or(now, |turn| turn.max(now));
        if turn > deadline {
            return None;
        }
        self.0 = even + interval;
        Some(turn)
    }

    /// Counts a request that passed by the shared limit, so that a host which falls back to its own
    /// does not send another second's worth at once.
    pub(super) fn record(&mut self, per_second: u32, now: Instant) {
        let interval = SECOND / per_second.max(1);
        self.0 = (self.0.max(now) + interval).min(now + SECOND);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns_in_ms(per_second: u32, requests: usize, deadline: Duration) -> Vec<Option<u128>> {
        let now = Instant::now();
        let mut gcra = Gcra(now);
        let mut reserve = || gcra.reserve(per_second, now, now + deadline);
        (0..requests)
            .map(|_| reserve().map(|turn| (turn - now).as_millis()))
            .collect()
    }

    #[test]
    fn a_second_of_burst_passes_immediately_and_the_rest_evenly() {
        let turns = turns_in_ms(4, 7, Duration::from_secs(9));
        assert_eq!(turns, [0, 0, 0, 0, 250, 500, 750].map(Some));
    }

    #[test]
    fn a_turn_after_the_deadline_is_not_reserved() {
        let turns = turns_in_ms(1, 4, Duration::from_secs(1));
        assert_eq!(turns, [Some(0), Some(1_000), None, None]);
    }

    #[test]
    fn zero_requests_per_second_count_as_one() {
        assert_eq!(
            turns_in_ms(0, 2, Duration::from_secs(9)),
            [Some(0), Some(1_000)]
        );
    }
}
