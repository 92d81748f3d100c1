//! Times as KT writes them: RFC 3339.

use baepo_sdk::seoul::SeoulDateTime;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 60 * MINUTE_S;
const DAY_S: i64 = 24 * HOUR_S;
/// `2026-03-05T09:00:00+09:00`: whole seconds, in Seoul.
#[must_use]
pub fn rfc3339(unix_ms: u64) -> String {
    let SeoulDateTime {
        year, month, day, ..
    } = SeoulDateTime::at(unix_ms);
    let second = unix_ms / 1_000 % 60;
    let clock = SeoulDateTime::at(unix_ms).time();
    format!("{year:04}-{month:02}-{day:02}T{clock}:{second:02}+09:00")
}

/// Unix milliseconds of `2026-03-05T09:00:00+09:00` or `…T00:00:00.25Z`; `None` for another form
/// or a time before 1970.
#[must_use]
pub fn unix_ms(text: &str) -> Option<u64> {
    let (date, rest) = text.split_once(['T', 't'])?;
    let [year, month, day] = numbers(date, '-')?;
    let zone = rest.find(['Z', 'z', '+', '-'])?;
    let (time, offset) = rest.split_at(zone);
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [hour, minute, second] = numbers(time, ':')?;
    let is_a_time = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_a_time {
        return None;
    }
    let seconds = days(year, month, day) * DAY_S + hour * HOUR_S + minute * MINUTE_S + second
        - offset_s(offset)?;
    let seconds = u64::try_from(seconds).ok()?;
    seconds
        .checked_mul(1_000)?
        .checked_add(thousandths(fraction)?)
}

fn numbers<const N: usize>(text: &str, mark: char) -> Option<[i64; N]> {
    let parse = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse().ok())?
    };
    let numbers: Option<Vec<i64>> = text.split(mark).map(parse).collect();
    numbers?.try_into().ok()
}

fn offset_s(offset: &str) -> Option<i64> {
    let sign = match offset.chars().next()? {
        'Z' | 'z' => return (offset.len() == 1).then_some(0),
        '-' => -1,
        _ => 1,
    };
    let [hours, minutes] = numbers(&offset[1..], ':')?;
    Some(sign * (hours * HOUR_S + minutes * MINUTE_S))
}

fn thousandths(fraction: &str) -> Option<u64> {
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    digits.parse().ok()
}

/// Years are counted from March, so that the leap day is the last of one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month < 3);
    let since_march = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * since_march + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noon of Monday, 2 March 2026 in Seoul.
    const NOON_MS: u64 = 1_772_420_400_000;

    #[test]
    fn kt_timestamps_are_written_in_seoul_time_and_read_in_every_offset() {
        assert_eq!(rfc3339(NOON_MS), "2026-03-02T12:00:00+09:00");
        assert_eq!(rfc3339(0), "1970-01-01T09:00:00+09:00");
        for text in [
            "2026-03-02T12:00:00+09:00",
            "2026-03-02T03:00:00Z",
            "2026-03-01T22:00:00-05:00",
            "2026-03-02t03:00:00.000z",
        ] {
            assert_eq!(unix_ms(text), Some(NOON_MS), "{text}");
        }
        assert_eq!(unix_ms("2026-03-02T03:00:00.25Z"), Some(NOON_MS + 250));
    }

    #[test]
    fn every_day_of_a_century_is_read_as_it_is_written() {
        for day in 0..36_525 {
            let ms = day * 86_400_000;
            assert_eq!(unix_ms(&rfc3339(ms)), Some(ms), "{}", rfc3339(ms));
        }
        assert_eq!(rfc3339(1_709_132_400_000), "2024-02-29T00:00:00+09:00");
        assert_eq!(rfc3339(1_798_729_199_000), "2026-12-31T23:59:59+09:00");
    }

    #[test]
    fn a_timestamp_of_another_format_is_rejected() {
        for text in [
            "",
            "내일",
            "2026-03-02",
            "2026-03-02T12:00:00",
            "2026-13-02T12:00:00Z",
            "2026-03-02T24:00:00Z",
            "2026-03-02T12:00Z",
            "2026-03-02T12:00:00+9",
            "1969-12-31T00:00:00Z",
            "2026-03-02T12:00:00Zulu",
        ] {
            assert_eq!(unix_ms(text), None, "{text}");
        }
    }
}
