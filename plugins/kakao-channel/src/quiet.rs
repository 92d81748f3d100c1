//! The hours in which relays refuse advertising: 20:50 to 08:00 in Seoul.
//!
//! The law asks for a separate consent from 21:00; relays stop ten minutes earlier, so that
//! nothing is on its way at nine.

use core::time::Duration;

const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
const MINUTE_MS: u64 = 60_000;
/// Korea has no summer time.
const SEOUL_AHEAD_MS: u64 = 9 * 60 * MINUTE_MS;
const BEGIN_MS: u64 = (20 * 60 + 50) * MINUTE_MS;
const END_MS: u64 = 8 * 60 * MINUTE_MS;
/// If the relay says that it is night just after eight, its clock is behind ours.
const MORNING_MS: u64 = 10 * MINUTE_MS;

/// How long it is still quiet; `None` by day.
pub fn remaining(now_ms: u64) -> Option<Duration> {
    let time_ms = time_of_day_ms(now_ms);
    let until_end_ms = (END_MS + DAY_MS - time_ms) % DAY_MS;
    let is_day = (END_MS..BEGIN_MS).contains(&time_ms);
    (!is_day).then(|| Duration::from_millis(until_end_ms))
}

/// How long to wait after the relay itself has said that it is night.
pub fn until_retry(now_ms: u64) -> Duration {
    remaining(now_ms).unwrap_or_else(|| {
        let time_ms = time_of_day_ms(now_ms);
        let is_morning = time_ms < END_MS + MORNING_MS;
        Duration::from_millis(if is_morning {
            MORNING_MS
        } else {
            END_MS + DAY_MS - time_ms
        })
    })
}

fn time_of_day_ms(now_ms: u64) -> u64 {
    (now_ms + SEOUL_AHEAD_MS) % DAY_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-02 in Seoul.
    fn at(hour: u64, minute: u64) -> u64 {
        1_772_420_400_000 - 12 * 60 * MINUTE_MS + (hour * 60 + minute) * MINUTE_MS
    }

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(minutes * 60)
    }

    #[test]
    fn it_is_quiet_from_ten_to_nine_until_eight() {
        assert_eq!(remaining(at(20, 49)), None);
        assert_eq!(remaining(at(20, 50)), Some(minutes(11 * 60 + 10)));
        assert_eq!(remaining(at(23, 59)), Some(minutes(8 * 60 + 1)));
        assert_eq!(remaining(at(0, 0)), Some(minutes(8 * 60)));
        assert_eq!(remaining(at(7, 59)), Some(minutes(1)));
        assert_eq!(remaining(at(8, 0)), None);
        assert_eq!(remaining(at(12, 0)), None);
    }

    #[test]
    fn a_relay_that_says_night_is_believed() {
        assert_eq!(until_retry(at(22, 0)), minutes(10 * 60));
        assert_eq!(until_retry(at(8, 0)), minutes(10));
        assert_eq!(until_retry(at(20, 45)), minutes(11 * 60 + 15));
    }
}
