//! Reads the one form of time that Meta writes: `2026-03-02T03:00:05+0000`.

/// Unix milliseconds; `None` for another form or a time before 1970.
pub fn unix_ms(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let marks = [(4, '-'), (7, '-'), (10, 'T'), (13, ':'), (16, ':')];
    if !marks.iter().all(|(at, mark)| {
        text[..]
            .get(*at..)
            .is_some_and(|rest| rest.starts_with(*mark))
    }) {
        return None;
    }
    let days = days_since_1970(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let seconds = number(11, 13)? * 3_600 + number(14, 16)? * 60 + number(17, 19)?;
    let seconds = days * 86_400 + seconds - offset_seconds(text.get(19..)?)?;
    u64::try_from(seconds).ok()?.checked_mul(1_000)
}

/// `Z`, `+0000` or `+00:00`.
fn offset_seconds(offset: &str) -> Option<i64> {
    if offset == "Z" {
        return Some(0);
    }
    let digits: String = offset.chars().skip(1).filter(|c| *c != ':').collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let seconds = hours.parse::<i64>().ok()? * 3_600 + minutes.parse::<i64>().ok()? * 60;
    match offset.chars().next()? {
        '+' => Some(seconds),
        '-' => Some(-seconds),
        _ => None,
    }
}

/// In the Gregorian calendar; counts from March, so that the leap day is a year's last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meta_timestamps_are_read_in_every_offset() {
        for text in [
            "2026-03-02T03:00:05+0000",
            "2026-03-02T12:00:05+09:00",
            "2026-03-02T03:00:05Z",
        ] {
            assert_eq!(unix_ms(text), Some(1_772_420_405_000), "{text}");
        }
        assert_eq!(unix_ms("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(unix_ms("2024-02-29T00:00:00Z"), Some(1_709_164_800_000));
    }

    #[test]
    fn a_timestamp_of_another_format_is_rejected() {
        for text in [
            "",
            "yesterday",
            "2026-03-02",
            "2026-03-02T03:00:05",
            "1969-12-31T23:59:59Z",
            "２０２６",
        ] {
            assert_eq!(unix_ms(text), None, "{text}");
        }
    }
}
