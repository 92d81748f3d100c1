//! The calendar and the clock on the wall in Seoul, where the shops are.

use crate::text::Text;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
/// Korea has no summer time.
const UTC_OFFSET_MS: u64 = 9 * 60 * MINUTE_MS;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A minute in Seoul, in the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeoulDateTime {
    pub year: u64,
    /// 1 to 12.
    pub month: u64,
    /// 1 to 31.
    pub day: u64,
    /// 0 to 23.
    pub hour: u64,
    pub minute: u64,
}

impl SeoulDateTime {
    #[must_use]
    pub fn at(unix_ms: u64) -> Self {
        let (days, minutes) = (
            unix_ms.saturating_add(UTC_OFFSET_MS) / DAY_MS,
            time_of_day_ms(unix_ms) / MINUTE_MS,
        );
        let (year, month, day) = date(days);
        Self {
            year,
            month,
            day,
            hour: minutes / 60,
            minute: minutes % 60,
        }
    }

    /// `3월 3일 08:00` and `3 March, 08:00`.
    #[must_use]
    pub fn describe(&self) -> Text {
        let (time, month) = (self.time(), self.month);
        let name = MONTHS
            .get(usize::try_from(month).unwrap_or(0).wrapping_sub(1))
            .unwrap_or(&"");
        Text::new(
            format!("{month}월 {}일 {time}", self.day),
            format!("{} {name}, {time}", self.day),
        )
    }

    /// `08:00`
    #[must_use]
    pub fn time(&self) -> String {
        format!("{:02}:{:02}", self.hour, self.minute)
    }
}

/// Milliseconds since midnight in Seoul.
#[must_use]
pub fn time_of_day_ms(unix_ms: u64) -> u64 {
    unix_ms.saturating_add(UTC_OFFSET_MS) % DAY_MS
}

/// Counts years from March, so that the leap day is a year's last.
fn date(days_since_1970: u64) -> (u64, u64, u64) {
    const DAYS_FROM_0000_03_01_TO_1970: u64 = 719_468;
    const DAYS_IN_400_YEARS: u64 = 146_097;
    let days = days_since_1970 + DAYS_FROM_0000_03_01_TO_1970;
    let (era, day) = (days / DAYS_IN_400_YEARS, days % DAYS_IN_400_YEARS);
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_since_march = (5 * day_of_year + 2) / 153;
    let month = (months_since_march + 2) % 12 + 1;
    let day = day_of_year - (153 * months_since_march + 2) / 5 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(unix_ms: u64) -> String {
        let SeoulDateTime {
            year, month, day, ..
        } = SeoulDateTime::at(unix_ms);
        format!("{year}-{month}-{day} {}", SeoulDateTime::at(unix_ms).time())
    }

    #[test]
    fn seoul_is_nine_hours_ahead_of_utc() {
        assert_eq!(shown(0), "1970-1-1 09:00");
        assert_eq!(shown(1_772_420_400_000), "2026-3-2 12:00");
        assert_eq!(shown(1_709_132_400_000 - 1), "2024-2-28 23:59");
        assert_eq!(shown(1_709_132_400_000), "2024-2-29 00:00");
        assert_eq!(shown(1_709_132_400_000 + DAY_MS), "2024-3-1 00:00");
        assert_eq!(shown(1_798_729_200_000), "2027-1-1 00:00");
        assert_eq!(shown(4_107_466_800_000), "2100-2-28 12:00");
        assert_eq!(shown(4_107_466_800_000 + DAY_MS), "2100-3-1 12:00");
    }

    #[test]
    fn a_date_and_time_is_described_in_both_languages() {
        assert_eq!(
            SeoulDateTime::at(1_772_420_400_000).describe(),
            Text::new("3월 2일 12:00", "2 March, 12:00")
        );
    }
}
