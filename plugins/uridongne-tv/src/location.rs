//! Where the shop is: the owner's settings `latitude` and `longitude`.

use core::ops::RangeInclusive;

use baepo_kt::tv::order::Center;
use baepo_sdk::{Failure, Finding, account, text};

/// In degrees: Korea, islands included.
const LATITUDES: RangeInclusive<f64> = 33.0..=39.0;
const LONGITUDES: RangeInclusive<f64> = 124.0..=132.0;

/// # Errors
/// If the owner has not said it, or not as a place in Korea.
pub fn shop_center() -> Result<Center, Failure> {
    Ok(Center {
        latitude: degrees("latitude", &LATITUDES)?,
        longitude: degrees("longitude", &LONGITUDES)?,
    })
}

fn degrees(name: &str, within: &RangeInclusive<f64>) -> Result<f64, Failure> {
    let setting = account::required(name)?;
    parse(&setting, within).ok_or_else(|| Failure::Unauthorized(outside_korea()))
}

/// Says nothing about an owner who has not connected yet.
pub fn findings() -> Option<Finding> {
    let places = [("latitude", LATITUDES), ("longitude", LONGITUDES)];
    places.into_iter().find_map(|(name, within)| {
        let setting = account::setting(name)?;
        let is_there = parse(&setting, &within).is_some();
        (!is_there).then(|| Finding::error(format!("/settings/{name}"), outside_korea()))
    })
}

fn parse(setting: &str, within: &RangeInclusive<f64>) -> Option<f64> {
    setting.parse().ok().filter(|value| within.contains(value))
}

fn outside_korea() -> String {
    text(
        "가게의 위치가 맞지 않습니다. 위도는 33에서 39, 경도는 124에서 132 사이의 숫자로 넣어 주세요.",
        "The place of the shop is not right: a latitude is from 33 to 39, a longitude from 124 to 132.",
    )
}

#[cfg(test)]
mod tests {
    use baepo_sdk::testing::Host;

    use super::*;

    #[test]
    fn a_shop_is_in_korea() {
        let host = Host::new();
        assert_eq!(findings(), None);
        for (latitude, longitude, at) in [
            ("33", "124", None),
            ("39.0", "132", None),
            ("32.999", "126", Some("/settings/latitude")),
            ("39.001", "126", Some("/settings/latitude")),
            ("NaN", "126", Some("/settings/latitude")),
            ("37.5", "123.999", Some("/settings/longitude")),
            ("37.5", "132.001", Some("/settings/longitude")),
            ("37.5", "동경", Some("/settings/longitude")),
        ] {
            host.setting("latitude", latitude)
                .setting("longitude", longitude);
            let found = findings().map(|finding| finding.at);
            assert_eq!(found.as_deref(), at, "{latitude} {longitude}");
            assert_eq!(shop_center().is_ok(), at.is_none());
        }
    }
}
