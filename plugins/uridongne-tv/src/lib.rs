//! 우리동네TV: a spot of 15 s in the homes around the shop.
//!
//! Everything from the video to the broadcast is what KT's television services share
//! ([`baepo_kt::tv`]); here is where the shop is, how far around it, and at which time of day.

mod location;

use baepo_kt::api::Api;
use baepo_kt::provider::Provider;
use baepo_kt::tv::order::{Order, Region, TimeBand};
use baepo_kt::tv::{self, Service};
use baepo_kt::{placement, withdrawal};
use baepo_sdk::{
    Channel, Content, Failure, Finding, Job, Outcome, Preview, Probe, Receipt, Withdraw, run,
};
use serde::Deserialize;

const SERVICE: Service = Service {
    provider: Provider {
        korean: "우리동네TV",
        english: "Uridongne TV",
        assets: "creatives",
        placements: "campaigns",
        shown_korean: "방송",
        region: "/settings/latitude",
        times: "/options/timeBand",
    },
    lengths_s: &[15],
};

pub struct UridongneTv;

/// What an owner chooses per event.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    radius: Radius,
    time_band: TimeBand,
    /// In won. There is no default: `check` asks for it.
    budget: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Radius {
    #[serde(rename = "500m")]
    HalfKilometre,
    #[serde(rename = "1km")]
    Kilometre,
    #[serde(rename = "2km")]
    TwoKilometres,
}

impl Radius {
    fn name(self) -> &'static str {
        match self {
            Self::HalfKilometre => "500m",
            Self::Kilometre => "1km",
            Self::TwoKilometres => "2km",
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            radius: Radius::Kilometre,
            time_band: TimeBand::Evening,
            budget: 0,
        }
    }
}

impl Channel for UridongneTv {
    type Options = Options;

    fn check(content: &Content, options: &Options) -> Vec<Finding> {
        let mut findings = tv::findings(&SERVICE, content, options.budget);
        findings.extend(location::findings());
        findings
    }

    fn distribute(job: Job<Options>) -> Result<Outcome, Failure> {
        let order = Order {
            region: Region::Around {
                center: location::shop_center()?,
                radius: job.options.radius.name(),
            },
            time_bands: vec![job.options.time_band],
            budget: job.options.budget,
            tv_channels: Vec::new(),
        };
        tv::distribute(&SERVICE, &job.idempotency_key, &job.content, &order)
    }
}

impl Preview for UridongneTv {
    fn render(content: &Content, options: &Options) -> String {
        let (time, _) = options.time_band.name();
        let facts = [format!(
            "가게 반경 {} · {time} 시간대",
            options.radius.name()
        )];
        tv::preview::frame(&SERVICE.provider, content, &facts, options.budget)
    }
}

impl Probe for UridongneTv {
    fn probe(idempotency_key: &str, event_id: &str) -> Result<Option<Receipt>, Failure> {
        run::info(format!("looking for the campaign of event {event_id}"));
        placement::probe(&Api::from_settings()?, &SERVICE.provider, idempotency_key)
    }
}

impl Withdraw for UridongneTv {
    fn withdraw(idempotency_key: &str, receipt: &Receipt) -> Result<(), Failure> {
        let (api, provider) = (Api::from_settings()?, &SERVICE.provider);
        withdrawal::withdraw(&api, provider, idempotency_key, receipt, tv::CANCEL_METHOD)
    }
}

baepo_sdk::channel!(UridongneTv: preview, probe, withdraw);
