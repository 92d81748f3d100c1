//! Returns more than anybody needs: as its options say, or 50 findings of a megabyte.

use baepo_sdk::{
    Action, Content, Failure, Finding, Job, Outcome, PreparedAsset, Receipt, Severity, run, text,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    result: Kind,
    count: usize,
    bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            result: Kind::Rejected,
            count: 50,
            bytes: 1_000_000,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Rejected,
    Failed,
    Unavailable,
    Receipt,
    Assets,
    Note,
    Remark,
}

impl Options {
    fn text(&self) -> String {
        "x".repeat(self.bytes)
    }
}

struct OversizedResult;

impl baepo_sdk::Channel for OversizedResult {
    type Options = Options;

    fn check(_: &Content, _: &Options) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(job: Job<Options>) -> Result<Outcome, Failure> {
        let options = &job.options;
        match options.result {
            Kind::Rejected => Err(Failure::Rejected(findings(options))),
            Kind::Failed => Err(Failure::Failed(options.text())),
            Kind::Unavailable => Err(Failure::Unavailable(options.text())),
            Kind::Receipt => Ok(Outcome::live(Some(&options.text()), None)),
            Kind::Assets => Ok(assets(options)),
            Kind::Note => {
                for _ in 0..options.count {
                    run::accepted(&receipt(), &options.text());
                }
                Ok(Outcome::Live(receipt()))
            }
            Kind::Remark => {
                run::remark(&options.text());
                Ok(Outcome::Live(receipt()))
            }
        }
    }
}

fn receipt() -> Receipt {
    Receipt {
        external_id: None,
        url: None,
        estimated_reach: None,
    }
}

fn findings(options: &Options) -> Vec<Finding> {
    let finding = |_| Finding {
        severity: Severity::Error,
        at: "/title".into(),
        message: options.text(),
    };
    (0..options.count).map(finding).collect()
}

fn assets(options: &Options) -> Outcome {
    let asset = |number| PreparedAsset {
        name: format!("{number}.txt"),
        mime_type: "text/plain".into(),
        data: options.text().into_bytes(),
    };
    Outcome::ActionRequired(Action {
        instructions: text("직접 올려 주세요.", "Post it yourself."),
        prepared: (0..options.count).map(asset).collect(),
    })
}

baepo_sdk::channel!(OversizedResult);
