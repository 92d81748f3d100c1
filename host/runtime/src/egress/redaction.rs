//! Strikes the account's secrets out of what a provider says: some repeat a token in links and error
//! messages, and from there it would go into the component and the journal.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::{IncomingResponse, SendError};
use crate::redact::Redactor;

/// The secrets of one account, and the tokens that were obtained with them.
pub(super) struct Redaction(Redactor);

impl Redaction {
    pub(super) fn of(secrets: &BTreeMap<String, SecretString>) -> Self {
        Self(Redactor::new(secrets.values()))
    }

    /// A field whose name has a secret in it is left out.
    pub(super) fn answer(&self, answer: IncomingResponse) -> IncomingResponse {
        let fields = answer.headers.into_iter();
        let headers = fields
            .filter(|(name, _)| !self.0.contains_secret(name))
            .map(|(name, value)| (name, self.text(value)))
            .collect();
        IncomingResponse {
            status: answer.status,
            headers,
            body: self.0.body(answer.body),
        }
    }

    pub(super) fn result(
        &self,
        result: Result<IncomingResponse, SendError>,
    ) -> Result<IncomingResponse, SendError> {
        result
            .map(|answer| self.answer(answer))
            .map_err(|error| self.error(error))
    }

    pub(super) fn error(&self, error: SendError) -> SendError {
        match error {
            SendError::Denied(text) => SendError::Denied(self.text(text)),
            SendError::NotSent(text) => SendError::NotSent(self.text(text)),
            SendError::InDoubt(text) => SendError::InDoubt(self.text(text)),
            SendError::TooLarge(bytes) => SendError::TooLarge(bytes),
        }
    }

    pub(super) fn text(&self, text: String) -> String {
        self.0.answer_text(text)
    }
}
