//! Keeps secrets out of what a component says.
//!
//! Secrets never enter a component, but a provider may echo one in an answer, and a component
//! may put that answer into a message. Every text that leaves a component passes here.

use secrecy::{ExposeSecret as _, SecretString};

const REDACTED: &str = "[secret]";

/// Knows the secrets of one account.
#[derive(Debug, Default)]
pub(crate) struct Redactor {
    /// The longest first, so that a secret inside another leaves no rest of it.
    secrets: Vec<SecretString>,
}

impl Redactor {
    pub fn new<'a>(secrets: impl Iterator<Item = &'a SecretString>) -> Self {
        let mut secrets: Vec<_> = secrets
            .filter(|secret| !secret.expose_secret().is_empty())
            .cloned()
            .collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
        Self { secrets }
    }

    /// The same text with `[secret]` in the place of every secret.
    pub fn text(&self, text: String) -> String {
        self.secrets.iter().fold(text, |text, secret| {
            let secret = secret.expose_secret();
            if text.contains(secret) {
                text.replace(secret, REDACTED)
            } else {
                text
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_is_covered_whole() {
        let secrets: Vec<SecretString> = ["token", "token-and-more", ""]
            .map(SecretString::from)
            .into();
        let redactor = Redactor::new(secrets.iter());
        let text = "token-and-more, then token: tokentoken".to_owned();
        assert_eq!(
            redactor.text(text),
            "[secret], then [secret]: [secret][secret]"
        );
        assert_eq!(redactor.text("nothing".to_owned()), "nothing");
    }
}
