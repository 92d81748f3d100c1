//! What the owner approved, the same for every channel. A channel adapts it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::id::ChannelId;
use crate::text::{Language, each, in_language};

/// A line that names something: not blank, at most [`Title::MAX_CHARS`] characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Title(String);

impl Title {
    /// Longer than any provider's title; keeps a draft's row small.
    pub const MAX_CHARS: usize = 200;

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Title {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let length = text.chars().count();
        if text.trim().is_empty() {
            Err("a title must not be blank".to_owned())
        } else if length > Self::MAX_CHARS {
            let most = Self::MAX_CHARS;
            Err(format!(
                "a title has at most {most} characters, this one has {length}"
            ))
        } else {
            Ok(Self(text))
        }
    }
}

impl From<Title> for String {
    fn from(title: Title) -> String {
        title.0
    }
}

/// The text, pictures and dates of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Content {
    /// 1 to 200 characters.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "가을맞이 전 메뉴 20% 할인")]
    pub title: Title,
    /// At most 10,000 characters.
    #[schema(max_length = 10_000)]
    pub body: String,
    /// At most 100, each at most 100 characters, with or without the leading `#`.
    #[serde(default)]
    pub hashtags: Vec<String>,
    /// Where a reader goes to take part: https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uri)]
    pub link: Option<Url>,
    /// At most 20.
    #[serde(default)]
    pub media: Vec<Media>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
}

/// A picture, film or sound at a public address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Media {
    pub kind: MediaKind,
    /// A public https address: most providers fetch it themselves.
    #[schema(value_type = String, format = Uri)]
    pub url: Url,
    #[schema(example = "image/jpeg")]
    pub mime_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MediaKind {
    Image,
    Video,
    Audio,
}

/// Start inclusive, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Period {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

impl Content {
    const MAX_BODY_CHARS: usize = 10_000;
    const MAX_HASHTAGS: usize = 100;
    const MAX_HASHTAG_CHARS: usize = 100;
    const MAX_MEDIA: usize = 20;
    const MAX_ALT_TEXT_CHARS: usize = 1_000;

    /// What no channel could use, each with its place as a JSON pointer into the content.
    #[must_use]
    pub fn problems(&self) -> Vec<Finding> {
        let mut problems = Vec::new();
        let mut problem = |at: String, message: String| problems.push(Finding::error(at, message));
        if self.body.chars().count() > Self::MAX_BODY_CHARS {
            let most = Self::MAX_BODY_CHARS;
            problem("/body".into(), format!("at most {most} characters"));
        }
        if self.hashtags.len() > Self::MAX_HASHTAGS {
            let most = Self::MAX_HASHTAGS;
            problem("/hashtags".into(), format!("at most {most} hashtags"));
        }
        for (index, tag) in self.hashtags.iter().enumerate() {
            let length = tag.trim_start_matches('#').chars().count();
            if length == 0 || length > Self::MAX_HASHTAG_CHARS {
                let most = Self::MAX_HASHTAG_CHARS;
                problem(
                    format!("/hashtags/{index}"),
                    format!("1 to {most} characters"),
                );
            }
        }
        if self
            .link
            .as_ref()
            .is_some_and(|link| link.scheme() != "https")
        {
            problem("/link".into(), "must be an https address".into());
        }
        if self.media.len() > Self::MAX_MEDIA {
            problem(
                "/media".into(),
                format!("at most {} media", Self::MAX_MEDIA),
            );
        }
        for (index, media) in self.media.iter().enumerate() {
            if media.url.scheme() != "https" {
                problem(
                    format!("/media/{index}/url"),
                    "must be an https address".into(),
                );
            }
            let alt_text = media.alt_text.as_deref().unwrap_or_default();
            if alt_text.chars().count() > Self::MAX_ALT_TEXT_CHARS {
                let most = Self::MAX_ALT_TEXT_CHARS;
                problem(
                    format!("/media/{index}/altText"),
                    format!("at most {most} characters"),
                );
            }
        }
        if self
            .period
            .is_some_and(|period| period.ends_at <= period.starts_at)
        {
            problem(
                "/period/endsAt".into(),
                "must be later than startsAt".into(),
            );
        }
        problems
    }
}

/// One thing that stops this content, or spoils it, on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub severity: Severity,
    /// The field it is about, as a JSON pointer.
    #[schema(example = "/media/0/width")]
    pub at: String,
    pub message: String,
}

impl Finding {
    /// A finding that stops the content.
    #[must_use]
    pub fn error(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            at: at.into(),
            message: message.into(),
        }
    }

    /// The same findings, seen from further up: their places begin with `prefix`.
    #[must_use]
    pub fn below(prefix: &str, findings: Vec<Self>) -> Vec<Self> {
        let place = |finding: Self| Self {
            at: format!("{prefix}{}", finding.at),
            ..finding
        };
        findings.into_iter().map(place).collect()
    }

    /// What a component found, by its place in the draft: a component points into the content, or
    /// with `/options` and `/settings` into what the owner chose for it.
    #[must_use]
    pub fn in_draft(channel: &ChannelId, findings: Vec<Self>) -> Vec<Self> {
        let place = |finding: Self| {
            let at = match (
                finding.at.strip_prefix("/options"),
                finding.at.strip_prefix("/settings"),
            ) {
                (Some(rest), _) => format!("/channelSettings/{channel}{rest}"),
                (_, Some(rest)) => format!("/accounts/{channel}/settings{rest}"),
                (None, None) => format!("/content{}", finding.at),
            };
            Self { at, ..finding }
        };
        findings.into_iter().map(place).collect()
    }

    /// The same, said in the reader's language.
    #[must_use]
    pub fn in_language(findings: Vec<Self>, language: Language) -> Vec<Self> {
        let said = |finding: Self| Self {
            message: in_language(&finding.message, language),
            ..finding
        };
        findings.into_iter().map(said).collect()
    }

    /// All of them in one sentence, in both languages, that begins with what is given.
    #[must_use]
    pub fn sentence_in_both(korean: &str, english: &str, findings: &[Self]) -> String {
        each(|language| {
            let what = match language {
                Language::Korean => korean,
                Language::English => english,
            };
            Self::sentence(what, &Self::in_language(findings.to_vec(), language))
        })
    }

    /// All of them in one sentence that begins with `what`.
    #[must_use]
    pub fn sentence(what: &str, findings: &[Self]) -> String {
        let detail = |finding: &Self| format!("{} {}", finding.at, finding.message);
        let details: Vec<String> = findings.iter().map(detail).collect();
        format!("{what}: {}", details.join("; "))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Warning,
    Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_s_places_are_told_as_places_in_the_draft() {
        let channel: ChannelId = "x".parse().expect("a channel");
        let places = ["/body", "/options/radius", "/settings/recipients/0", ""];
        let findings = places.map(|at| Finding::error(at, "m")).to_vec();
        let places: Vec<String> = Finding::in_draft(&channel, findings)
            .into_iter()
            .map(|finding| finding.at)
            .collect();
        assert_eq!(
            places,
            [
                "/content/body",
                "/channelSettings/x/radius",
                "/accounts/x/settings/recipients/0",
                "/content"
            ]
        );
    }
}
