//! A well-behaved channel, first release: see [`guests::echo`].

use baepo_sdk::{Content, Failure, Finding, Job, Outcome};
use guests::echo::{self, Options};

struct Echo;

impl baepo_sdk::Channel for Echo {
    type Options = Options;

    fn check(_: &Content, _: &Options) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(job: Job<Options>) -> Result<Outcome, Failure> {
        echo::distribute(&job, "echo-v1")
    }
}

baepo_sdk::channel!(Echo);
