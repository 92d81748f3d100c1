//! What an owner reads, in their language.

use core::fmt;
use std::borrow::Cow;

/// A text in Korean and in English, as the contract writes it down: each part begins on a line of
/// its own with its tag. The host shows the reader's.
///
/// ```
/// use baepo_sdk::{Finding, text};
/// let most = 40;
/// let finding = Finding::error(
///     "/title",
///     text(
///         format!("제목은 {most}자까지 쓸 수 있습니다."),
///         format!("A title has at most {most} characters."),
///     ),
/// );
/// assert_eq!(
///     finding.message,
///     "[ko] 제목은 40자까지 쓸 수 있습니다.\n[en] A title has at most 40 characters."
/// );
/// ```
#[must_use]
pub fn text(korean: impl Into<String>, english: impl Into<String>) -> String {
    Text::new(korean, english).into()
}

/// A text that is still being put together: the languages stay apart, so that no part ever stands
/// inside another with its tags.
///
/// ```
/// use baepo_sdk::Text;
/// let refusal = Text::new("제공자가 거절했습니다.", "The provider refuses.").with_quote("E42: no");
/// assert_eq!(
///     refusal.to_string(),
///     "[ko] 제공자가 거절했습니다. E42: no\n[en] The provider refuses. E42: no"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub korean: String,
    pub english: String,
    /// What only operators read; empty when there is nothing.
    pub operator: String,
}

impl Text {
    #[must_use]
    pub fn new(korean: impl Into<String>, english: impl Into<String>) -> Self {
        Self {
            korean: korean.into(),
            english: english.into(),
            operator: String::new(),
        }
    }

    /// This text, and then another.
    #[must_use]
    pub fn then(self, next: &Self) -> Self {
        Self {
            korean: joined(self.korean, &next.korean),
            english: joined(self.english, &next.english),
            operator: joined(self.operator, &next.operator),
        }
    }

    /// This text, and then words that nobody translates: what a person at the provider wrote for the
    /// owner. They stay on one line, so that none of them is taken for a tag.
    #[must_use]
    pub fn with_quote(self, words: &str) -> Self {
        let words = one_line(words, QUOTE_BYTES);
        Self {
            korean: joined(self.korean, &words),
            english: joined(self.english, &words),
            ..self
        }
    }

    /// In English, with what is behind it: for a log.
    #[must_use]
    pub fn log_line(&self) -> String {
        joined(self.english.clone(), &self.operator)
    }

    /// The same for owners, and for operators what is behind it: a status, a code, a provider's
    /// answer, a limit's name. An owner can do nothing with those.
    #[must_use]
    pub fn detail(self, words: &str) -> Self {
        let operator = joined(self.operator, &one_line(words, DETAIL_BYTES));
        Self {
            operator: clipped(&operator, DETAILS_BYTES).into_owned(),
            ..self
        }
    }
}

/// The most of somebody else's words, which both languages have, of a detail, and of all details: a
/// provider that answers at length must not take a text over the host's limit of 32 KiB.
const QUOTE_BYTES: usize = 8_000;
const DETAIL_BYTES: usize = 3_000;
const DETAILS_BYTES: usize = 12_000;

fn one_line(words: &str, most: usize) -> String {
    clipped(words, most).replace(['\r', '\n'], " ")
}

fn clipped(words: &str, most: usize) -> Cow<'_, str> {
    if words.len() <= most {
        return words.into();
    }
    let end = words.floor_char_boundary(most);
    format!("{}…", &words[..end]).into()
}

fn joined(mut text: String, next: &str) -> String {
    if !text.is_empty() && !next.is_empty() {
        text.push(' ');
    }
    text + next
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[ko] {}\n[en] {}", self.korean, self.english)?;
        if self.operator.is_empty() {
            return Ok(());
        }
        write!(f, "\n[op] {}", self.operator)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_per_language() {
        let whole =
            Text::new("거절되었습니다.", "Refused.").then(&Text::new("상태 403", "status 403"));
        assert_eq!(
            whole.to_string(),
            "[ko] 거절되었습니다. 상태 403\n[en] Refused. status 403"
        );
        assert_eq!(Text::new("", "").then(&whole), whole);
        assert_eq!(whole.clone().with_quote(""), whole);
    }

    #[test]
    fn a_detail_is_for_operators_only() {
        let why = Text::new("느립니다.", "It is slow.").detail("limit \"request time\"\n[ko] x");
        let whole = Text::new("실패했습니다.", "It failed.")
            .then(&why)
            .detail("twice");
        assert_eq!(
            whole.to_string(),
            "[ko] 실패했습니다. 느립니다.\n[en] It failed. It is slow.\n\
             [op] limit \"request time\" [ko] x twice"
        );
    }

    #[test]
    fn a_long_quote_is_clipped() {
        let words = "길".repeat(1_000);
        let whole = Text::new("", "").with_quote(&words).detail(&words);
        assert_eq!((&whole.korean, &whole.operator), (&words, &words));
        let longer = "길".repeat(10_000);
        let long = (0..100).fold(Text::new("", "").with_quote(&longer), |text, _| {
            text.detail(&longer)
        });
        assert!(long.korean.ends_with("길…") && long.operator.ends_with('…'));
        assert!(long.to_string().len() < 32 << 10);
    }

    #[test]
    fn provider_text_cannot_forge_a_language_tag() {
        let refusal = Text::new("거절되었습니다.", "Refused.").with_quote("no\n[en] Paid.");
        assert_eq!(refusal.to_string().matches("\n[en] ").count(), 1);
    }
}
