//! A text in the languages of its readers, with what only operators read of it.
//!
//! Inside the host a text is always a [`Localized`]. As one string, with a tag before each part, it
//! exists only where it comes from a component or goes into a stored row or JSON: `[ko] ` and `[en] `
//! begin a reader's part, `[op] ` the operator's detail, each on a line of its own. A text without tags
//! is the same in every language: a provider's own words, or what was stored before there were two.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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

/// A text in every language. Serialized as one tagged string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Localized {
    korean: String,
    english: String,
    detail: Option<String>,
}

impl Localized {
    #[must_use]
    pub fn new(korean: impl Into<String>, english: impl Into<String>) -> Self {
        Self {
            korean: korean.into(),
            english: english.into(),
            detail: None,
        }
    }

    /// A text that is the same for every reader.
    #[must_use]
    pub fn verbatim(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new(text.clone(), text)
    }

    /// A text that is rendered once for each language.
    #[must_use]
    pub fn each(render: impl Fn(Language) -> String) -> Self {
        Self::new(render(Language::Korean), render(Language::English))
    }

    /// The reader's part.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Korean => &self.korean,
            Language::English => &self.english,
        }
    }

    /// What only operators read: names of limits, rules and options, and a provider's own answer.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// Whether nobody reads anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.korean.is_empty() && self.english.is_empty() && self.detail.is_none()
    }

    /// The same with one more detail for operators, on one line.
    #[must_use]
    pub fn with_detail(self, detail: impl AsRef<str>) -> Self {
        let more = detail.as_ref().replace(['\r', '\n'], " ");
        let detail = match self.detail {
            Some(detail) => format!("{detail}; {more}"),
            None => more,
        };
        Self {
            detail: Some(detail),
            ..self
        }
    }

    /// The same inside another text, which `render` puts together in each language. The detail stays.
    #[must_use]
    pub fn around(self, render: impl Fn(Language, &str) -> String) -> Self {
        let outer = Self::each(|language| render(language, self.get(language)));
        Self {
            detail: self.detail,
            ..outer
        }
    }

    /// The same as a sentence that another can follow. An example stays as it is: a full stop would be
    /// copied with it.
    #[must_use]
    pub fn sentence(self) -> Self {
        self.around(|_, text| {
            let text = text.trim_end();
            let is_example = text.contains("예: ") || text.contains("Example: ");
            if is_example || text.is_empty() || text.ends_with(['.', '!', '?', ')', '…', '。']) {
                text.to_owned()
            } else {
                format!("{text}.")
            }
        })
    }

    /// Reads a text that came as one string. A language without a part gets the text without a tag, or
    /// the other language's part.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let parts = parts(text);
        let of = |wanted: Tag| parts.iter().find(|(tag, _)| *tag == wanted);
        let readers = || parts.iter().find(|(tag, _)| *tag != Tag::Operator);
        let reader_text = |language| {
            let part = of(Tag::Reader(language)).or_else(|| of(Tag::None));
            let part = part.or_else(readers);
            part.map_or_else(String::new, |(_, text)| text.clone())
        };
        let details: Vec<&str> = parts
            .iter()
            .filter(|(tag, _)| *tag == Tag::Operator)
            .map(|(_, detail)| detail.as_str())
            .collect();
        Self {
            detail: (!details.is_empty()).then(|| details.join("; ")),
            ..Self::each(reader_text)
        }
    }

    /// Reads a text that came where somebody else's words may stand as well, such as in a parser's
    /// error; none when it is not a tagged one.
    #[must_use]
    pub fn parse_tagged(text: &str) -> Option<Self> {
        let is_tagged = Tag::of_line(text).is_some_and(|(tag, _)| tag != Tag::Operator);
        is_tagged.then(|| Self::parse(text))
    }

    /// An error of a deserializer, which carries nothing but a string: [`Self::parse_tagged`] reads it.
    #[must_use]
    pub fn into_error<E: serde::de::Error>(self) -> E {
        E::custom(self.tagged())
    }

    /// The text as one string, which [`Self::parse`] reads.
    #[must_use]
    pub fn tagged(&self) -> String {
        let mut tagged = if self.korean == self.english {
            escaped(&self.korean)
        } else {
            let korean = escaped_rest(&self.korean);
            let english = escaped_rest(&self.english);
            format!("[ko] {korean}\n[en] {english}")
        };
        if let Some(detail) = &self.detail {
            tagged.push_str("\n[op] ");
            tagged.push_str(&escaped_rest(detail));
        }
        tagged
    }
}

/// For logs: in English, with the detail.
impl fmt::Display for Localized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english)?;
        match &self.detail {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl Serialize for Localized {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.tagged())
    }
}

impl<'de> Deserialize<'de> for Localized {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}

/// A text that is written as a table of languages, as manifests do.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    ko: String,
    en: String,
}

/// For a field of a manifest: `{ ko = "…", en = "…" }`.
///
/// # Errors
/// A language is missing, or there is one more.
pub fn table<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Localized, D::Error> {
    Table::deserialize(deserializer).map(|table| Localized::new(table.ko, table.en))
}

/// As [`table`], for a field that may be left out.
///
/// # Errors
/// As [`table`].
pub fn optional_table<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Localized>, D::Error> {
    let table = Option::<Table>::deserialize(deserializer)?;
    Ok(table.map(|table| Localized::new(table.ko, table.en)))
}

/// Whom a part of a tagged text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    None,
    Reader(Language),
    Operator,
}

impl Tag {
    /// The tag that a line begins with, and the rest of the line.
    fn of_line(line: &str) -> Option<(Self, &str)> {
        let tags = Language::ALL.map(|language| (Self::Reader(language), language.tag()));
        let mut tags = tags.into_iter().chain([(Self::Operator, "op")]);
        let (name, rest) = line.strip_prefix('[')?.split_once("] ")?;
        tags.find_map(|(tag, known)| (name == known).then_some((tag, rest)))
    }
}

/// A text by its tags; what comes before the first has none.
fn parts(text: &str) -> Vec<(Tag, String)> {
    let mut parts: Vec<(Tag, String)> = Vec::new();
    for line in text.split('\n') {
        match (Tag::of_line(line), parts.last_mut()) {
            (Some((tag, rest)), _) => parts.push((tag, rest.to_owned())),
            (None, Some((_, part))) => {
                part.push('\n');
                part.push_str(unescaped(line));
            }
            (None, None) => parts.push((Tag::None, unescaped(line).to_owned())),
        }
    }
    parts
}

/// Marks a line that would be taken for the beginning of a part.
const ESCAPE: char = '\\';

/// A line that looks like a tag behind any number of escapes has one more of them when it is written.
fn looks_like_tag(line: &str) -> bool {
    Tag::of_line(line.trim_start_matches(ESCAPE)).is_some()
}

fn escaped(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        if looks_like_tag(line) {
            format!("{ESCAPE}{line}")
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Of a part whose first line stands behind its tag.
fn escaped_rest(text: &str) -> String {
    match text.split_once('\n') {
        Some((first, rest)) => format!("{first}\n{}", escaped(rest)),
        None => text.to_owned(),
    }
}

fn unescaped(line: &str) -> &str {
    let bare = line.strip_prefix(ESCAPE);
    bare.filter(|bare| looks_like_tag(bare)).unwrap_or(line)
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
mod tests;
