//! What people call the types and formats of JSON Schema, in Korean and English.

use jsonschema::error::TypeKind;
use jsonschema::types::JsonType;
use serde_json::Value;

use super::formats;

pub(super) fn types(kind: &TypeKind, between: &str, name: fn(JsonType) -> &'static str) -> String {
    match kind {
        TypeKind::Single(one) => name(*one).to_owned(),
        TypeKind::Multiple(several) => {
            let names: Vec<_> = several.iter().map(name).collect();
            names.join(between)
        }
    }
}

pub(super) fn in_korean(kind: JsonType) -> &'static str {
    match kind {
        JsonType::String => "글자",
        JsonType::Number => "숫자",
        JsonType::Integer => "정수",
        JsonType::Boolean => "true나 false",
        JsonType::Array => "목록",
        JsonType::Object => "이름과 값의 묶음",
        JsonType::Null => "빈 값",
    }
}

pub(super) fn in_english(kind: JsonType) -> &'static str {
    match kind {
        JsonType::String => "a text",
        JsonType::Number => "a number",
        JsonType::Integer => "a whole number",
        JsonType::Boolean => "true or false",
        JsonType::Array => "a list",
        JsonType::Object => "names with values",
        JsonType::Null => "nothing",
    }
}

/// The names of formats; an author's own is not one that people know.
pub(super) fn format_name(format: &str) -> (&'static str, &'static str) {
    match format {
        "uri" | "iri" => ("웹 주소", "a web address"),
        "email" | "idn-email" => ("이메일 주소", "an email address"),
        "date" => ("날짜", "a date"),
        "date-time" => ("날짜와 시각", "a date and time with its time zone"),
        "time" => ("시각", "a time"),
        formats::PHONE => ("전화번호", "a phone number"),
        _ => ("맞는", "of the right form"),
    }
}

pub(super) fn example_of(format: &str) -> Option<&'static str> {
    Some(match format {
        "uri" | "iri" => "https://www.example.co.kr",
        "email" | "idn-email" => "shop@example.co.kr",
        "date" => "2026-12-24",
        "date-time" => "2026-12-24T18:00:00+09:00",
        "time" => "18:00:00+09:00",
        formats::PHONE => "02-332-1234",
        _ => return None,
    })
}

/// As an owner would choose: text without quotation marks.
pub(super) fn listed(options: &Value) -> String {
    let option = |option: &Value| match option {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let options: Vec<_> = options
        .as_array()
        .into_iter()
        .flatten()
        .map(option)
        .collect();
    clipped(&options.join(", "), LIST_CHARS)
}

/// The most of a list of choices in a message.
const LIST_CHARS: usize = 1_000;

pub(super) fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

pub(super) fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
