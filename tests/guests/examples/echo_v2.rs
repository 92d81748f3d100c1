//! The second release of `echo`: the same channel, the same requests, another external id.

use baepo_sdk::{Content, Failure, Finding, Job, Outcome};
use guests::echo::{self, Options};

struct EchoV2;

impl baepo_sdk::Channel for EchoV2 {
    type Options = Options;

    fn check(_: &Content, _: &Options) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(job: Job<Options>) -> Result<Outcome, Failure> {
        echo::distribute(&job, "echo-v2")
    }
}

baepo_sdk::channel!(EchoV2);
