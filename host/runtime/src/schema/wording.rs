//! What an owner reads about a value that breaks a schema, in Korean and English.

use std::collections::HashSet;

use baepo_domain::model::findings::Finding;
use baepo_domain::model::text::{Language, in_language, per_language};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::names::{count, example_of, format_name, in_english, in_korean, listed, types};

/// A sentence about a value, in each language.
struct Message {
    ko: String,
    en: String,
}

fn message(ko: impl Into<String>, en: impl Into<String>) -> Message {
    let (ko, en) = (ko.into(), en.into());
    Message { ko, en }
}

/// Everything that is wrong. What has not even its format breaks its pattern as well: that is said once.
pub(super) fn findings(schema: &Value, errors: &[ValidationError<'_>]) -> Vec<Finding> {
    let is_format = |error: &&ValidationError<'_>| matches!(error.kind(), Kind::Format { .. });
    let formless: HashSet<String> = errors
        .iter()
        .filter(is_format)
        .map(|error| error.instance_path().to_string())
        .collect();
    let is_reported = |error: &&ValidationError<'_>| {
        !matches!(error.kind(), Kind::Pattern { .. })
            || !formless.contains(&error.instance_path().to_string())
    };
    let message = errors.iter().filter(is_reported);
    message.flat_map(|error| of_one(schema, error)).collect()
}

/// Points at the field itself also where the schema's own error points at what it is missing from.
fn of_one(schema: &Value, error: &ValidationError<'_>) -> Vec<Finding> {
    let at = error.instance_path().to_string();
    let keyword = error.schema_path().as_str();
    let broken = keyword.rsplit_once('/').map_or("", |(broken, _)| broken);
    match error.kind() {
        Kind::Required { property } => {
            let name = escaped(property.as_str().unwrap_or_default());
            let place = PropertyInfo::of(schema, &format!("{broken}/properties/{name}"));
            let message = message("꼭 입력해 주세요.", "It is needed.").with(place.example());
            vec![Finding::error(
                format!("{at}/{name}"),
                message.of(place.title),
            )]
        }
        Kind::AdditionalProperties { unexpected } => {
            let unknown = |name: &String| {
                let message = message(
                    format!("{name}: 없는 항목입니다."),
                    format!("There is no field {name}."),
                );
                Finding::error(format!("{at}/{}", escaped(name)), message.of(None))
            };
            unexpected.iter().map(unknown).collect()
        }
        kind => {
            let place = PropertyInfo::of(schema, broken);
            vec![Finding::error(
                at,
                expectation(kind, &place).of(place.title),
            )]
        }
    }
}

/// The settings or options as a whole.
pub(super) fn no_object() -> Finding {
    let message = message(
        "이름과 값의 묶음으로 적어 주세요.",
        "Give names with values.",
    );
    Finding::error("", message.of(None))
}

/// The settings or options as a whole.
pub(super) fn too_many_values(most: usize) -> Finding {
    let message = message(
        format!("값이 너무 많습니다. {most}개까지 넣을 수 있습니다."),
        format!("There are too many values. Give at most {most}."),
    );
    Finding::error("", message.of(None))
}

/// What a schema says of the value that is wrong, for people.
struct PropertyInfo<'a> {
    title: Option<&'a str>,
    /// One that is right.
    example: Option<&'a Value>,
    format: Option<&'a str>,
}

impl<'a> PropertyInfo<'a> {
    /// An item of a list is called as the list is, and has the list's first example's first item.
    fn of(schema: &'a Value, place: &str) -> Self {
        let own = schema.pointer(place);
        let list = place
            .strip_suffix("/items")
            .and_then(|list| schema.pointer(list));
        let member = |of: Option<&'a Value>, name: &str| of.and_then(|value| value.get(name));
        let title = member(own, "title").or_else(|| member(list, "title"));
        let example = |of| member(of, "examples").and_then(|examples| examples.get(0));
        Self {
            title: title.and_then(Value::as_str),
            example: example(own).or_else(|| example(list).and_then(|items| items.get(0))),
            format: member(own, "format").and_then(Value::as_str),
        }
    }

    fn example(&self) -> Option<String> {
        let own = self.example.map(|example| match example {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        own.or_else(|| example_of(self.format?).map(str::to_owned))
    }
}

/// What a schema asks of one value.
fn expectation(kind: &Kind, place: &PropertyInfo<'_>) -> Message {
    match kind {
        Kind::Type { kind } => message(
            format!(
                "종류가 맞지 않습니다. 맞는 종류: {}.",
                types(kind, " / ", in_korean)
            ),
            format!("Give {}.", types(kind, " or ", in_english)),
        )
        .with(place.example()),
        Kind::Enum { options } => {
            let options = listed(options);
            message(
                format!("다음 중에서 골라 주세요: {options}."),
                format!("Choose one of these: {options}."),
            )
        }
        Kind::Pattern { .. } => {
            message("형식이 맞지 않습니다.", "It does not have the right form.")
                .with(place.example())
        }
        Kind::Format { format } => {
            let (ko, en) = format_name(format);
            let example = place.example();
            message(
                format!("{ko} 형식이 아닙니다."),
                format!("This is not {en}."),
            )
            .with(example.or_else(|| example_of(format).map(str::to_owned)))
        }
        kind => bounds(kind).unwrap_or_else(|| {
            message("쓸 수 없는 값입니다.", "The value cannot be used.").with(place.example())
        }),
    }
}

fn bounds(kind: &Kind) -> Option<Message> {
    Some(match kind {
        Kind::Minimum { limit } => message(
            format!("{limit} 이상이어야 합니다."),
            format!("It must be at least {limit}."),
        ),
        Kind::Maximum { limit } => message(
            format!("{limit} 이하여야 합니다."),
            format!("It must be at most {limit}."),
        ),
        Kind::ExclusiveMinimum { limit } => message(
            format!("{limit}보다 커야 합니다."),
            format!("It must be more than {limit}."),
        ),
        Kind::ExclusiveMaximum { limit } => message(
            format!("{limit}보다 작아야 합니다."),
            format!("It must be less than {limit}."),
        ),
        Kind::MinLength { limit: 1 } | Kind::MinItems { limit: 1 } => {
            message("비워 둘 수 없습니다.", "It must not be empty.")
        }
        Kind::MinLength { limit } => message(
            format!("{limit}자 이상이어야 합니다."),
            format!("It must have at least {}.", count(*limit, "character")),
        ),
        Kind::MaxLength { limit } => message(
            format!("{limit}자까지 쓸 수 있습니다."),
            format!("It may have at most {}.", count(*limit, "character")),
        ),
        Kind::MinItems { limit } => message(
            format!("{limit}개 이상이어야 합니다."),
            format!("It must have at least {}.", count(*limit, "item")),
        ),
        Kind::MaxItems { limit } => message(
            format!("{limit}개까지 넣을 수 있습니다."),
            format!("It may have at most {}.", count(*limit, "item")),
        ),
        Kind::UniqueItems => message(
            "같은 것이 두 번 있습니다. 하나만 남겨 주세요.",
            "Something is there twice. Leave it once.",
        ),
        _ => return None,
    })
}

impl Message {
    /// The same with an example of what is right.
    fn with(self, example: Option<String>) -> Self {
        match example {
            Some(example) => message(
                format!("{} 예: {example}", self.ko),
                format!("{} Example: {example}", self.en),
            ),
            None => self,
        }
    }

    /// In both languages, beginning with the property's title where it has one. Not a sentence with
    /// the title in it: in Korean its last sound would choose the particle.
    fn of(&self, title: Option<&str>) -> String {
        per_language(|language| {
            let message = match language {
                Language::Korean => &self.ko,
                Language::English => &self.en,
            };
            match title {
                Some(title) => format!("{}: {message}", in_language(title, language)),
                None => message.clone(),
            }
        })
    }
}

/// A name as a JSON pointer has it.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests;
