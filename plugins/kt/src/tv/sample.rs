//! A television service and an event for tests.

use baepo_sdk::{Content, Media, Period, testing};

use super::service::Service;
use crate::provider::Provider;

pub const PROVIDER: Provider = Provider {
    korean: "동네티비",
    english: "Town TV",
    assets: "creatives",
    placements: "campaigns",
    shown_korean: "방송",
    region: "/options/areas",
    times: "/options/timeBands",
};

pub const SERVICE: Service = Service {
    provider: PROVIDER,
    lengths_s: &[15, 30],
};

/// A spot of 15 s for a week in March, which begins in three days of the scripted host's clock.
pub fn content() -> Content {
    let starts_at = 1_772_420_400_000 + 3 * 86_400_000;
    Content {
        media: vec![Media {
            width: Some(1_920),
            height: Some(1_080),
            ..testing::video("https://m.example/spot.mp4")
        }],
        period: Some(Period {
            starts_at,
            ends_at: starts_at + 7 * 86_400_000,
        }),
        link: None,
        ..testing::content()
    }
}
