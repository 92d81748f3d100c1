//! Writes lines of 8 KiB to the log for ever.

use baepo_sdk::{Content, Failure, Finding, Job, NoOptions, Outcome, run};

struct LogFlood;

impl baepo_sdk::Channel for LogFlood {
    type Options = NoOptions;

    fn check(_: &Content, _: &NoOptions) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(_: Job<NoOptions>) -> Result<Outcome, Failure> {
        let line = "all work and no play ".repeat(400);
        loop {
            run::info(&line);
        }
    }
}

baepo_sdk::channel!(LogFlood);
