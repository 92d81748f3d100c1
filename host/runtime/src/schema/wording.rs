//! What an owner reads about a value that breaks a schema, in Korean and English.

use baepo_domain::content::Finding;
use baepo_domain::text::{Language, each, in_language};
use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::types::JsonType;
use serde_json::Value;

/// The end of a sentence about a value, in each language.
struct Said {
    ko: String,
    en: String,
}

fn said(ko: impl Into<String>, en: impl Into<String>) -> Said {
    let (ko, en) = (ko.into(), en.into());
    Said { ko, en }
}

/// Points at the field itself also where the schema's own error points at what it is missing from.
pub(super) fn findings(schema: &Value, error: &ValidationError<'_>) -> Vec<Finding> {
    let at = error.instance_path().to_string();
    let keyword = error.schema_path().as_str();
    let broken = keyword.rsplit_once('/').map_or("", |(broken, _)| broken);
    match error.kind() {
        Kind::Required { property } => {
            let name = escaped(property.as_str().unwrap_or_default());
            let title = title(schema, &format!("{broken}/properties/{name}"));
            let said = said("꼭 입력해 주세요.", "is required");
            vec![Finding::error(format!("{at}/{name}"), said.of(title))]
        }
        Kind::AdditionalProperties { unexpected } => {
            let unknown = |name: &String| {
                let said = said("없는 항목입니다.", "there is no such field");
                Finding::error(format!("{at}/{}", escaped(name)), said.of(None))
            };
            unexpected.iter().map(unknown).collect()
        }
        kind => {
            let message = match asked(kind) {
                Some(said) => said.of(title(schema, broken)),
                None => error.to_string(),
            };
            vec![Finding::error(at, message)]
        }
    }
}

/// The settings or options as a whole.
pub(super) fn no_object() -> Finding {
    let said = said("항목 묶음(object)이어야 합니다.", "must be an object");
    Finding::error("", said.of(None))
}

/// The settings or options as a whole.
pub(super) fn too_many_values(most: usize) -> Finding {
    let said = said(
        format!("값이 너무 많습니다. {most}개까지 넣을 수 있습니다."),
        format!("has more than {most} values"),
    );
    Finding::error("", said.of(None))
}

/// What a schema asks of one value; `None` where the library's own words must do.
fn asked(kind: &Kind) -> Option<Said> {
    Some(match kind {
        Kind::Type { kind } => said(
            format!(
                "값의 종류가 다릅니다. 맞는 종류: {}.",
                types(kind, " / ", in_korean)
            ),
            format!("must be {}", types(kind, " or ", in_english)),
        ),
        Kind::Enum { options } => {
            let options = listed(options);
            said(
                format!("다음 중에서 골라 주세요: {options}."),
                format!("must be one of {options}"),
            )
        }
        Kind::Pattern { pattern } => said(
            format!("형식에 맞지 않습니다. 맞는 형식: {pattern}"),
            format!("must match the pattern {pattern}"),
        ),
        Kind::Format { format } => {
            let (ko, en) = format_name(format);
            said(format!("{ko} 형식이 아닙니다."), format!("is not {en}"))
        }
        _ => return bounds(kind),
    })
}

fn bounds(kind: &Kind) -> Option<Said> {
    Some(match kind {
        Kind::Minimum { limit } => said(
            format!("{limit} 이상이어야 합니다."),
            format!("must be at least {limit}"),
        ),
        Kind::Maximum { limit } => said(
            format!("{limit} 이하여야 합니다."),
            format!("must be at most {limit}"),
        ),
        Kind::ExclusiveMinimum { limit } => said(
            format!("{limit}보다 커야 합니다."),
            format!("must be more than {limit}"),
        ),
        Kind::ExclusiveMaximum { limit } => said(
            format!("{limit}보다 작아야 합니다."),
            format!("must be less than {limit}"),
        ),
        Kind::MinLength { limit: 1 } | Kind::MinItems { limit: 1 } => {
            said("비워 둘 수 없습니다.", "must not be empty")
        }
        Kind::MinLength { limit } => said(
            format!("{limit}자 이상이어야 합니다."),
            format!("must have at least {}", count(*limit, "character")),
        ),
        Kind::MaxLength { limit } => said(
            format!("{limit}자까지 쓸 수 있습니다."),
            format!("must have at most {}", count(*limit, "character")),
        ),
        Kind::MinItems { limit } => said(
            format!("{limit}개 이상이어야 합니다."),
            format!("must have at least {}", count(*limit, "item")),
        ),
        Kind::MaxItems { limit } => said(
            format!("{limit}개까지 넣을 수 있습니다."),
            format!("must have at most {}", count(*limit, "item")),
        ),
        _ => return None,
    })
}

impl Said {
    /// In both languages, beginning with the property's title where it has one.
    fn of(&self, title: Option<&str>) -> String {
        each(|language| {
            let title = title.map(|title| in_language(title, language));
            match (language, title) {
                // Not a sentence with the title in it: its last sound would choose the particle.
                (Language::Korean, Some(title)) => format!("{title}: {}", self.ko),
                (Language::Korean, None) => self.ko.clone(),
                (Language::English, Some(title)) => format!("{title} {}", self.en),
                (Language::English, None) => self.en.clone(),
            }
        })
    }
}

/// What people call the value that the schema at this place is for.
fn title<'a>(schema: &'a Value, place: &str) -> Option<&'a str> {
    schema.pointer(place)?.get("title")?.as_str()
}

/// A name as a JSON pointer has it.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn types(kind: &TypeKind, between: &str, name: fn(JsonType) -> &'static str) -> String {
    match kind {
        TypeKind::Single(one) => name(*one).to_owned(),
        TypeKind::Multiple(several) => {
            let names: Vec<_> = several.iter().map(name).collect();
            names.join(between)
        }
    }
}

fn in_korean(kind: JsonType) -> &'static str {
    match kind {
        JsonType::String => "글자",
        JsonType::Number => "숫자",
        JsonType::Integer => "정수",
        JsonType::Boolean => "true 또는 false",
        JsonType::Array => "목록",
        JsonType::Object => "항목 묶음(object)",
        JsonType::Null => "빈 값(null)",
    }
}

fn in_english(kind: JsonType) -> &'static str {
    match kind {
        JsonType::String => "text",
        JsonType::Number => "a number",
        JsonType::Integer => "a whole number",
        JsonType::Boolean => "true or false",
        JsonType::Array => "a list",
        JsonType::Object => "an object",
        JsonType::Null => "null",
    }
}

/// The names that JSON Schema gives to formats; others stand for themselves.
fn format_name(format: &str) -> (&str, &str) {
    match format {
        "uri" | "iri" => ("웹 주소", "a web address"),
        "email" | "idn-email" => ("이메일 주소", "an email address"),
        "date" => ("날짜(2026-10-01)", "a date such as 2026-10-01"),
        "date-time" => (
            "날짜와 시각(2026-10-01T09:00:00+09:00)",
            "a date and time such as 2026-10-01T09:00:00+09:00",
        ),
        "time" => ("시각(09:00:00+09:00)", "a time such as 09:00:00+09:00"),
        other => (other, other),
    }
}

/// As an owner would choose: text without quotation marks.
fn listed(options: &Value) -> String {
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
    options.join(", ")
}

fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::schema::Schema;

    /// What is said about `value` in the place of a property with this schema.
    fn said(property: &serde_json::Value, value: &serde_json::Value) -> String {
        let schema = json!({"type": "object", "properties": {"it": property}});
        let schema = Schema::compile(&schema).expect("a valid schema");
        let findings = schema
            .fill(&json!({"it": value}))
            .expect_err("it is invalid");
        findings[0].message.clone()
    }

    #[test]
    fn every_common_rule_is_told_in_both_languages() {
        for (property, value, ko, en) in [
            (
                json!({"type": "integer"}),
                json!("7"),
                "값의 종류가 다릅니다. 맞는 종류: 정수.",
                "must be a whole number",
            ),
            (
                json!({"type": ["string", "null"]}),
                json!(7),
                "값의 종류가 다릅니다. 맞는 종류: 빈 값(null) / 글자.",
                "must be null or text",
            ),
            (
                json!({"enum": ["1km", 2]}),
                json!(3),
                "다음 중에서 골라 주세요: 1km, 2.",
                "must be one of 1km, 2",
            ),
            (
                json!({"pattern": "^[0-9]+$"}),
                json!("a"),
                "형식에 맞지 않습니다. 맞는 형식: ^[0-9]+$",
                "must match the pattern ^[0-9]+$",
            ),
            (
                json!({"minimum": 10_000}),
                json!(1),
                "10000 이상이어야 합니다.",
                "must be at least 10000",
            ),
            (
                json!({"maximum": 1.5}),
                json!(2),
                "1.5 이하여야 합니다.",
                "must be at most 1.5",
            ),
            (
                json!({"exclusiveMinimum": 0}),
                json!(0),
                "0보다 커야 합니다.",
                "must be more than 0",
            ),
            (
                json!({"exclusiveMaximum": 9}),
                json!(9),
                "9보다 작아야 합니다.",
                "must be less than 9",
            ),
            (
                json!({"minLength": 1}),
                json!(""),
                "비워 둘 수 없습니다.",
                "must not be empty",
            ),
            (
                json!({"minLength": 2}),
                json!("a"),
                "2자 이상이어야 합니다.",
                "must have at least 2 characters",
            ),
            (
                json!({"maxLength": 1}),
                json!("떡집"),
                "1자까지 쓸 수 있습니다.",
                "must have at most 1 character",
            ),
            (
                json!({"minItems": 3}),
                json!([1]),
                "3개 이상이어야 합니다.",
                "must have at least 3 items",
            ),
            (
                json!({"maxItems": 2}),
                json!([1, 2, 3]),
                "2개까지 넣을 수 있습니다.",
                "must have at most 2 items",
            ),
            (
                json!({"format": "uri"}),
                json!("no address"),
                "웹 주소 형식이 아닙니다.",
                "is not a web address",
            ),
        ] {
            assert_eq!(
                said(&property, &value),
                format!("[ko] {ko}\n[en] {en}"),
                "{property}"
            );
        }
    }

    #[test]
    fn a_property_is_called_by_its_title_in_the_readers_language() {
        let property = json!({"title": "반경", "enum": ["1km"]});
        assert_eq!(
            said(&property, &json!("5km")),
            "[ko] 반경: 다음 중에서 골라 주세요: 1km.\n[en] 반경 must be one of 1km"
        );
        let property = json!({"title": "[ko] 반경\n[en] Radius", "minLength": 1});
        assert_eq!(
            said(&property, &json!("")),
            "[ko] 반경: 비워 둘 수 없습니다.\n[en] Radius must not be empty"
        );
    }

    #[test]
    fn what_is_missing_is_called_by_its_title_wherever_it_is_missing() {
        let shop = json!({
            "type": "object",
            "required": ["a/b"],
            "properties": {"a/b": {"title": "가게"}},
        });
        assert_eq!(
            said(&shop, &json!({})),
            "[ko] 가게: 꼭 입력해 주세요.\n[en] 가게 is required"
        );
    }

    #[test]
    fn a_rare_rule_is_told_in_the_librarys_words() {
        let told = said(&json!({"multipleOf": 5}), &json!(7));
        assert_eq!(told, "7 is not a multiple of 5");
    }
}
