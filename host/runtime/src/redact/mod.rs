//! Removes an account's secrets from what providers respond and from what components hand over.
//!
//! Secrets never enter a component, but a provider may echo one, in whatever spelling: as it is,
//! with percent signs, escaped for JSON or HTML, in base64, in hexadecimal digits, compressed, and
//! one within the other up to three deep. All of these are one rule here, for responses, errors, and
//! every text that leaves a component. `spellings` undoes a spelling, `search` goes through all of
//! them and maps what it finds back to the source.
//!
//! A text that cannot be searched within a bound of work is replaced whole.

mod search;
mod spellings;
#[cfg(test)]
mod tests;

use std::ops::Range;

use baepo_domain::model::account;
use baepo_domain::model::journal::{Body, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::de::IgnoredAny;

use self::search::{Needles, WorkLimitExceeded};

/// Shorter secrets are not looked for in responses: they would be found where they are not meant. No
/// shorter one is accepted; some are stored from before there was a minimum.
pub(crate) const MIN_SECRET_BYTES: usize = account::MIN_SECRET_BYTES;

/// What may be looked through for every answer, in bytes, however short it is: it may be compressed.
const ANSWER_WORK: usize = 1 << 20;
/// The same for every text of a component, which returns hundreds at once.
const TEXT_WORK: usize = 16 << 10;

const REPLACEMENT: &str = "[secret]";

/// Knows the secrets of one account.
#[derive(Default)]
pub(crate) struct Redactor {
    needles: Needles,
    /// Those that are too short to be looked for in every spelling, the longest first.
    short: Vec<SecretString>,
}

impl Redactor {
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let (long, mut short): (Vec<_>, Vec<_>) = secrets
            .into_iter()
            .filter(|secret| !secret.expose_secret().is_empty())
            .partition(|secret| secret.expose_secret().len() >= MIN_SECRET_BYTES);
        short.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
        Self {
            needles: Needles::of(long.into_iter().map(ExposeSecret::expose_secret)),
            short: short.into_iter().cloned().collect(),
        }
    }

    /// A text of a component, with `[secret]` in the place of every secret, also of short ones.
    pub fn text(&self, text: String) -> String {
        let text = self.clean_text(text, TEXT_WORK);
        self.short.iter().fold(text, |text, secret| {
            let secret = secret.expose_secret();
            if text.contains(secret) {
                text.replace(secret, REPLACEMENT)
            } else {
                text
            }
        })
    }

    /// A text of a provider, or an error that may repeat one.
    pub fn answer_text(&self, text: String) -> String {
        self.clean_text(text, ANSWER_WORK)
    }

    fn clean_text(&self, text: String, base_work: usize) -> String {
        match self.redacted(text.as_bytes(), base_work) {
            None => text,
            Some(clean) => String::from_utf8(clean).unwrap_or_else(|_| REPLACEMENT.to_owned()),
        }
    }

    /// A provider's response. A field whose name has a secret in it is left out.
    pub fn response(&self, response: Response) -> Response {
        let fields = response.headers.into_iter();
        let fields = fields.filter(|(name, _)| !self.contains_secret(name));
        Response {
            status: response.status,
            headers: fields
                .map(|(name, value)| (name, self.answer_text(value)))
                .collect(),
            body: Body(self.body(response.body.0)),
        }
    }

    /// A body in whatever form. One that is JSON stays JSON.
    pub fn body(&self, body: Vec<u8>) -> Vec<u8> {
        match self.redacted(&body, ANSWER_WORK) {
            None => body,
            Some(clean) if is_json(&body) && !is_json(&clean) => {
                // A secret stood across strings, or was a number.
                format!("\"{REPLACEMENT}\"").into_bytes()
            }
            Some(clean) => clean,
        }
    }

    /// Whether there is a secret in it.
    pub fn contains_secret(&self, text: &str) -> bool {
        self.redacted(text.as_bytes(), ANSWER_WORK).is_some()
    }

    /// `None`: there is no secret in it.
    fn redacted(&self, bytes: &[u8], base_work: usize) -> Option<Vec<u8>> {
        match self.needles.spans(bytes, base_work) {
            Ok(spans) if spans.is_empty() => None,
            Ok(spans) => Some(replaced(bytes, spans)),
            Err(WorkLimitExceeded) => Some(REPLACEMENT.as_bytes().to_vec()),
        }
    }
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

fn replaced(bytes: &[u8], mut spans: Vec<Range<usize>>) -> Vec<u8> {
    spans.sort_by_key(|span| span.start);
    let mut clean = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for span in spans {
        let start = unescaped_start(bytes, span.start);
        if start >= done {
            clean.extend_from_slice(&bytes[done..start]);
            clean.extend_from_slice(REPLACEMENT.as_bytes());
        }
        // One that overlaps the span before goes with it.
        done = done.max(span.end);
    }
    clean.extend_from_slice(&bytes[done..]);
    clean
}

/// A backslash that escapes the first byte of what is replaced goes along.
fn unescaped_start(bytes: &[u8], start: usize) -> usize {
    let before = bytes[..start].iter().rev();
    let backslashes = before.take_while(|byte| **byte == b'\\').count();
    start - backslashes % 2
}
