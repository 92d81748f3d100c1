//! `Retry-After` (RFC 9110, 10.2.3): seconds, or the time of an HTTP date.
//!
//! What is neither counts as absent. Nothing is capped here: the host bounds every wait.

const SECOND_MS: u64 = 1_000;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// How many milliseconds from `now_ms` on it asks to wait; 0 when that time has passed.
pub(crate) fn wait_ms(value: &str, now_ms: impl FnOnce() -> u64) -> Option<u64> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than there are numbers for are a wait without an end.
        let seconds = value.parse::<u64>().unwrap_or(u64::MAX);
        return Some(seconds.saturating_mul(SECOND_MS));
    }
    let date = HttpDate::read(value)?;
    let now_ms = now_ms();
    let at_ms = date.unix_seconds(now_ms / SECOND_MS)?;
    Some(at_ms.saturating_mul(SECOND_MS).saturating_sub(now_ms))
}

/// A time as one of the three forms of RFC 9110, 5.6.7, gives it.
struct HttpDate<'a> {
    year: &'a str,
    month: u64,
    day: u64,
    seconds_of_day: u64,
}

impl<'a> HttpDate<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (day, month, year, time) = match text.split_once(", ") {
            // `Sun, 06 Nov 1994 08:49:37 GMT` and `Sunday, 06-Nov-94 08:49:37 GMT`.
            Some((_, rest)) => {
                let (date, time) = rest.strip_suffix(" GMT")?.rsplit_once(' ')?;
                let mut parts = date.splitn(3, [' ', '-']);
                (parts.next()?, parts.next()?, parts.next()?, time)
            }
            // `Sun Nov  6 08:49:37 1994`.
            None => {
                let mut parts = text.split_ascii_whitespace().skip(1);
                let (month, day) = (parts.next()?, parts.next()?);
                let (time, year) = (parts.next()?, parts.next()?);
                parts.next().is_none().then_some((day, month, year, time))?
            }
        };
        let month = MONTHS.iter().position(|known| *known == month)?;
        Some(Self {
            year,
            month: u64::try_from(month).ok()? + 1,
            day: digits(day, 1..=2)?,
            seconds_of_day: seconds_of_day(time)?,
        })
    }

    /// `now` decides the century of a year of two digits.
    fn unix_seconds(&self, now: u64) -> Option<u64> {
        let year = match self.year.len() {
            4 => digits(self.year, 4..=4)?,
            2 => full_year(digits(self.year, 2..=2)?, now),
            _ => return None,
        };
        let days = days_since_1970(year, self.month, self.day)?;
        Some(days * DAY_S + self.seconds_of_day)
    }
}

const DAY_S: u64 = 24 * 60 * 60;
/// The mean length of a year, for which century a year belongs to.
const YEAR_S: u64 = 31_556_952;

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u64> {
    let is_number = length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

fn seconds_of_day(time: &str) -> Option<u64> {
    let mut parts = time.split(':').map(|part| digits(part, 2..=2));
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    // A leap second is the 60th.
    let is_time = parts.next().is_none() && hours < 24 && minutes < 60 && seconds <= 60;
    is_time.then_some((hours * 60 + minutes) * 60 + seconds)
}

/// A year that seems to be more than 50 years ahead is the last one with the same digits.
fn full_year(two_digits: u64, now: u64) -> u64 {
    let this_year = 1970 + now / YEAR_S;
    let year = this_year - this_year % 100 + two_digits;
    match year {
        _ if year > this_year + 50 => year - 100,
        _ if year + 50 < this_year => year + 100,
        _ => year,
    }
}

/// `None`: there is no such day, or it is before 1970.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        2 => 28 + u64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if year < 1970 || !(1..=length).contains(&day) {
        return None;
    }
    let leap_days = |year: u64| year / 4 - year / 100 + year / 400;
    let of_years = (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969);
    const BEFORE: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let before = BEFORE.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    Some(of_years + before + u64::from(is_leap && month > 2) + day - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-02 03:00:00 UTC.
    const NOW_MS: u64 = 1_772_420_400_000;

    fn wait(value: &str) -> Option<u64> {
        wait_ms(value, || NOW_MS)
    }

    #[test]
    fn seconds_are_read_as_they_are() {
        assert_eq!(wait("0"), Some(0));
        assert_eq!(wait(" 120 "), Some(120_000));
        assert_eq!(wait("300000000000"), Some(300_000_000_000_000));
        assert_eq!(wait("99999999999999999999999"), Some(u64::MAX));
    }

    #[test]
    fn every_form_of_an_http_date_is_a_time_from_now() {
        for value in [
            "Mon, 02 Mar 2026 03:01:30 GMT",
            "Monday, 02-Mar-26 03:01:30 GMT",
            "Mon Mar  2 03:01:30 2026",
        ] {
            assert_eq!(wait(value), Some(90_000), "{value}");
        }
        assert_eq!(
            wait("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(0),
            "it has passed"
        );
        assert_eq!(
            wait("Sunday, 06-Nov-94 08:49:37 GMT"),
            Some(0),
            "in 1994, not in 2094"
        );
        let far = wait("Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(far, Some((253_402_300_799 - NOW_MS / 1_000) * 1_000));
        let leap = wait("Tue, 29 Feb 2028 00:00:00 GMT");
        assert_eq!(leap, Some((1_835_395_200 - NOW_MS / 1_000) * 1_000));
    }

    #[test]
    fn an_invalid_retry_after_is_ignored() {
        for value in [
            "",
            " ",
            "soon",
            "-1",
            "+5",
            "1.5",
            "1e3",
            "0x10",
            "5 s",
            "٣",
            "Mon, 02 Mar 2026 03:01:30",
            "Mon, 02 Mar 2026 25:01:30 GMT",
            "Mon, 30 Feb 2026 03:01:30 GMT",
            "Thu, 29 Feb 2027 03:01:30 GMT",
            "Mon, 02 Moon 2026 03:01:30 GMT",
            "Mon, 02 Mar 20260 03:01:30 GMT",
            "2026-03-02T03:01:30Z",
        ] {
            assert_eq!(wait(value), None, "{value}");
        }
    }
}
