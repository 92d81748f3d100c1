//! Hashtags as a provider takes them, and what that makes of what the owner wrote: said, never in
//! silence.

use crate::{Content, Finding, text};

/// The content's hashtags without `#`, as a channel publishes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashtags {
    /// In the owner's order, none twice in any case, none empty.
    pub tags: Vec<String>,
    changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    index: usize,
    written: String,
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
    /// let hashtags = Hashtags::of(&content, Hashtags::word);
    /// assert_eq!(hashtags.tags, ["봄", "11"]);
    /// let places = hashtags.findings();
    /// assert_eq!(places[0].at, "/hashtags/1");
    /// assert_eq!(places[1].at, "/hashtags/2");
    /// ```
    #[must_use]
    pub fn of(content: &Content, is_taken: fn(char) -> bool) -> Self {
        let mut hashtags = Self {
            tags: Vec::new(),
            changes: Vec::new(),
        };
        for (index, written) in content.hashtags.iter().enumerate() {
            let bare = written.trim_start_matches(['#', '＃', ' ']).trim_end();
            let tag: String = bare.chars().filter(|c| is_taken(*c)).collect();
            if tag != bare {
                hashtags.changes.push(Change {
                    index,
                    written: bare.to_owned(),
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
    pub fn word(c: char) -> bool {
        c.is_alphanumeric() || c == '_'
    }

    /// A warning for each tag that is published in another form than it was written, and for each of
    /// which nothing is left.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let finding = |change: &Change| {
            let Change { written, tag, .. } = change;
            let message = if tag.is_empty() {
                text(
                    format!("해시태그에는 글자와 숫자만 쓸 수 있어 '{written}'은(는) 빠집니다."),
                    format!("A hashtag has letters and digits only, so '{written}' is left out."),
                )
            } else {
                text(
                    format!(
                        "해시태그에는 글자와 숫자만 쓸 수 있어 '{written}'은(는) #{tag}(으)로 올라갑니다."
                    ),
                    format!(
                        "A hashtag has letters and digits only: '{written}' is posted as #{tag}."
                    ),
                )
            };
            Finding::warning(format!("/hashtags/{}", change.index), message)
        };
        self.changes.iter().map(finding).collect()
    }
}

/// That a channel shows no hashtags at all; nothing where there are none.
#[must_use]
pub fn not_shown(content: &Content) -> Option<Finding> {
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
        Hashtags::of(&content, Hashtags::word)
    }

    #[test]
    fn an_unchanged_tag_has_no_finding() {
        let hashtags = of(&["#가을", "＃할인", "one_plus", "가을"]);
        assert_eq!(hashtags.tags, ["가을", "할인", "one_plus"]);
        assert_eq!(hashtags.findings(), []);
    }

    #[test]
    fn a_changed_tag_says_how_it_looks_and_a_dropped_one_says_so() {
        let hashtags = of(&["1+1", "🍞", "동네 빵집"]);
        assert_eq!(hashtags.tags, ["11", "동네빵집"]);
        let said: Vec<String> = hashtags
            .findings()
            .into_iter()
            .map(|finding| finding.message)
            .collect();
        assert!(
            said[0].contains("'1+1'은(는) #11(으)로 올라갑니다."),
            "{}",
            said[0]
        );
        assert!(said[1].contains("'🍞'은(는) 빠집니다."), "{}", said[1]);
        assert!(said[2].contains("is posted as #동네빵집"), "{}", said[2]);
    }
}
