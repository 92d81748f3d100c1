//! The times that are computed with, and sums that stay within them.

use std::time::Duration;

use jiff::Timestamp;

/// The latest time that is reckoned with: 9999-12-30T00:00:00Z. Every store reads it back, and it can be
/// shown in every time zone. `Timestamp::MAX` is not a whole millisecond, and in milliseconds it is
/// more than can be read.
pub const LATEST: Timestamp = Timestamp::constant(253_402_128_000, 0);
/// The earliest: 0001-01-01T00:00:00Z.
pub const EARLIEST: Timestamp = Timestamp::constant(-62_135_596_800, 0);

/// The time of these Unix milliseconds, held between [`EARLIEST`] and [`LATEST`].
#[must_use]
pub fn at_millisecond(millis: i64) -> Timestamp {
    let bounded = millis.clamp(EARLIEST.as_millisecond(), LATEST.as_millisecond());
    // Within these bounds there is a time for every millisecond.
    Timestamp::from_millisecond(bounded).unwrap_or(LATEST)
}

/// `time` plus `duration`, at most [`LATEST`]; in whole milliseconds.
#[must_use]
pub fn after(time: Timestamp, duration: Duration) -> Timestamp {
    let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    at_millisecond(time.as_millisecond().saturating_add(millis))
}

/// `time` less `duration`, at least [`EARLIEST`]; in whole milliseconds.
#[must_use]
pub fn before(time: Timestamp, duration: Duration) -> Timestamp {
    let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    at_millisecond(time.as_millisecond().saturating_sub(millis))
}

/// How long it is from `now` until `time`; zero when it has passed.
#[must_use]
pub fn until(now: Timestamp, time: Timestamp) -> Duration {
    let millis = time.as_millisecond().saturating_sub(now.as_millisecond());
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn computed_times_are_whole_readable_milliseconds(
            start in any::<i64>(), millis in any::<u64>(),
        ) {
            let (start, duration) = (at_millisecond(start), Duration::from_millis(millis));
            for time in [start, after(start, duration), before(start, duration)] {
                prop_assert!((EARLIEST..=LATEST).contains(&time));
                prop_assert_eq!(Timestamp::from_millisecond(time.as_millisecond()).ok(), Some(time));
                prop_assert_eq!(time.to_string().parse::<Timestamp>().ok(), Some(time));
            }
        }
    }

    #[test]
    fn an_endless_duration_ends_at_the_latest_time() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(after(now, Duration::MAX), LATEST);
        assert_eq!(before(now, Duration::MAX), EARLIEST);
        assert_eq!(LATEST.to_string(), "9999-12-30T00:00:00Z");
        assert_eq!(EARLIEST.to_string(), "0001-01-01T00:00:00Z");
    }
}
