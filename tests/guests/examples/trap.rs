//! Panics with a message that its author wants to read.

use baepo_sdk::{Content, Failure, Finding, Job, NoOptions, Outcome};

struct Trap;

impl baepo_sdk::Channel for Trap {
    type Options = NoOptions;

    fn check(_: &Content, _: &NoOptions) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(job: Job<NoOptions>) -> Result<Outcome, Failure> {
        panic!("this guest gives up on event {}", job.event_id)
    }
}

baepo_sdk::channel!(Trap);
