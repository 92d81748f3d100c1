//! What is booked, of a campaign as of a forecast: where, when, for how much.

use serde::{Deserialize, Serialize};

use super::creative::Length;
use crate::kt::creation::required;
use crate::kt::partner::CreationContext;
use crate::kt::problem::Problem;
use crate::kt::review::{Period, PeriodRequest};
use crate::settings::Inventory;

/// From south of Jeju to north of Goseong: the served latitudes.
const SERVED_LATITUDES: std::ops::RangeInclusive<f64> = 33.0..=39.0;
const DISTRICT_DIGITS: usize = 10;
const DISTRICTS: usize = 100;
const HOUSEHOLDS_PER_DISTRICT: u64 = 9_000;

/// Won for one second before one household.
const SECOND_PRICE: u64 = 1;
/// How often a household sees a spot.
const REPETITION: u64 = 3;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AirtimeRequest {
    period: Option<PeriodRequest>,
    region: Option<RegionRequest>,
    adm_dong_codes: Option<Vec<String>>,
    time_bands: Option<Vec<TimeBand>>,
    budget: Option<u64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct RegionRequest {
    center: Option<Point>,
    radius: Option<Radius>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Point {
    latitude: f64,
    longitude: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Radius {
    #[serde(rename = "500m")]
    Near,
    #[serde(rename = "1km")]
    Middle,
    #[serde(rename = "2km")]
    Far,
}

impl Radius {
    fn name(self) -> &'static str {
        match self {
            Self::Near => "500m",
            Self::Middle => "1km",
            Self::Far => "2km",
        }
    }

    fn households(self) -> u64 {
        match self {
            Self::Near => 4_000,
            Self::Middle => 15_000,
            Self::Far => 52_000,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum TimeBand {
    Morning,
    Day,
    Evening,
    Night,
}

#[derive(Debug)]
enum Region {
    Around { center: Point, radius: Radius },
    Districts(Vec<String>),
}

/// Airtime that can be had.
#[derive(Debug)]
pub(super) struct Airtime {
    pub(super) period: Period,
    pub(super) time_bands: Vec<TimeBand>,
    region: Region,
    budget: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Forecast {
    pub(super) impressions: u64,
    pub(super) reach: u64,
}

impl AirtimeRequest {
    pub(super) fn check(self, context: &CreationContext) -> Result<Airtime, Problem> {
        let settings = &context.settings;
        let period = required("period", self.period)?;
        let mut time_bands = required("timeBands", self.time_bands)?;
        time_bands.dedup();
        if !(1..=4).contains(&time_bands.len()) {
            return Err(Problem::invalid("timeBands", "needs one to four bands"));
        }
        let budget = required("budget", self.budget)?;
        let region = parse_region(self.region, self.adm_dong_codes)?;
        let period = period.check(context.now)?;
        if budget < settings.min_budget {
            return Err(Problem::budget_too_low(settings.min_budget));
        }
        if settings.inventory == Inventory::SoldOut {
            return Err(Problem::inventory_sold_out());
        }
        Ok(Airtime {
            period,
            time_bands,
            region,
            budget,
        })
    }
}

impl Airtime {
    /// Made up, and the same for the same booking: more money and more bands reach more, until
    /// everybody has been reached.
    pub(super) fn forecast(&self, length: Length) -> Forecast {
        let households = match &self.region {
            Region::Around { radius, .. } => radius.households(),
            Region::Districts(codes) => HOUSEHOLDS_PER_DISTRICT * codes.len() as u64,
        };
        let watching = households * self.time_bands.len() as u64 / 4;
        let impressions = self.budget / (SECOND_PRICE * length.seconds());
        Forecast {
            impressions,
            reach: watching.min(impressions / REPETITION),
        }
    }

    /// Short enough for a caption.
    pub(super) fn place(&self) -> String {
        match &self.region {
            Region::Around { center, radius } => {
                let (latitude, longitude) = (center.latitude, center.longitude);
                format!("{latitude:.4}, {longitude:.4} 반경 {}", radius.name())
            }
            Region::Districts(codes) if codes.len() > 2 => {
                format!("행정동 {} 외 {}곳", codes[0], codes.len() - 1)
            }
            Region::Districts(codes) => format!("행정동 {}", codes.join(", ")),
        }
    }
}

fn parse_region(
    region: Option<RegionRequest>,
    districts: Option<Vec<String>>,
) -> Result<Region, Problem> {
    match (region, districts) {
        (Some(region), None) => parse_circle(region),
        (None, Some(codes)) => parse_districts(codes),
        _ => Err(Problem::invalid(
            "region",
            "either region or admDongCodes is needed",
        )),
    }
}

fn parse_circle(region: RegionRequest) -> Result<Region, Problem> {
    let center = required("region.center", region.center)?;
    let radius = required("region.radius", region.radius)?;
    if SERVED_LATITUDES.contains(&center.latitude) {
        Ok(Region::Around { center, radius })
    } else {
        Err(Problem::region_not_served())
    }
}

fn parse_districts(codes: Vec<String>) -> Result<Region, Problem> {
    if !(1..=DISTRICTS).contains(&codes.len()) {
        let detail = format!("needs 1 to {DISTRICTS} codes");
        return Err(Problem::invalid("admDongCodes", detail));
    }
    if codes.iter().any(|code| code.starts_with("99")) {
        return Err(Problem::region_not_served());
    }
    let is_code = |code: &String| {
        code.len() == DISTRICT_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit())
    };
    if codes.iter().all(is_code) {
        Ok(Region::Districts(codes))
    } else {
        let detail = format!("a code has {DISTRICT_DIGITS} digits");
        Err(Problem::invalid("admDongCodes", detail))
    }
}
