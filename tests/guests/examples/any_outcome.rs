//! Ends as its options say: for tests of what the host makes of each outcome.

use baepo_sdk::{Action, Content, Failure, Finding, Job, Outcome, PreparedAsset, Receipt};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    #[serde(default)]
    outcome: Wish,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Wish {
    #[default]
    Live,
    ActionRequired,
    Rejected,
    Unauthorized,
    RateLimited,
    Unavailable,
    Unknown,
    Failed,
}

struct AnyOutcome;

impl baepo_sdk::Channel for AnyOutcome {
    type Options = Options;

    fn check(_: &Content, _: &Options) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(job: Job<Options>) -> Result<Outcome, Failure> {
        match job.options.outcome {
            Wish::Live => Ok(live(&job.idempotency_key)),
            Wish::ActionRequired => Ok(action_required(&job.content)),
            Wish::Rejected => Err(Failure::rejected("/title", "as you wished")),
            Wish::Unauthorized => Err(Failure::Unauthorized("as you wished".into())),
            Wish::RateLimited => Err(Failure::RateLimited(Some(1_000))),
            Wish::Unavailable => Err(Failure::Unavailable("as you wished".into())),
            Wish::Unknown => Err(Failure::Unknown("as you wished".into())),
            Wish::Failed => Err(Failure::Failed("as you wished".into())),
        }
    }
}

fn live(key: &str) -> Outcome {
    Outcome::Live(Receipt {
        external_id: Some(key.into()),
        url: Some("https://any.example/post".into()),
        estimated_reach: Some(42),
    })
}

fn action_required(content: &Content) -> Outcome {
    let title = PreparedAsset {
        name: "title.txt".into(),
        mime_type: "text/plain".into(),
        data: content.title.clone().into_bytes(),
    };
    Outcome::ActionRequired(Action {
        instructions: "Post it yourself.".into(),
        prepared: vec![title],
    })
}

baepo_sdk::channel!(AnyOutcome);
