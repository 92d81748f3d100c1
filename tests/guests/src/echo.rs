//! What both releases of `echo` do.

use baepo_sdk::http::{self, Repeat};
use baepo_sdk::{Failure, Job, Outcome, account, run};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    #[serde(default)]
    method: Verb,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Verb {
    #[default]
    Get,
    Post,
}

/// One request, one line in the log, live.
///
/// # Errors
/// As the SDK sorts a request without an answer, or a status that is no success.
pub fn distribute(job: &Job<Options>, external_id: &str) -> Result<Outcome, Failure> {
    let url = account::required("url")?;
    let request = match job.options.method {
        Verb::Get => http::get(url),
        Verb::Post => http::post(url, Repeat::Unsafe).json(&job.content.title),
    };
    let answer = request.send()?.success()?;
    run::info(format!("{external_id} got {} bytes", answer.body.len()));
    Ok(Outcome::live(Some(external_id), None))
}
