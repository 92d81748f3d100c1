//! What owners read, in Korean and English, in one string: as components say it, as it is stored,
//! and as a reader is given their part of it.
//!
//! Each part begins on a line of its own with its tag, `[ko] ` or `[en] `. A text without tags is for
//! every reader: what a provider said in its own words, or what was stored before there were two
//! languages.

use jiff::Timestamp;
use jiff::tz::Offset;

/// A reader's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Of the shop owners that Baepo is made for.
    #[default]
    Korean,
    English,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::Korean, Self::English];

    /// Its tag by BCP 47.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Korean => "ko",
            Self::English => "en",
        }
    }
}

/// A text in both languages.
#[must_use]
pub fn both(korean: impl AsRef<str>, english: impl AsRef<str>) -> String {
    format!("[ko] {}\n[en] {}", korean.as_ref(), english.as_ref())
}

/// A text that is made for each language: where other texts become part of it.
#[must_use]
pub fn each(say: impl Fn(Language) -> String) -> String {
    both(say(Language::Korean), say(Language::English))
}

/// The reader's part of a text; the other one where it has none of theirs.
#[must_use]
pub fn in_language(text: &str, language: Language) -> String {
    let parts = parts(text);
    let said = parts
        .iter()
        .find(|(tag, _)| *tag == Some(language))
        .or_else(|| parts.iter().find(|(tag, _)| tag.is_none()))
        .or_else(|| parts.first());
    said.map_or_else(String::new, |(_, said)| said.clone())
}

/// A text by its tags; what stands before the first tag has none.
fn parts(text: &str) -> Vec<(Option<Language>, String)> {
    let mut parts: Vec<(Option<Language>, String)> = Vec::new();
    for line in text.split('\n') {
        let tagged = Language::ALL.into_iter().find_map(|language| {
            let rest = line.strip_prefix('[')?.strip_prefix(language.tag())?;
            Some((language, rest.strip_prefix("] ")?))
        });
        match (tagged, parts.last_mut()) {
            (Some((language, rest)), _) => parts.push((Some(language), rest.to_owned())),
            (None, Some((_, said))) => {
                said.push('\n');
                said.push_str(line);
            }
            (None, None) => parts.push((None, line.to_owned())),
        }
    }
    parts
}

/// A time as it is read in Korea, which has no summer time.
pub(crate) fn seoul(at: Timestamp, language: Language) -> String {
    let time = Offset::constant(9).to_datetime(at);
    let (year, month, day) = (time.year(), time.month(), time.day());
    let (hour, minute) = (time.hour(), time.minute());
    match language {
        Language::Korean => format!("{year}년 {month}월 {day}일 {hour:02}:{minute:02}"),
        Language::English => format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} KST"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gets_their_part_with_all_its_lines() {
        let text = both("하나\n둘", "one\ntwo");
        assert_eq!(in_language(&text, Language::Korean), "하나\n둘");
        assert_eq!(in_language(&text, Language::English), "one\ntwo");
    }

    #[test]
    fn a_text_without_tags_is_for_everybody() {
        for text in ["plain\ntext", "", "[not] a tag", "[ko]no space"] {
            assert_eq!(in_language(text, Language::English), text);
        }
    }

    #[test]
    fn a_part_that_is_missing_is_better_than_nothing() {
        assert_eq!(in_language("[ko] 하나", Language::English), "하나");
    }

    #[test]
    fn texts_within_a_text_stay_with_their_language() {
        let why = both("느립니다", "it is slow");
        let text = each(|language| format!("({})", in_language(&why, language)));
        assert_eq!(text, "[ko] (느립니다)\n[en] (it is slow)");
    }
}
