//! Sends the request that its options describe, to find out which rule refuses it.
//!
//! Ends as `failed` in every case: with the host's reason, or with `answered 200: …`.

use baepo_sdk::http::{Credential, Method, Repeat, Request};
use baepo_sdk::{Content, Failure, Finding, Job, Outcome};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    url: String,
    #[serde(default)]
    method: Verb,
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// Bytes of `x` in the body.
    #[serde(default)]
    body_bytes: usize,
    /// The name of a secret to attach as a bearer token.
    #[serde(default)]
    bearer: Option<String>,
    /// A header to carry that secret instead.
    #[serde(default)]
    secret_header: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Verb {
    #[default]
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

struct ForgedRequests;

impl baepo_sdk::Channel for ForgedRequests {
    type Options = Options;

    fn check(_: &Content, _: &Options) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(job: Job<Options>) -> Result<Outcome, Failure> {
        Err(Failure::Failed(match forge(job.options).send() {
            Ok(answer) => format!("answered {}: {}", answer.status, answer.excerpt()),
            Err(unanswered) => unanswered.to_string(),
        }))
    }
}

/// Fills in the contract's record by hand: the SDK's builders would not let some of this through.
fn forge(options: Options) -> Request {
    Request {
        method: options.method.into(),
        url: options.url,
        headers: options.headers,
        body: (options.body_bytes > 0).then(|| vec![b'x'; options.body_bytes]),
        credentials: credentials(options.bearer, options.secret_header),
        repeat: Repeat::Idempotent,
        timeout_ms: None,
    }
}

fn credentials(secret: Option<String>, header: Option<String>) -> Vec<Credential> {
    match (secret, header) {
        (Some(secret), Some(header)) => vec![Credential::Header((header, secret))],
        (Some(secret), None) => vec![Credential::Bearer(secret)],
        (None, _) => Vec::new(),
    }
}

impl From<Verb> for Method {
    fn from(verb: Verb) -> Self {
        match verb {
            Verb::Get => Self::Get,
            Verb::Head => Self::Head,
            Verb::Post => Self::Post,
            Verb::Put => Self::Put,
            Verb::Patch => Self::Patch,
            Verb::Delete => Self::Delete,
        }
    }
}

baepo_sdk::channel!(ForgedRequests);
