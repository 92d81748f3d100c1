//! The stand-ins' own clock: the system's, and as far ahead of it as a test has moved it.
//!
//! A container expires after a day and an idempotency key after ten minutes; no test waits for
//! that. `POST /_control/clock` moves time forward instead.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// Korea has had no summer time since 1988, so its offset is a constant.
const SEOUL: Offset = Offset::constant(9);

/// NHN Cloud writes and reads times as Korean wall clock, to the minute.
const SEOUL_MINUTE: &str = "%Y-%m-%d %H:%M";

#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead_ms: AtomicI64,
}

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the sandbox reads the system's time"
    )]
    pub(crate) fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_millis(self.ahead_ms.load(Ordering::Relaxed));
        Timestamp::now()
            .checked_add(ahead)
            .unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn advance(&self, ms: u32) {
        self.ahead_ms.fetch_add(i64::from(ms), Ordering::Relaxed);
    }

    /// Back to the system's time.
    pub(crate) fn reset(&self) {
        self.ahead_ms.store(0, Ordering::Relaxed);
    }
}

pub(crate) fn to_seoul_minute(at: Timestamp) -> String {
    SEOUL.to_datetime(at).strftime(SEOUL_MINUTE).to_string()
}

/// `None` unless `text` is `yyyy-MM-dd HH:mm`.
pub(crate) fn from_seoul_minute(text: &str) -> Option<Timestamp> {
    let civil = jiff::civil::DateTime::strptime(SEOUL_MINUTE, text).ok()?;
    SEOUL.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seoul_time_is_nine_hours_ahead_of_utc() {
        let at: Timestamp = "2026-03-01T23:30:00Z".parse().unwrap();
        assert_eq!(to_seoul_minute(at), "2026-03-02 08:30");
        assert_eq!(from_seoul_minute("2026-03-02 08:30"), Some(at));
        assert_eq!(from_seoul_minute("2026-03-02T08:30"), None);
    }
}
