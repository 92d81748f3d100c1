//! What an attempt asked of the outside and was answered: enough to run it again without asking.
//!
//! One journal per attempt, a handful of steps. Times and refusals are in it, secrets never: the
//! host attaches them behind it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::id::Digest;
use crate::model::receipt::Receipt;

pub mod sent;

/// What a request of an attempt is refused with once its offer has ended.
pub const OFFER_HAS_ENDED: &str = "the offer has ended";

/// One step of an attempt. The component's clock stands at the time of the last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 1 for the first; without gaps.
    pub sequence: u32,
    pub at: Timestamp,
    pub step: Step,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Requests are about to leave. Committed before they do when one of them is unsafe.
    Sent(Vec<Request>),
    /// The answers to the step before, in the order of the requests.
    Answered(Vec<RequestOutcome>),
    /// A signature with one of the account's secrets; of what was signed, the digest.
    Signed {
        secret: String,
        algorithm: String,
        data: Digest,
        signature: Option<Body>,
    },
    /// The component sleeps until then; committed before, when the sleep is long.
    Slept { until: Timestamp },
    /// Why nothing is out yet. Committed with the delivery's message.
    Waiting { note: String },
    /// The provider has taken it. Committed with the delivery that becomes ACCEPTED.
    Accepted { receipt: Receipt, note: String },
}

/// A request as the component made it: secrets are names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub method: String,
    pub url: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// Where a secret goes and which, such as `bearer accessToken`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<String>,
    pub repeat: Repeat,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

/// What may happen if a request reaches the provider twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Repeat {
    Safe,
    Idempotent,
    Unsafe,
}

/// What a request was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestOutcome {
    Response(Response),
    Denied(String),
    NotSent(String),
    InDoubt(String),
    /// The limit, in bytes.
    TooLarge(u64),
}

/// What a provider answered, without the account's secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    pub status: u16,
    /// Names in lower case; without `set-cookie`.
    pub headers: Vec<(String, String)>,
    pub body: Body,
}

impl RequestOutcome {
    /// Whether the request certainly never reached the provider.
    #[must_use]
    pub fn never_left(&self) -> bool {
        matches!(self, Self::Denied(_) | Self::NotSent(_))
    }

    /// The request was refused because the offer had ended.
    #[must_use]
    pub fn offer_has_ended(&self) -> bool {
        matches!(self, Self::Denied(why) if why == OFFER_HAS_ENDED)
    }
}

/// Bytes that are mostly text: as text in JSON where they are, in hexadecimal digits elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BodyForm", into = "BodyForm")]
pub struct Body(pub Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum BodyForm {
    Text(String),
    Hex(String),
}

impl From<Body> for BodyForm {
    fn from(body: Body) -> Self {
        match String::from_utf8(body.0) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Hex(hex::encode(error.into_bytes())),
        }
    }
}

impl From<BodyForm> for Body {
    fn from(form: BodyForm) -> Self {
        match form {
            BodyForm::Text(text) => Self(text.into_bytes()),
            // Only what `hex::encode` made is ever here.
            BodyForm::Hex(digits) => Self(hex::decode(digits).unwrap_or_default()),
        }
    }
}

impl Step {
    /// One word for people and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sent(_) => "sent",
            Self::Answered(_) => "answered",
            Self::Signed { .. } => "signed",
            Self::Slept { .. } => "slept",
            Self::Waiting { .. } => "waiting",
            Self::Accepted { .. } => "accepted",
        }
    }

    /// About how many bytes it takes in a journal: those of its texts and bodies.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Sent(requests) => requests.iter().map(Request::bytes).sum(),
            Self::Answered(answers) => answers.iter().map(RequestOutcome::bytes).sum(),
            Self::Signed { secret, .. } => secret.len(),
            Self::Slept { .. } => 0,
            Self::Waiting { note } => note.len(),
            Self::Accepted { receipt, note } => receipt.bytes() + note.len(),
        }
    }
}

/// A request of an attempt as people are shown it: no headers, no bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    pub method: String,
    /// Without its query, where personal data could stand.
    pub url: String,
    pub sent_at: Timestamp,
    /// None while it is under way, or when nobody knows how it ended.
    pub answered_at: Option<Timestamp>,
    /// An HTTP status, or a word for what went wrong.
    pub status: Option<String>,
}

/// The most of an address that people are shown, in characters.
const SHOWN_URL_CHARS: usize = 1_000;

/// The requests of a journal, in order.
#[must_use]
pub fn exchanges(entries: &[Entry]) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    let mut first_unanswered = 0;
    for entry in entries {
        match &entry.step {
            Step::Sent(requests) => {
                first_unanswered = exchanges.len();
                exchanges.extend(requests.iter().map(|request| request.sent(entry.at)));
            }
            Step::Answered(answers) => {
                let unanswered = exchanges.iter_mut().skip(first_unanswered);
                for (exchange, answer) in unanswered.zip(answers) {
                    exchange.answered_at = Some(entry.at);
                    exchange.status = Some(answer.status());
                }
            }
            Step::Signed { .. }
            | Step::Slept { .. }
            | Step::Waiting { .. }
            | Step::Accepted { .. } => {}
        }
    }
    exchanges
}

impl Request {
    fn bytes(&self) -> usize {
        let body = self.body.as_ref().map_or(0, |body| body.0.len());
        let credentials: usize = self.credentials.iter().map(String::len).sum();
        self.url.len() + field_bytes(&self.headers) + body + credentials
    }

    fn sent(&self, at: Timestamp) -> Exchange {
        let url = self.url.split(['?', '#']).next().unwrap_or_default();
        Exchange {
            method: self.method.clone(),
            url: url.chars().take(SHOWN_URL_CHARS).collect(),
            sent_at: at,
            answered_at: None,
            status: None,
        }
    }
}

fn field_bytes(fields: &[(String, String)]) -> usize {
    fields
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum()
}

impl RequestOutcome {
    fn bytes(&self) -> usize {
        match self {
            Self::Response(response) => field_bytes(&response.headers) + response.body.0.len(),
            Self::Denied(why) | Self::NotSent(why) | Self::InDoubt(why) => why.len(),
            Self::TooLarge(_) => 0,
        }
    }

    /// An HTTP status, or a word for what went wrong.
    #[must_use]
    pub fn status(&self) -> String {
        match self {
            Self::Response(response) => response.status.to_string(),
            Self::Denied(_) => "denied".to_owned(),
            Self::NotSent(_) => "not-sent".to_owned(),
            Self::InDoubt(_) => "in-doubt".to_owned(),
            Self::TooLarge(_) => "too-large".to_owned(),
        }
    }
}

/// A component that was run again did something else than the journal says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at entry {sequence} the journal has {recorded}, and the component {given}")]
pub struct Divergence {
    pub sequence: u32,
    pub recorded: String,
    pub given: String,
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sent(requests) => list(f, requests),
            Self::Answered(answers) => list(f, answers),
            Self::Signed {
                secret, algorithm, ..
            } => write!(f, "sign {algorithm} with {secret}"),
            Self::Slept { until } => write!(f, "sleep until {until}"),
            Self::Waiting { note } => write!(f, "waiting: {note}"),
            Self::Accepted { note, .. } => write!(f, "accepted: {note}"),
        }
    }
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.url)?;
        match &self.body {
            Some(body) => write!(
                f,
                " ({} bytes, {})",
                body.0.len(),
                Digest::of(&body.0).short()
            ),
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for RequestOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Response(Response { status, body, .. }) => {
                write!(f, "{status} ({} bytes)", body.0.len())
            }
            Self::Denied(why) => write!(f, "denied: {why}"),
            Self::NotSent(why) => write!(f, "not sent: {why}"),
            Self::InDoubt(why) => write!(f, "in doubt: {why}"),
            Self::TooLarge(bytes) => write!(f, "an answer over {bytes} bytes"),
        }
    }
}

fn list<T: std::fmt::Display>(f: &mut std::fmt::Formatter<'_>, items: &[T]) -> std::fmt::Result {
    for (index, item) in items.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        write!(f, "{separator}{item}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_body_round_trips(bytes: Vec<u8>) {
            let json = serde_json::to_string(&Body(bytes.clone())).expect("JSON");
            let body: Body = serde_json::from_str(&json).expect("a body");
            prop_assert_eq!(body.0, bytes);
        }
    }
}
