//! The one form of every text that an owner's app sends: what looks the same is the same, and its
//! length is what the reader sees.
//!
//! Composed by Unicode's NFC, since a Mac sends Hangul in parts; line ends are `\n`; control
//! characters and marks that cannot be seen are gone, and so is what is blank at the edges. What a
//! mark is needed for stays: joiners within an emoji or a word, variation selectors, and the marks of
//! a single letter's direction. Directional embeddings, overrides and isolates go: one that is not
//! closed would turn whatever a channel puts behind it.

use serde_json::{Map, Value};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// A text of one line: line ends are spaces.
#[must_use]
pub fn line(text: String) -> String {
    let text = lines(text);
    if text.contains('\n') {
        text.replace('\n', " ")
    } else {
        text
    }
}

/// A text that may have several lines.
#[must_use]
pub fn lines(text: String) -> String {
    if is_normal(&text) {
        return text;
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' => {
                let _ = rest.next_if_eq(&'\n');
                kept.push('\n');
            }
            '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => kept.push('\n'),
            '\t' => kept.push(' '),
            c if is_removed(c) => {}
            c => kept.push(c),
        }
    }
    let composed: String = kept.nfc().collect();
    composed.trim_matches(is_blank).to_owned()
}

/// A media type (RFC 9110, 8.3.1) in lower case and without parameters. What many devices call
/// `image/jpg` is `image/jpeg`.
#[must_use]
pub fn media_type(text: String) -> String {
    let text = line(text);
    let essence = text.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    match essence.as_str() {
        "image/jpg" | "image/pjpeg" => "image/jpeg".to_owned(),
        _ => essence,
    }
}

/// How many characters a text has in its normal form: Unicode scalar values, as JSON Schema's
/// `maxLength` counts. A letter that is put together is one; an emoji of several parts is several, so
/// that no text is longer than its limit lets it look.
#[must_use]
pub fn length(text: &str) -> usize {
    lines(text.to_owned()).chars().count()
}

/// Every text in these values; names stay.
#[must_use]
pub fn values(values: Map<String, Value>) -> Map<String, Value> {
    let normal = |(name, given)| (name, value(given));
    values.into_iter().map(normal).collect()
}

fn value(given: Value) -> Value {
    match given {
        Value::String(text) => Value::String(lines(text)),
        Value::Array(items) => Value::Array(items.into_iter().map(value).collect()),
        Value::Object(members) => Value::Object(values(members)),
        other => other,
    }
}

/// The key by which tags are compared: without its `#`, whatever the case.
#[must_use]
pub fn tag_key(tag: &str) -> String {
    bare_tag(tag).to_lowercase()
}

/// A tag without its `#`, also one of full width.
#[must_use]
pub fn bare_tag(tag: &str) -> &str {
    tag.trim_start_matches(|c: char| matches!(c, '#' | '＃') || is_blank(c))
}

/// Most texts are: nothing is written anew for them.
fn is_normal(text: &str) -> bool {
    let is_changed = |c: char| is_removed(c) || matches!(c, '\t' | '\u{2028}' | '\u{2029}');
    !text.starts_with(is_blank)
        && !text.ends_with(is_blank)
        && !text.contains(is_changed)
        && is_nfc(text)
}

/// Controls and what cannot be seen, but `\n`.
fn is_removed(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c,
            '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
}

/// What shows nothing where nothing is beside it.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200c}'
                ..='\u{200f}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn lines(text: &str) -> String {
        super::lines(text.to_owned())
    }

    #[test]
    fn hangul_in_parts_is_composed_and_counts_as_it_looks() {
        let parts = "봄맞이 빵".nfd().collect::<String>();
        assert_eq!(parts.chars().count(), 12);
        assert_eq!(lines(&parts), "봄맞이 빵");
        assert_eq!(length(&parts), 5);
    }

    #[test]
    fn a_line_end_of_every_kind_is_one_character() {
        for end in [
            "\n", "\r\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}",
        ] {
            assert_eq!(lines(&format!("하나{end}둘")), "하나\n둘", "{end:?}");
            assert_eq!(line(format!("하나{end}둘")), "하나 둘", "{end:?}");
        }
        assert_eq!(lines("하나\r\n\r\n둘"), "하나\n\n둘");
    }

    #[test]
    fn invisible_characters_are_removed() {
        assert_eq!(
            lines("\u{feff}봄\u{200b}\0 세일\u{7f}\u{200d}\n"),
            "봄 세일"
        );
        assert_eq!(lines("가\t나"), "가 나");
        assert_eq!(lines("\u{3164}\u{2800} \u{200b}"), "");
        assert_eq!(lines("1\u{202e}000원\u{202c}"), "1000원");
    }

    #[test]
    fn joiners_within_emoji_and_words_stay() {
        for text in ["👨‍👩‍👧‍👦", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "می‌خواهم", "a\u{200e}b"]
        {
            assert_eq!(lines(text), text, "{text}");
        }
    }

    #[test]
    fn every_text_of_a_value_is_normal_and_nothing_else_changes() {
        let given = json!({"a": "봄\r\n", "b": [" x ", 1], "c": {"d": "\u{feff}"}, "e": null});
        let wanted = json!({"a": "봄", "b": ["x", 1], "c": {"d": ""}, "e": null});
        assert_eq!(super::value(given), wanted);
    }

    #[test]
    fn a_tag_is_the_same_in_every_spelling() {
        assert_eq!(tag_key("#Sale"), tag_key("sale"));
        assert_eq!(tag_key("＃ 봄"), "봄");
        assert_ne!(tag_key("봄"), tag_key("봄봄"));
    }

    #[test]
    fn a_media_type_is_the_same_in_any_case_and_with_parameters() {
        let known = |text: &str| media_type(text.to_owned());
        assert_eq!(known("IMAGE/JPEG"), "image/jpeg");
        assert_eq!(known(" image/jpg "), "image/jpeg");
        assert_eq!(known("Video/MP4; codecs=\"avc1\""), "video/mp4");
    }

    proptest! {
        #[test]
        fn normalization_is_idempotent(text in "\\PC*|[\r\n\t\u{2028}\u{200b}\u{feff} 가-힣ᄀ-ᇿ]*") {
            let once = lines(&text);
            prop_assert_eq!(lines(&once), once.clone());
            prop_assert_eq!(line(line(text.clone())), line(text));
        }
    }
}
