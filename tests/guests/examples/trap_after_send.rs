//! Sends one unsafe request and panics: nobody can know whether it is out.

use baepo_sdk::http::{self, Repeat};
use baepo_sdk::{Content, Failure, Finding, Job, NoOptions, Outcome, account};

struct TrapAfterSend;

impl baepo_sdk::Channel for TrapAfterSend {
    type Options = NoOptions;

    fn check(_: &Content, _: &NoOptions) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(_: Job<NoOptions>) -> Result<Outcome, Failure> {
        let answer = http::post(account::required("url")?, Repeat::Unsafe).send()?;
        panic!("posted with status {}, and lost its head", answer.status)
    }
}

baepo_sdk::channel!(TrapAfterSend);
