//! Why there is no way out, and why a request has no response.

use std::collections::BTreeMap;

use baepo_domain::model::journal::{RequestOutcome, Response};
use secrecy::SecretString;

use crate::redact::Redactor;

/// Why there is no way out.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The operator corrects the configuration.
    #[error("egress.rewrite: {0}")]
    Rewrite(String),
    /// This machine cannot make connections.
    #[error("no way to make connections: {0}")]
    Client(String),
}

/// Why there is no response, by what the sender may do next: every [`RequestOutcome`] but a
/// response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SendError {
    /// A rule refused it; nothing that acts was sent. The text begins with the rule's name.
    #[error("{0}")]
    Denied(String),
    /// It never reached the provider.
    #[error("{0}")]
    NotSent(String),
    /// It may have reached the provider.
    #[error("{0}")]
    InDoubt(String),
    /// The response was longer than this many bytes.
    #[error("limit \"response bytes\": the answer is over {0} bytes")]
    TooLarge(u64),
}

impl SendError {
    /// The same without secrets.
    pub(super) fn redacted(self, redactor: &Redactor) -> Self {
        match self {
            Self::Denied(text) => Self::Denied(redactor.answer_text(text)),
            Self::NotSent(text) => Self::NotSent(redactor.answer_text(text)),
            Self::InDoubt(text) => Self::InDoubt(redactor.answer_text(text)),
            Self::TooLarge(bytes) => Self::TooLarge(bytes),
        }
    }
}

impl From<SendError> for RequestOutcome {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Denied(rule) => Self::Denied(rule),
            SendError::NotSent(why) => Self::NotSent(why),
            SendError::InDoubt(why) => Self::InDoubt(why),
            SendError::TooLarge(bytes) => Self::TooLarge(bytes),
        }
    }
}

/// The result of a request, without these secrets.
pub(super) fn redacted(
    result: Result<Response, SendError>,
    secrets: &BTreeMap<String, SecretString>,
) -> Result<Response, SendError> {
    let redactor = Redactor::new(secrets.values());
    result
        .map(|response| redactor.response(response))
        .map_err(|error| error.redacted(&redactor))
}
