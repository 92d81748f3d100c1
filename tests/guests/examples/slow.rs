//! Sleeps as often and as long as the options say, then is live. Needs no network.

use core::time::Duration;

use baepo_sdk::{Content, Failure, Finding, Job, Outcome, Receipt, run};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    #[serde(default = "a_second")]
    sleep_ms: u64,
    #[serde(default = "once")]
    times: u32,
    /// Whether it says that the provider has taken it before it sleeps.
    #[serde(default)]
    accepted: bool,
}

fn a_second() -> u64 {
    1_000
}

fn once() -> u32 {
    1
}

struct Slow;

impl baepo_sdk::Channel for Slow {
    type Options = Options;

    fn check(_: &Content, _: &Options) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(job: Job<Options>) -> Result<Outcome, Failure> {
        if job.options.accepted {
            run::accepted(&Receipt::EMPTY, "under review");
        }
        for turn in 1..=job.options.times {
            run::sleep(Duration::from_millis(job.options.sleep_ms));
            run::info(format!("slept {turn} of {} times", job.options.times));
        }
        Ok(Outcome::live(Some(&format!("slow-{}", run::now())), None))
    }
}

baepo_sdk::channel!(Slow);
