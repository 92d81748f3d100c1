//! Takes memory and writes to every page of it until none is left.

use core::hint::black_box;

use baepo_sdk::{Content, Failure, Finding, Job, NoOptions, Outcome};

const PIECE_BYTES: usize = 1 << 20;

struct MemoryHog;

impl baepo_sdk::Channel for MemoryHog {
    type Options = NoOptions;

    fn check(_: &Content, _: &NoOptions) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(_: Job<NoOptions>) -> Result<Outcome, Failure> {
        let mut hoard = Vec::new();
        loop {
            hoard.push(black_box(vec![0xA5_u8; PIECE_BYTES]));
        }
    }
}

baepo_sdk::channel!(MemoryHog);
