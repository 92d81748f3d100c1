//! Recurses until the stack of WebAssembly ends.

use core::hint::black_box;

use baepo_sdk::{Content, Failure, Finding, Job, NoOptions, Outcome};

struct DeepRecursion;

impl baepo_sdk::Channel for DeepRecursion {
    type Options = NoOptions;

    fn check(_: &Content, _: &NoOptions) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(_: Job<NoOptions>) -> Result<Outcome, Failure> {
        let depth = descend(black_box(0));
        Err(Failure::Failed(format!("came back up with {depth}")))
    }
}

/// What is done after the call is not associative, so no compiler makes a loop of it; and the
/// arguments live in locals, so it is the stack of the machine that fills, not linear memory.
#[inline(never)]
fn descend(depth: u64) -> u64 {
    if depth == u64::MAX {
        return depth;
    }
    descend(depth + 1).rotate_left(7) ^ depth
}

baepo_sdk::channel!(DeepRecursion);
