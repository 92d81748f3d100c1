//! What an owner reads about a value that breaks a schema, in Korean and English.

use std::collections::HashSet;

use baepo_domain::model::findings::{Finding, Findings};
use baepo_domain::model::text::{Language, Localized};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::names::{clipped, count, example_of, format_name, in_english, in_korean, listed, types};

/// The most of a name, a title or an example in a message: there may be a hundred messages.
const NAME_CHARS: usize = 200;

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
    let reported = errors.iter().filter(is_reported);
    reported
        .enumerate()
        .flat_map(|(index, error)| match index {
            // More than anybody is shown: only counted.
            Findings::KEPT.. => vec![Finding::error(
                error.instance_path().to_string(),
                unusable(),
            )],
            _ => of_one(schema, error),
        })
        .collect()
}

fn unusable() -> Localized {
    Localized::new("쓸 수 없는 값입니다.", "The value cannot be used.")
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
            let message = Localized::new("꼭 입력해 주세요.", "This field is required.");
            let message = with_example(message, place.example());
            vec![Finding::error(
                format!("{at}/{name}"),
                titled(place.title, message),
            )]
        }
        Kind::AdditionalProperties { unexpected } => {
            let unknown = |name: &String| {
                let shown = clipped(name, NAME_CHARS);
                let message = Localized::new(
                    format!("{shown}: 없는 항목입니다."),
                    format!("There is no field {shown}."),
                );
                Finding::error(format!("{at}/{}", escaped(name)), message)
            };
            unexpected.iter().map(unknown).collect()
        }
        kind => {
            let place = PropertyInfo::of(schema, broken);
            vec![Finding::error(
                at,
                titled(place.title.clone(), expectation(kind, &place)),
            )]
        }
    }
}

/// The settings or options as a whole.
pub(super) fn no_object() -> Finding {
    let message = Localized::new(
        "이름과 값의 묶음으로 적어 주세요.",
        "Give names with values.",
    );
    Finding::error("", message)
}

/// The settings or options as a whole.
pub(super) fn too_many_values(most: usize) -> Finding {
    let message = Localized::new(
        format!("값이 너무 많습니다. {most}개까지 넣을 수 있습니다."),
        format!("There are too many values. Give at most {most}."),
    );
    Finding::error("", message)
}

/// The settings or options as a whole.
pub(super) fn too_much_work() -> Finding {
    let message = Localized::new(
        "값이 너무 많거나 너무 깁니다. 더 적게, 더 짧게 넣어 주세요.",
        "The values are too many or too long to be checked. Give fewer or shorter ones.",
    )
    .with_detail("limit \"schema work\"");
    Finding::error("", message)
}

/// What a schema says of the value that is wrong, for people.
struct PropertyInfo<'a> {
    title: Option<Localized>,
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
            title: title.and_then(Value::as_str).map(Localized::parse),
            example: example(own).or_else(|| example(list).and_then(|items| items.get(0))),
            format: member(own, "format").and_then(Value::as_str),
        }
    }

    fn example(&self) -> Option<String> {
        let own = self.example.map(|example| match example {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let example = own.or_else(|| example_of(self.format?).map(str::to_owned));
        example.map(|example| clipped(&example, NAME_CHARS))
    }
}

/// What a schema asks of one value.
fn expectation(kind: &Kind, place: &PropertyInfo<'_>) -> Localized {
    match kind {
        Kind::Type { kind } => {
            let message = Localized::new(
                format!(
                    "종류가 맞지 않습니다. 맞는 종류: {}.",
                    types(kind, " / ", in_korean)
                ),
                format!("Give {}.", types(kind, " or ", in_english)),
            );
            with_example(message, place.example())
        }
        Kind::Enum { options } => {
            let options = listed(options);
            Localized::new(
                format!("다음 중에서 골라 주세요: {options}."),
                format!("Choose one of these: {options}."),
            )
        }
        Kind::Pattern { .. } => {
            let message =
                Localized::new("형식이 맞지 않습니다.", "It does not have the right form.");
            with_example(message, place.example())
        }
        Kind::Format { format } => {
            let (ko, en) = format_name(format);
            let message = Localized::new(
                format!("{ko} 형식이 아닙니다."),
                format!("This is not {en}."),
            );
            let example = place.example();
            with_example(
                message,
                example.or_else(|| example_of(format).map(str::to_owned)),
            )
        }
        kind => bounds(kind).unwrap_or_else(|| with_example(unusable(), place.example())),
    }
}

fn bounds(kind: &Kind) -> Option<Localized> {
    Some(match kind {
        Kind::Minimum { limit } => Localized::new(
            format!("{limit} 이상이어야 합니다."),
            format!("It must be at least {limit}."),
        ),
        Kind::Maximum { limit } => Localized::new(
            format!("{limit} 이하여야 합니다."),
            format!("It must be at most {limit}."),
        ),
        Kind::ExclusiveMinimum { limit } => Localized::new(
            format!("{limit}보다 커야 합니다."),
            format!("It must be more than {limit}."),
        ),
        Kind::ExclusiveMaximum { limit } => Localized::new(
            format!("{limit}보다 작아야 합니다."),
            format!("It must be less than {limit}."),
        ),
        Kind::MinLength { limit: 1 } | Kind::MinItems { limit: 1 } => {
            Localized::new("비워 둘 수 없습니다.", "It must not be empty.")
        }
        Kind::MinLength { limit } => Localized::new(
            format!("{limit}자 이상이어야 합니다."),
            format!("It must have at least {}.", count(*limit, "character")),
        ),
        Kind::MaxLength { limit } => Localized::new(
            format!("{limit}자까지 쓸 수 있습니다."),
            format!("It may have at most {}.", count(*limit, "character")),
        ),
        Kind::MinItems { limit } => Localized::new(
            format!("{limit}개 이상이어야 합니다."),
            format!("It must have at least {}.", count(*limit, "item")),
        ),
        Kind::MaxItems { limit } => Localized::new(
            format!("{limit}개까지 넣을 수 있습니다."),
            format!("It may have at most {}.", count(*limit, "item")),
        ),
        Kind::UniqueItems => Localized::new(
            "같은 것이 두 번 있습니다. 하나만 남겨 주세요.",
            "Something is there twice. Leave it once.",
        ),
        _ => return None,
    })
}

/// The same with an example of what is right.
fn with_example(message: Localized, example: Option<String>) -> Localized {
    let Some(example) = example else {
        return message;
    };
    message.around(|language, message| match language {
        Language::Korean => format!("{message} 예: {example}"),
        Language::English => format!("{message} Example: {example}"),
    })
}

/// Beginning with the property's title where it has one. Not a sentence with the title in it: in Korean
/// its last sound would choose the particle.
fn titled(title: Option<Localized>, message: Localized) -> Localized {
    match title {
        Some(title) => Localized::each(|language| {
            let title = clipped(title.get(language), NAME_CHARS);
            format!("{title}: {}", message.get(language))
        }),
        None => message,
    }
}

/// A name as a JSON pointer has it.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests;
