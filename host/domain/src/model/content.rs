//! What the owner approved, the same for every channel. A channel adapts it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::model::findings::{Finding, Findings};
use crate::model::normal_form::{self, length};
use crate::model::text::Localized;
use crate::model::{instant, web_address};

/// The text, pictures and dates of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Content {
    /// 1 to 200 characters.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "가을맞이 전 메뉴 20% 할인"
    )]
    pub title: String,
    /// At most 10,000 characters.
    #[schema(max_length = 10_000)]
    pub body: String,
    /// At most 100, each at most 100 characters, with or without the leading `#`; one that is there
    /// twice is kept once.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub hashtags: Vec<String>,
    /// Where a reader goes to take part: https, which may be left out.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "web_address::link"
    )]
    #[schema(value_type = Option<String>, example = "https://shop.example/autumn")]
    pub link: Option<Url>,
    /// At most 20.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub media: Vec<Media>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
}

/// A picture, film or sound at a public address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Media {
    pub kind: MediaKind,
    /// A public https address: most providers fetch it themselves. Its bytes stay as they are.
    #[serde(deserialize_with = "web_address::file")]
    #[schema(value_type = String, example = "https://shop.example/autumn.jpg")]
    pub url: Url,
    /// In any case; parameters are dropped.
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
    #[schema(max_length = 1_000)]
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
    #[serde(deserialize_with = "instant::deserialize")]
    pub starts_at: Timestamp,
    #[serde(deserialize_with = "instant::deserialize")]
    pub ends_at: Timestamp,
}

/// 1 to 200 characters.
pub(crate) const MAX_TITLE_CHARS: usize = 200;

impl Content {
    const MAX_BODY_CHARS: usize = 10_000;
    const MAX_HASHTAGS: usize = 100;
    const MAX_HASHTAG_CHARS: usize = 100;
    const MAX_MEDIA: usize = 20;
    const MAX_ALT_TEXT_CHARS: usize = 1_000;

    /// With every text in its [normal form](normal_form), and tags that are the same once. Addresses
    /// of media stay as they are.
    #[must_use]
    pub fn normalized(self) -> Self {
        let mut known = BTreeSet::new();
        let hashtags = self.hashtags.into_iter().map(normal_form::line);
        let mut hashtags: Vec<String> = hashtags.collect();
        hashtags.retain(|tag| known.insert(normal_form::tag_key(tag)));
        let media = |media: Media| Media {
            mime_type: normal_form::media_type(media.mime_type),
            alt_text: media.alt_text.map(normal_form::lines),
            ..media
        };
        Self {
            title: normal_form::line(self.title),
            body: normal_form::lines(self.body),
            hashtags,
            media: self.media.into_iter().map(media).collect(),
            ..self
        }
    }

    /// What no channel could use, each with its place as a JSON pointer into the content. Counts
    /// what is there in its normal form.
    #[must_use]
    pub fn problems(&self) -> Findings {
        let mut problems: Findings = title_problem("/title", &self.title).into_iter().collect();
        problems.extend(too_long("/body", &self.body, Self::MAX_BODY_CHARS));
        problems.append(self.hashtag_problems());
        problems.append(self.media_problems());
        let link = self.link.as_ref().and_then(web_address::not_https);
        problems.extend(link.map(|why| Finding::error("/link", why)));
        let ends_first = |period: &Period| period.ends_at <= period.starts_at;
        if self.period.as_ref().is_some_and(ends_first) {
            let message = Localized::new(
                "행사가 끝나는 때는 시작하는 때보다 뒤여야 합니다.",
                "The event must end after it begins.",
            );
            problems.extend([Finding::error("/period/endsAt", message)]);
        }
        problems
    }

    fn hashtag_problems(&self) -> Findings {
        let (found, most) = (self.hashtags.len(), Self::MAX_HASHTAGS);
        let mut problems = Findings::default();
        if found > most {
            let message = Localized::new(
                format!("해시태그는 {most}개까지 넣을 수 있습니다. 지금은 {found}개입니다."),
                format!("There may be {most} hashtags. There are {found}."),
            );
            problems.extend([Finding::error("/hashtags", message)]);
        }
        for (index, tag) in self.hashtags.iter().enumerate() {
            let at = || format!("/hashtags/{index}");
            let tag = normal_form::line(tag.clone());
            let tag = normal_form::bare_tag(&tag);
            if tag.is_empty() {
                problems.add(|| {
                    let message = Localized::new(
                        "해시태그가 비어 있습니다. 지우거나 채워 주세요.",
                        "The hashtag is empty. Fill it in or remove it.",
                    );
                    Finding::error(at(), message)
                });
            } else if is_too_long(tag, Self::MAX_HASHTAG_CHARS) {
                problems.add(|| longer(&at(), tag, Self::MAX_HASHTAG_CHARS));
            }
        }
        problems
    }

    fn media_problems(&self) -> Findings {
        let (found, most) = (self.media.len(), Self::MAX_MEDIA);
        let mut problems = Findings::default();
        if found > most {
            let message = Localized::new(
                format!(
                    "사진, 영상, 소리 파일은 {most}개까지 넣을 수 있습니다. 지금은 {found}개입니다."
                ),
                format!("There may be {most} pictures, videos and sounds. There are {found}."),
            );
            problems.extend([Finding::error("/media", message)]);
        }
        for (index, media) in self.media.iter().enumerate() {
            if let Some(why) = web_address::not_https(&media.url) {
                problems.add(|| Finding::error(format!("/media/{index}/url"), why));
            }
            let alt_text = media.alt_text.as_deref().unwrap_or_default();
            if is_too_long(alt_text, Self::MAX_ALT_TEXT_CHARS) {
                let at = format!("/media/{index}/altText");
                problems.add(|| longer(&at, alt_text, Self::MAX_ALT_TEXT_CHARS));
            }
        }
        problems
    }
}

/// What is wrong with a title.
pub(crate) fn title_problem(at: &str, title: &str) -> Option<Finding> {
    if length(title) > 0 {
        return too_long(at, title, MAX_TITLE_CHARS);
    }
    let message = Localized::new(
        "제목이 비어 있습니다. 제목을 써 주세요.",
        "The title is empty. Write one.",
    );
    Some(Finding::error(at, message))
}

/// What is wrong with a text that may have this many characters.
pub(crate) fn too_long(at: &str, text: &str, most: usize) -> Option<Finding> {
    is_too_long(text, most).then(|| longer(at, text, most))
}

fn is_too_long(text: &str, most: usize) -> bool {
    length(text) > most
}

/// A text that has more characters than it may.
fn longer(at: &str, text: &str, most: usize) -> Finding {
    let found = length(text);
    let message = Localized::new(
        format!("{most}자까지 쓸 수 있습니다. 지금은 {found}자입니다."),
        format!("It may have {most} characters. There are {found}."),
    );
    Finding::error(at, message)
}
