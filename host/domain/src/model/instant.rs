//! Times as clients write them: RFC 3339, and a zone behind it as of RFC 9557, which must agree.

use jiff::fmt::temporal::Pieces;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize as _, Deserializer};

use crate::model::text::Localized;

/// Why a text is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTimestamp {
    #[error("not a time with its time zone")]
    Unreadable,
    /// The offset or the zone is wrong, and only the writer knows which.
    #[error("the offset and the zone do not agree")]
    OtherZone,
}

impl InvalidTimestamp {
    /// What its writer reads.
    #[must_use]
    pub fn text(self) -> Localized {
        match self {
            Self::Unreadable => Localized::new(
                "날짜와 시각을 시간대까지 적어 주세요. 예: 2026-12-24T18:00:00+09:00",
                "Must be a date and time with a time zone. Example: 2026-12-24T18:00:00+09:00",
            ),
            Self::OtherZone => Localized::new(
                "시차와 대괄호 안의 시간대가 서로 다르거나, 그런 시간대가 없습니다. 예: 2026-12-31T09:00:00+09:00[Asia/Seoul]",
                "The offset and the zone in brackets do not agree, or there is no such zone. Example: 2026-12-31T09:00:00+09:00[Asia/Seoul]",
            ),
        }
    }
}

/// Reads a time.
///
/// # Errors
/// It is none, or its zone contradicts its offset.
pub fn parse(text: &str) -> Result<Timestamp, InvalidTimestamp> {
    let pieces = Pieces::parse(text).map_err(|_| InvalidTimestamp::Unreadable)?;
    let time: Timestamp = text.parse().map_err(|_| InvalidTimestamp::Unreadable)?;
    if pieces.time_zone_annotation().is_none() {
        return Ok(time);
    }
    let zoned: Zoned = text.parse().map_err(|_| InvalidTimestamp::OtherZone)?;
    Ok(zoned.timestamp())
}

/// For a field of a request; what is stored is read so as well.
///
/// # Errors
/// As [`parse`].
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map_err(|error| error.text().into_error())
}

/// For a field that may be left out or null.
pub mod option {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer};

    /// # Errors
    /// As [`parse`](super::parse).
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let time = text.map(|text| super::parse(&text)).transpose();
        time.map_err(|error| error.text().into_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_that_agrees_with_its_offset_is_taken() {
        let at = |text: &str| parse(text).map(|time| time.to_string());
        let utc = Ok("2026-12-31T00:00:00Z".to_owned());
        for text in [
            "2026-12-31T00:00:00Z",
            "2026-12-31T09:00:00+09:00",
            "2026-12-31T09:00:00+09:00[Asia/Seoul]",
            "2026-12-31T09:00:00+09:00[asia/seoul]",
            "2026-12-31T01:00:00+01:00[Europe/Berlin][u-ca=gregory]",
            "2026-12-31T09:00:00+09:00[+09:00]",
            // RFC 9557, 2.2: of Z nothing is known but the time itself.
            "2026-12-31T00:00:00Z[Asia/Seoul]",
        ] {
            assert_eq!(at(text), utc, "{text}");
        }
    }

    #[test]
    fn a_zone_that_contradicts_its_offset_is_refused() {
        for text in [
            "2026-12-31T09:00:00+00:00[Asia/Seoul]",
            "2026-12-31T09:00:00+09:00[America/New_York]",
            "2026-07-01T09:00:00+01:00[Europe/Berlin]",
            "2026-12-31T09:00:00+09:00[+08:00]",
            "2026-12-31T09:00:00+09:00[Asia/Soul]",
        ] {
            assert_eq!(parse(text), Err(InvalidTimestamp::OtherZone), "{text}");
        }
        for text in [
            "",
            "soon",
            "2026-12-31",
            "2026-12-31T09:00:00",
            "2026-12-31T09:00:00[Asia/Seoul]",
        ] {
            assert_eq!(parse(text), Err(InvalidTimestamp::Unreadable), "{text}");
        }
    }
}
