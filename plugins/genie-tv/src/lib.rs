//! 지니TV: a spot of 15 or 30 s in the homes of chosen districts.
//!
//! Everything from the video to the broadcast is what KT's television services share
//! ([`baepo_kt::tv`]); here are the districts, the times of day and the TV channels.

mod areas;
mod options;

use baepo_kt::api::Api;
use baepo_kt::provider::Provider;
use baepo_kt::tv::order::{Order, Region};
use baepo_kt::tv::{self, Service};
use baepo_kt::{placement, withdrawal};
use baepo_sdk::{
    Channel, Content, Failure, Finding, Job, Outcome, Preview, Probe, Receipt, Withdraw, run,
};

pub use options::Options;

const SERVICE: Service = Service {
    provider: Provider {
        korean: "지니TV",
        english: "Genie TV",
        assets: "creatives",
        placements: "campaigns",
        shown_korean: "방송",
        region: "/options/areas",
        times: "/options/timeBands",
    },
    lengths_s: &[15, 30],
};

pub struct GenieTv;

impl Channel for GenieTv {
    type Options = Options;

    fn check(content: &Content, options: &Options) -> Vec<Finding> {
        let mut findings = tv::findings(&SERVICE, content, options.budget);
        findings.extend(areas::findings(options));
        findings
    }

    fn distribute(job: Job<Options>) -> Result<Outcome, Failure> {
        let order = Order {
            region: Region::AdmDongCodes(job.options.areas),
            time_bands: job.options.time_bands,
            budget: job.options.budget,
            tv_channels: job.options.tv_channels,
        };
        tv::distribute(&SERVICE, &job.idempotency_key, &job.content, &order)
    }
}

impl Preview for GenieTv {
    fn render(content: &Content, options: &Options) -> String {
        let times = options.time_bands.iter().map(|band| band.name().0);
        let mut facts = vec![
            format!("행정동 {}", options.areas.join(", ")),
            format!("{} 시간대", times.collect::<Vec<_>>().join("·")),
        ];
        if !options.tv_channels.is_empty() {
            facts.push(format!("채널 {}", options.tv_channels.join(", ")));
        }
        tv::preview::frame(&SERVICE.provider, content, &facts, options.budget)
    }
}

impl Probe for GenieTv {
    fn probe(idempotency_key: &str, event_id: &str) -> Result<Option<Receipt>, Failure> {
        run::info(format!("looking for the campaign of event {event_id}"));
        placement::probe(&Api::from_settings()?, &SERVICE.provider, idempotency_key)
    }
}

impl Withdraw for GenieTv {
    fn withdraw(idempotency_key: &str, receipt: &Receipt) -> Result<(), Failure> {
        let (api, provider) = (Api::from_settings()?, &SERVICE.provider);
        withdrawal::withdraw(&api, provider, idempotency_key, receipt, tv::CANCEL_METHOD)
    }
}

baepo_sdk::channel!(GenieTv: preview, probe, withdraw);
