//! Computes for ever without asking the host for anything: ends by fuel or by active time.

use core::hint::black_box;

use baepo_sdk::{Content, Failure, Finding, Job, NoOptions, Outcome};

struct EndlessLoop;

impl baepo_sdk::Channel for EndlessLoop {
    type Options = NoOptions;

    fn check(_: &Content, _: &NoOptions) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(_: Job<NoOptions>) -> Result<Outcome, Failure> {
        let mut turns = 0_u64;
        loop {
            turns = black_box(turns.wrapping_add(1));
        }
    }
}

baepo_sdk::channel!(EndlessLoop);
