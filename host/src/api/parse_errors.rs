//! Messages for parts of a request that could not be parsed. Serde's own messages are in English only,
//! and speak of Rust types; here they become instructions in both languages.

use baepo_domain::model::text::{Language, Localized};

use super::error::ErrorAt;

/// The error at this place, a JSON pointer, given the parser's message. One that is in every language
/// already stays.
pub(super) fn at(place: &str, parser: &str) -> ErrorAt {
    let (place, message) = match ParserMessage::of(parser) {
        ParserMessage::Localized(text) => (place.to_owned(), text),
        ParserMessage::Missing(name) => {
            // The parser points at what it is missing from.
            let place = match place.rsplit_once('/') {
                Some((_, last)) if last == name => place.to_owned(),
                _ => format!("{place}/{name}"),
            };
            let message = with_example(&place, None, "필수 항목입니다.", "This field is required.");
            (place, message)
        }
        ParserMessage::UnknownField { name, known } => {
            let message = Localized::each(|language| match (language, known.is_empty()) {
                (Language::Korean, true) => format!("{name}: 없는 항목입니다. 지워 주세요."),
                (Language::Korean, false) => {
                    format!("{name}: 없는 항목입니다. 쓸 수 있는 항목: {known}.")
                }
                (Language::English, true) => format!("Unknown field {name}. Remove it."),
                (Language::English, false) => {
                    format!("Unknown field {name}. Known fields: {known}.")
                }
            });
            (place.to_owned(), message)
        }
        ParserMessage::DuplicateField(name) => {
            let message = Localized::new(
                format!("{name}: 두 번 있습니다. 하나만 남겨 주세요."),
                format!("Duplicate field {name}."),
            );
            (place.to_owned(), message)
        }
        ParserMessage::UnknownVariant { known } => {
            let message = Localized::new(
                format!("다음 중에서 골라 주세요: {known}."),
                format!("Must be one of: {known}."),
            );
            (place.to_owned(), message)
        }
        ParserMessage::ExpectedKind { expected } => {
            let kind = ExpectedKind::of(place, expected);
            let (korean, english) = kind.instruction();
            let message = with_example(place, kind.example(), korean, english);
            (place.to_owned(), message)
        }
    };
    ErrorAt { at: place, message }
}

/// A parser's message, recognised by the phrases of serde and its formats.
enum ParserMessage<'a> {
    /// In every language, by a type of this host.
    Localized(Localized),
    Missing(&'a str),
    UnknownField {
        name: &'a str,
        known: String,
    },
    DuplicateField(&'a str),
    UnknownVariant {
        known: String,
    },
    /// Empty where the parser does not say what it expected.
    ExpectedKind {
        expected: &'a str,
    },
}

impl<'a> ParserMessage<'a> {
    fn of(parser: &'a str) -> Self {
        let quoted = |rest: &'a str| rest.split('`').next().unwrap_or_default();
        if let Some(text) = Localized::parse_tagged(parser) {
            Self::Localized(text)
        } else if let Some(rest) = parser.strip_prefix("missing field `") {
            Self::Missing(quoted(rest))
        } else if let Some(rest) = parser.strip_prefix("unknown field `") {
            let known = quoted_names(rest.split_once('`').map_or("", |(_, known)| known));
            let name = quoted(rest);
            Self::UnknownField { name, known }
        } else if let Some(rest) = parser.strip_prefix("duplicate field `") {
            Self::DuplicateField(quoted(rest))
        } else if let Some(rest) = parser.strip_prefix("unknown variant `") {
            let known = quoted_names(rest.split_once('`').map_or("", |(_, known)| known));
            Self::UnknownVariant { known }
        } else {
            let expected = parser.strip_prefix("invalid ");
            let expected = expected.and_then(|rest| rest.split_once(", expected "));
            let expected = expected.map_or("", |(_, expected)| expected);
            Self::ExpectedKind { expected }
        }
    }
}

/// The names between backquotes, in one line.
fn quoted_names(text: &str) -> String {
    let quoted_names: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    quoted_names.join(", ")
}

/// What a value should have been.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ExpectedKind {
    Time,
    WebAddress,
    Id,
    Text,
    Number,
    Boolean,
    List,
    Object,
    Other,
}

impl ExpectedKind {
    /// By the field's name if that says more than the parser.
    fn of(place: &str, expected: &str) -> Self {
        let fields = place
            .rsplit('/')
            .filter(|name| name.parse::<u32>().is_err());
        let mut fields = fields.take(2);
        let last = fields.next().unwrap_or_default();
        let above = fields.next().unwrap_or_default();
        let is_whole =
            matches!(expected, "a map" | "a sequence") || expected.starts_with("struct ");
        if !is_whole {
            if last.ends_with("At") || above.ends_with("At") {
                return Self::Time;
            }
            if matches!(last, "url" | "link") {
                return Self::WebAddress;
            }
            if matches!(last, "channels" | "channel" | "channelSettings" | "userId")
                && expected != "a sequence"
            {
                return Self::Id;
            }
        }
        match expected {
            "a string" | "string" | "a borrowed string" => Self::Text,
            "a boolean" => Self::Boolean,
            "a sequence" => Self::List,
            "a map" => Self::Object,
            other if other.starts_with("struct ") => Self::Object,
            other if other.contains("UUID") || other.contains("uuid") => Self::Id,
            other => {
                let is_number = other.len() <= 5
                    && other.starts_with(['u', 'i', 'f'])
                    && other[1..].bytes().all(|byte| byte.is_ascii_digit());
                if is_number { Self::Number } else { Self::Other }
            }
        }
    }

    fn instruction(self) -> (&'static str, &'static str) {
        match self {
            Self::Time => (
                "날짜와 시각을 시간대까지 적어 주세요.",
                "Must be a date and time with a time zone.",
            ),
            Self::WebAddress => ("웹 주소를 적어 주세요.", "Must be a web address (URL)."),
            Self::Id => ("아이디를 적어 주세요.", "Must be an ID."),
            Self::Text => ("글자로 적어 주세요.", "Must be a string."),
            Self::Number => (
                "0 이상의 정수로 적어 주세요.",
                "Must be a non-negative integer.",
            ),
            Self::Boolean => ("true나 false로 적어 주세요.", "Must be true or false."),
            Self::List => ("목록으로 적어 주세요.", "Must be an array."),
            Self::Object => ("이름과 값의 묶음으로 적어 주세요.", "Must be an object."),
            Self::Other => ("읽을 수 없는 값입니다.", "The value cannot be read."),
        }
    }

    fn example(self) -> Option<&'static str> {
        match self {
            Self::Time => Some("2026-12-24T18:00:00+09:00"),
            Self::WebAddress => Some("https://www.example.co.kr"),
            Self::Id => Some("instagram"),
            Self::Text => Some("\"가을맞이 할인\""),
            Self::Number => Some("1080"),
            Self::Boolean => Some("true"),
            Self::List => Some("[\"가을\", \"할인\"]"),
            Self::Object => Some("{\"title\": \"가을맞이 할인\"}"),
            Self::Other => None,
        }
    }
}

/// Examples by the name of the field, where it has one of its own.
const EXAMPLES: [(&str, &str); 17] = [
    ("title", "\"가을맞이 전 메뉴 20% 할인\""),
    ("body", "\"이번 주말, 전 메뉴를 20% 할인해 드립니다.\""),
    ("hashtags", "[\"가을\", \"할인\"]"),
    ("objective", "\"SALES\""),
    (
        "recommendation",
        "{\"id\": \"r-1\", \"title\": \"단골 쿠폰\", \"summary\": \"다시 오게\"}",
    ),
    (
        "content",
        "{\"title\": \"가을맞이 할인\", \"body\": \"이번 주말 20% 할인\"}",
    ),
    ("channels", "[\"instagram\", \"naver-blog\"]"),
    (
        "channelSettings",
        "{\"instagram\": {\"shareToFeed\": true}}",
    ),
    (
        "media",
        "[{\"kind\": \"image\", \"url\": \"https://www.example.co.kr/a.jpg\", \"mimeType\": \"image/jpeg\"}]",
    ),
    ("kind", "\"image\""),
    ("mimeType", "\"image/jpeg\""),
    (
        "period",
        "{\"startsAt\": \"2026-12-24T09:00:00+09:00\", \"endsAt\": \"2026-12-25T21:00:00+09:00\"}",
    ),
    ("settings", "{\"blogId\": \"ondam\"}"),
    ("secrets", "{\"accessToken\": \"…\"}"),
    ("status", "\"LIVE\""),
    ("limit", "20"),
    ("id", "\"r-1\""),
];

fn with_example(place: &str, example: Option<&str>, korean: &str, english: &str) -> Localized {
    let name = place.rsplit('/').next().unwrap_or_default();
    let own = EXAMPLES.iter().find(|(field, _)| *field == name);
    let example = own
        .map(|(_, example)| *example)
        .or(example)
        .or_else(|| ExpectedKind::of(place, "").example());
    match example {
        Some(example) => Localized::new(
            format!("{korean} 예: {example}"),
            format!("{english} Example: {example}"),
        ),
        None => Localized::new(korean, english),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(place: &str, parser: &str) -> (String, String, String) {
        let error = at(place, parser);
        let said = |language| error.message.get(language).to_owned();
        (
            error.at.clone(),
            said(Language::Korean),
            said(Language::English),
        )
    }

    #[test]
    fn parser_messages_are_localized_with_an_example() {
        for (place, parser, wanted) in [
            (
                "/publishAt",
                "failed to parse \"morgen\" as a timestamp",
                (
                    "/publishAt",
                    "날짜와 시각을 시간대까지 적어 주세요. 예: 2026-12-24T18:00:00+09:00",
                    "Must be a date and time with a time zone. Example: 2026-12-24T18:00:00+09:00",
                ),
            ),
            (
                "/secretsExpireAt/accessToken",
                "x",
                (
                    "/secretsExpireAt/accessToken",
                    "날짜와 시각을 시간대까지 적어 주세요. 예: 2026-12-24T18:00:00+09:00",
                    "Must be a date and time with a time zone. Example: 2026-12-24T18:00:00+09:00",
                ),
            ),
            (
                "/content",
                "missing field `title`",
                (
                    "/content/title",
                    "필수 항목입니다. 예: \"가을맞이 전 메뉴 20% 할인\"",
                    "This field is required. Example: \"가을맞이 전 메뉴 20% 할인\"",
                ),
            ),
            (
                "/colour",
                "unknown field `colour`, expected `title` or `body`",
                (
                    "/colour",
                    "colour: 없는 항목입니다. 쓸 수 있는 항목: title, body.",
                    "Unknown field colour. Known fields: title, body.",
                ),
            ),
            (
                "/x",
                "unknown field `x`, there are no fields",
                (
                    "/x",
                    "x: 없는 항목입니다. 지워 주세요.",
                    "Unknown field x. Remove it.",
                ),
            ),
            (
                "/objective",
                "unknown variant `FAME`, expected one of `SALES`, `REVISITS`",
                (
                    "/objective",
                    "다음 중에서 골라 주세요: SALES, REVISITS.",
                    "Must be one of: SALES, REVISITS.",
                ),
            ),
            (
                "/content/media/0/width",
                "invalid type: string \"a\", expected u32",
                (
                    "/content/media/0/width",
                    "0 이상의 정수로 적어 주세요. 예: 1080",
                    "Must be a non-negative integer. Example: 1080",
                ),
            ),
            (
                "/channels/0",
                "channel must be lower case, not \"A\"",
                (
                    "/channels/0",
                    "아이디를 적어 주세요. 예: instagram",
                    "Must be an ID. Example: instagram",
                ),
            ),
        ] {
            let (at, ko, en) = said(place, parser);
            assert_eq!((at.as_str(), ko.as_str(), en.as_str()), wanted, "{parser}");
        }
    }

    #[test]
    fn a_localized_message_is_unchanged() {
        let text = Localized::new("주소가 아닙니다.", "No address.");
        assert_eq!(at("/link", &text.tagged()).message, text);
    }
}
