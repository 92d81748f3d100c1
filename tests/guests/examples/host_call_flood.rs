//! Asks the host the cheapest question for ever.

use core::hint::black_box;

use baepo_sdk::{Content, Failure, Finding, Job, NoOptions, Outcome, run};

struct HostCallFlood;

impl baepo_sdk::Channel for HostCallFlood {
    type Options = NoOptions;

    fn check(_: &Content, _: &NoOptions) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(_: Job<NoOptions>) -> Result<Outcome, Failure> {
        loop {
            black_box(run::now());
        }
    }
}

baepo_sdk::channel!(HostCallFlood);
