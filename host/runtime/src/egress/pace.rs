//! Requests per second of one channel to one origin.
//!
//! The generic cell rate algorithm: a lane remembers one point in time, and up to one second's
//! worth of requests may pass at once. `governor` does the same with more choices than are needed
//! here, and with a clock that is not tokio's.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use baepo_domain::id::ChannelId;
use tokio::time::Instant;
use url::Url;

const SECOND: Duration = Duration::from_secs(1);

/// Who waits for whom. Only granted origins come here, so there are as many lanes as grants.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<HashMap<(ChannelId, String), Lane>>);

/// When the requests so far would have been through, had they come evenly.
#[derive(Debug, Clone, Copy)]
struct Lane(Instant);

impl Pace {
    /// Waits for the turn of a request; `false`, at once, when it will not come before `deadline`.
    pub(super) async fn turn(
        &self,
        channel: &ChannelId,
        url: &Url,
        per_second: u32,
        deadline: Instant,
    ) -> bool {
        let now = Instant::now();
        let turn = {
            let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let key = (channel.clone(), url.origin().ascii_serialization());
            lanes
                .entry(key)
                .or_insert(Lane(now))
                .reserve(per_second, now, deadline)
        };
        match turn {
            Some(turn) => {
                if turn > now {
                    tokio::time::sleep_until(turn).await;
                }
                true
            }
            None => false,
        }
    }
}

impl Lane {
    /// Takes the next turn, unless it is after `deadline`.
    fn reserve(&mut self, per_second: u32, now: Instant, deadline: Instant) -> Option<Instant> {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns_in_ms(per_second: u32, requests: usize, deadline: Duration) -> Vec<Option<u128>> {
        let now = Instant::now();
        let mut lane = Lane(now);
        let mut reserve = || lane.reserve(per_second, now, now + deadline);
        (0..requests)
            .map(|_| reserve().map(|turn| (turn - now).as_millis()))
            .collect()
    }

    #[test]
    fn a_seconds_worth_passes_at_once_and_the_rest_evenly() {
        let turns = turns_in_ms(4, 7, Duration::from_secs(9));
        assert_eq!(turns, [0, 0, 0, 0, 250, 500, 750].map(Some));
    }

    #[test]
    fn who_cannot_have_a_turn_in_time_does_not_take_one() {
        let turns = turns_in_ms(1, 4, Duration::from_secs(1));
        assert_eq!(turns, [Some(0), Some(1_000), None, None]);
    }

    #[test]
    fn no_requests_per_second_count_as_one() {
        assert_eq!(
            turns_in_ms(0, 2, Duration::from_secs(9)),
            [Some(0), Some(1_000)]
        );
    }
}
