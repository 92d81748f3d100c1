//! Hashtags as a provider takes them, and what that makes of what the owner wrote: said, never in
//! silence.

use crate::bindings::imports::baepo::channel::types::{Content, Finding};
use crate::text::text;

/// The content's hashtags without `#`, as a channel publishes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashtags {
    /// In the owner's order, none twice in any case, none empty.
    pub tags: Vec<String>,
    rewritten: Vec<RewrittenTag>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct RewrittenTag {
    index: usize,
    original: String,
    /// Empty: nothing is left of it.
    tag: String,
}

impl Hashtags {
    /// With the characters that a hashtag of this channel may have; others are left out.
    ///
    /// ```
    /// use baepo_sdk::{Hashtags, testing::content};
    /// let mut content = content();
    /// content.hashtags = vec!["#봄".into(), "1+1".into(), "🍞".into()];
    /// let hashtags = Hashtags::of(&content, Hashtags::is_word_char);
    /// assert_eq!(hashtags.tags, ["봄", "11"]);
    /// let places = hashtags.findings();
    /// assert_eq!(places[0].at, "/hashtags/1");
    /// assert_eq!(places[1].at, "/hashtags/2");
    /// ```
    #[must_use]
    pub fn of(content: &Content, is_allowed: fn(char) -> bool) -> Self {
        let mut hashtags = Self {
            tags: Vec::new(),
            rewritten: Vec::new(),
        };
        for (index, original) in content.hashtags.iter().enumerate() {
            let bare = original.trim_start_matches(['#', '＃', ' ']).trim_end();
            let tag: String = bare.chars().filter(|c| is_allowed(*c)).collect();
            if tag != bare {
                hashtags.rewritten.push(RewrittenTag {
                    index,
                    original: bare.to_owned(),
                    tag: tag.clone(),
                });
            }
            let lower = tag.to_lowercase();
            let is_new = hashtags
                .tags
                .iter()
                .all(|known| known.to_lowercase() != lower);
            if !tag.is_empty() && is_new {
                hashtags.tags.push(tag);
            }
        }
        hashtags
    }

    /// Letters, digits and `_`: what most providers take.
    #[must_use]
    pub fn is_word_char(c: char) -> bool {
        c.is_alphanumeric() || c == '_'
    }

    /// A warning for each tag that is published in another form than it was written, and for each of
    /// which nothing is left.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let finding = |rewrite: &RewrittenTag| {
            let RewrittenTag { original, tag, .. } = rewrite;
            let message = if tag.is_empty() {
                text(
                    format!("해시태그에는 글자와 숫자만 쓸 수 있어 '{original}'은(는) 빠집니다."),
                    format!("A hashtag has letters and digits only, so '{original}' is left out."),
                )
            } else {
                text(
                    format!(
                        "해시태그에는 글자와 숫자만 쓸 수 있어 '{original}'은(는) #{tag}(으)로 올라갑니다."
                    ),
                    format!(
                        "A hashtag has letters and digits only: '{original}' is posted as #{tag}."
                    ),
                )
            };
            Finding::warning(format!("/hashtags/{}", rewrite.index), message)
        };
        self.rewritten.iter().map(finding).collect()
    }
}

/// That a channel shows no hashtags at all; nothing where there are none.
#[must_use]
pub fn unsupported_finding(content: &Content) -> Option<Finding> {
    (!content.hashtags.is_empty()).then(|| {
        Finding::warning(
            "/hashtags",
            text(
                "이 채널에는 해시태그가 나가지 않습니다.",
                "Hashtags are not shown on this channel.",
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::content;

    fn of(tags: &[&str]) -> Hashtags {
        let mut content = content();
        content.hashtags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        Hashtags::of(&content, Hashtags::is_word_char)
    }

    #[test]
    fn an_unchanged_tag_has_no_finding() {
        let hashtags = of(&["#가을", "＃할인", "one_plus", "가을"]);
        assert_eq!(hashtags.tags, ["가을", "할인", "one_plus"]);
        assert_eq!(hashtags.findings(), []);
    }

    #[test]
    fn a_changed_tag_and_a_dropped_tag_each_have_a_warning() {
        let hashtags = of(&["1+1", "🍞", "동네 빵집"]);
        assert_eq!(hashtags.tags, ["11", "동네빵집"]);
        let messages: Vec<String> = hashtags
            .findings()
            .into_iter()
            .map(|finding| finding.message)
            .collect();
        assert!(
            messages[0].contains("'1+1'은(는) #11(으)로 올라갑니다."),
            "{}",
            messages[0]
        );
        assert!(
            messages[1].contains("'🍞'은(는) 빠집니다."),
            "{}",
            messages[1]
        );
        assert!(
            messages[2].contains("is posted as #동네빵집"),
            "{}",
            messages[2]
        );
    }
}
