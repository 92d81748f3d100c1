//! A refusal: the rule, and what it refused.

use std::fmt;

use baepo_domain::model::number::grouped;
use url::Url;

use super::error::SendError;

/// The longest text that an error repeats, in characters.
const SHOWN_CHARS: usize = 200;

/// A rule that refused a request, and what it refused: `rule "grants": …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule \"{rule}\": {reason}")]
pub(super) struct Refusal {
    rule: Rule,
    reason: String,
}

/// The rules by the names that authors and operators meet in errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The address cannot be sent to as it is written.
    Url,
    /// It lies in a network that is not the public internet.
    PrivateAddress,
    /// No grant of the channel covers it.
    Grants,
    /// A header field that is the host's, or that would not arrive as one field.
    Headers,
    /// A secret that may not go there, or that the account does not have.
    Credentials,
    /// A redirect that is not followed wherever it leads.
    Redirects,
}

impl Rule {
    /// The refusal of this rule for a reason.
    pub(super) fn refuses(self, reason: impl Into<String>) -> Refusal {
        Refusal {
            rule: self,
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => "url",
            Self::PrivateAddress => "private address",
            Self::Grants => "grants",
            Self::Headers => "headers",
            Self::Credentials => "credentials",
            Self::Redirects => "redirects",
        })
    }
}

impl From<Refusal> for SendError {
    fn from(refusal: Refusal) -> Self {
        Self::Denied(refusal.to_string())
    }
}

/// An address as an error shows it: without its query, where providers like to put secrets.
pub(super) fn for_display(url: &Url) -> String {
    let origin = url.origin().ascii_serialization();
    format!("{origin}{}", brief(url.path()))
}

/// A text as an error shows it: whole or not at all, as a part of a secret would no longer be
/// found and redacted.
pub(super) fn brief(text: &str) -> String {
    match text.chars().count() {
        0..=SHOWN_CHARS => text.to_owned(),
        longer => format!("({} characters)", grouped(longer as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_query_and_user() {
        let url: Url = "https://user:pass@a.example:444/x?token=canary#y"
            .parse()
            .expect("a url");
        assert_eq!(for_display(&url), "https://a.example:444/x");
    }

    #[test]
    fn a_long_text_is_omitted() {
        assert_eq!(brief(&"배".repeat(200)), "배".repeat(200));
        assert_eq!(brief(&"배".repeat(1_000)), "(1,000 characters)");
    }
}
