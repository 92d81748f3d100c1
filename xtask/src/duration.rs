//! Durations as people read them.

use std::time::Duration;

/// `0.4 s`, `12 s`, `2 min 05 s`.
pub fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_the_precision_that_matters() {
        let said = [400, 9_949, 12_700, 59_999, 125_000]
            .map(|milliseconds| human(Duration::from_millis(milliseconds)));

        assert_eq!(said, ["0.4 s", "9.9 s", "12 s", "59 s", "2 min 05 s"]);
    }
}
