//! What owners read, in Korean and English, in one string: as components say it, as it is stored,
//! and as a reader is given their part of it.
//!
//! Each part begins on a line of its own with its tag, `[ko] ` or `[en] `. A text without tags is for
//! every reader: what a provider said in its own words, or what was stored before there were two
//! languages. A part with the tag `[op] ` is for operators alone: names of limits, rules and options,
//! and a provider's answer as it was. An owner can do nothing with it.

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
pub fn bilingual(korean: impl AsRef<str>, english: impl AsRef<str>) -> String {
    format!("[ko] {}\n[en] {}", korean.as_ref(), english.as_ref())
}

/// A text that is made for each language: where other texts become part of it.
#[must_use]
pub fn per_language(render: impl Fn(Language) -> String) -> String {
    bilingual(render(Language::Korean), render(Language::English))
}

/// A text around another one: `render` puts it together in each language. The inner text's detail for
/// operators stays behind it.
#[must_use]
pub fn wrap_bilingual(inner: &str, render: impl Fn(Language, &str) -> String) -> String {
    let outer = per_language(|language| render(language, &in_language(inner, language)));
    match detail(inner) {
        Some(detail) => with_detail(outer, detail),
        None => outer,
    }
}

/// A text with a detail that only operators read. It stays on one line, so that no part of it is taken
/// for a tag.
#[must_use]
pub fn with_detail(text: impl Into<String>, detail: impl AsRef<str>) -> String {
    let detail = detail.as_ref().replace(['\r', '\n'], " ");
    format!("{}\n[{OPERATOR}] {detail}", text.into())
}

/// A text that another sentence can follow: it ends as one. An example stays as it is: a full stop
/// would be copied with it.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim_end();
    let is_example = text.contains("예: ") || text.contains("Example: ");
    if is_example || text.is_empty() || text.ends_with(['.', '!', '?', ')', '…', '。']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// The reader's part of a text; the other one where it has none of theirs.
#[must_use]
pub fn in_language(text: &str, language: Language) -> String {
    let mut parts = parts(text);
    parts.retain(|(tag, _)| *tag != Tag::Operator);
    let reader_text = parts
        .iter()
        .find(|(tag, _)| *tag == Tag::Reader(language))
        .or_else(|| parts.iter().find(|(tag, _)| *tag == Tag::None))
        .or_else(|| parts.first());
    reader_text.map_or_else(String::new, |(_, reader_text)| reader_text.clone())
}

/// What only operators read of a text.
#[must_use]
pub fn detail(text: &str) -> Option<String> {
    let details: Vec<String> = parts(text)
        .into_iter()
        .filter(|(tag, _)| *tag == Tag::Operator)
        .map(|(_, reader_text)| reader_text)
        .collect();
    (!details.is_empty()).then(|| details.join("; "))
}

const OPERATOR: &str = "op";

/// Whom a part of a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    None,
    Reader(Language),
    Operator,
}

/// A text by its tags; what stands before the first tag has none.
fn parts(text: &str) -> Vec<(Tag, String)> {
    let tags = Language::ALL
        .map(|language| (Tag::Reader(language), language.tag()))
        .into_iter()
        .chain([(Tag::Operator, OPERATOR)]);
    let mut parts: Vec<(Tag, String)> = Vec::new();
    for line in text.split('\n') {
        let tagged = tags.clone().find_map(|(tag, name)| {
            let rest = line.strip_prefix('[')?.strip_prefix(name)?;
            Some((tag, rest.strip_prefix("] ")?))
        });
        match (tagged, parts.last_mut()) {
            (Some((tag, rest)), _) => parts.push((tag, rest.to_owned())),
            (None, Some((_, reader_text))) => {
                reader_text.push('\n');
                reader_text.push_str(line);
            }
            (None, None) => parts.push((Tag::None, line.to_owned())),
        }
    }
    parts
}

/// A time as it is read in Korea, which has no summer time.
pub(crate) fn format_kst(at: Timestamp, language: Language) -> String {
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
        let text = bilingual("하나\n둘", "one\ntwo");
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
    fn a_missing_language_falls_back_to_the_other() {
        assert_eq!(in_language("[ko] 하나", Language::English), "하나");
    }

    #[test]
    fn texts_within_a_text_stay_with_their_language() {
        let why = bilingual("느립니다", "it is slow");
        let text = per_language(|language| format!("({})", in_language(&why, language)));
        assert_eq!(text, "[ko] (느립니다)\n[en] (it is slow)");
    }

    #[test]
    fn a_detail_is_for_operators_and_stays_with_a_text_that_is_put_around() {
        let why = with_detail(
            bilingual("느립니다", "it is slow"),
            "limit \"fuel\"\n[en] x",
        );
        let text = wrap_bilingual(&why, |_, why| format!("({why})"));
        assert_eq!(
            text,
            "[ko] (느립니다)\n[en] (it is slow)\n[op] limit \"fuel\" [en] x"
        );
        assert_eq!(in_language(&text, Language::English), "(it is slow)");
        assert_eq!(detail(&text).as_deref(), Some("limit \"fuel\" [en] x"));
        assert_eq!(detail("plain"), None);
    }

    #[test]
    fn a_detail_alone_has_no_reader_text() {
        assert_eq!(in_language("[op] limit", Language::Korean), "");
        assert_eq!(in_language("said\n[op] limit", Language::Korean), "said");
    }
}
