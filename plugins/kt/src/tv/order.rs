//! What the owner orders with the video: where, when and for how much.

use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    #[serde(flatten)]
    pub region: Region,
    pub time_bands: Vec<TimeBand>,
    /// In won.
    pub budget: u64,
    /// Only a campaign's is reported, and only if there are any: a forecast is for all channels.
    #[serde(skip)]
    pub tv_channels: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Region {
    /// The homes around a shop.
    #[serde(rename = "region")]
    Around {
        center: Center,
        radius: &'static str,
    },
    /// Administrative districts, by their codes of ten digits.
    AdmDongCodes(Vec<String>),
}

/// In degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Center {
    pub latitude: f64,
    pub longitude: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeBand {
    Morning,
    Day,
    Evening,
    Night,
}

impl TimeBand {
    /// As an owner says it, in Korean and in English.
    #[must_use]
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Morning => ("아침", "morning"),
            Self::Day => ("낮", "day"),
            Self::Evening => ("저녁", "evening"),
            Self::Night => ("밤", "night"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_region_is_serialized_in_each_services_form() {
        let mut order = Order {
            region: Region::Around {
                center: Center {
                    latitude: 37.556,
                    longitude: 126.905,
                },
                radius: "1km",
            },
            time_bands: vec![TimeBand::Evening],
            budget: 300_000,
            tv_channels: Vec::new(),
        };
        assert_eq!(
            serde_json::to_value(&order).ok(),
            Some(json!({
                "region": {
                    "center": { "latitude": 37.556, "longitude": 126.905 },
                    "radius": "1km",
                },
                "timeBands": ["evening"],
                "budget": 300_000,
            }))
        );
        order.region = Region::AdmDongCodes(vec!["1144068000".into()]);
        assert_eq!(
            serde_json::to_value(&order).ok(),
            Some(json!({
                "admDongCodes": ["1144068000"],
                "timeBands": ["evening"],
                "budget": 300_000,
            }))
        );
    }
}
