//! Checks an owner's settings and options against the JSON Schema that a channel declares.

mod formats;
mod names;
mod wording;

use baepo_domain::model::findings::Finding;
use baepo_domain::ports::JsonObject;
use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// A schema, compiled, with the defaults of its top-level properties.
#[derive(Debug)]
pub(crate) struct Schema {
    validator: Validator,
    declared: Value,
    defaults: JsonObject,
}

/// The most values that are validated, counting containers and what they hold. The validator keeps a
/// record of every violation, so that larger input would need many times its size in memory.
const MAX_VALUES: usize = 10_000;

impl Schema {
    /// # Errors
    /// It is not a valid JSON Schema; in words for the channel's author.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        let validator = jsonschema::options()
            // The author is not trusted: patterns that backtrack could take for ever.
            .with_pattern_options(PatternOptions::regex())
            .should_validate_formats(true)
            .with_format(formats::PHONE, formats::is_phone)
            .build(schema)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            validator,
            declared: schema.clone(),
            defaults: defaults_of(schema),
        })
    }

    /// The same values, each in the one form of its format.
    #[must_use]
    pub fn normalized(&self, given: JsonObject) -> JsonObject {
        formats::normalize_object(&self.declared, given)
    }

    /// The same values in their normal form with defaults filled in; nothing given counts as `{}`.
    ///
    /// # Errors
    /// Everything that breaks the schema, each with its JSON pointer.
    pub fn fill(&self, given: &Value) -> Result<JsonObject, Vec<Finding>> {
        if !has_at_most(MAX_VALUES, given) {
            return Err(vec![wording::too_many_values(MAX_VALUES)]);
        }
        let mut filled = match given {
            Value::Null => JsonObject::new(),
            Value::Object(given) => self.normalized(given.clone()),
            _ => return Err(vec![wording::no_object()]),
        };
        for (name, default) in &self.defaults {
            filled.entry(name).or_insert_with(|| default.clone());
        }
        let filled = Value::Object(filled);
        let errors: Vec<_> = self.validator.iter_errors(&filled).collect();
        let findings = wording::findings(&self.declared, &errors);
        drop(errors);
        match filled {
            Value::Object(filled) if findings.is_empty() => Ok(filled),
            _ => Err(findings),
        }
    }
}

fn has_at_most(most: usize, value: &Value) -> bool {
    let (mut left, mut waiting) = (most, vec![value]);
    while let Some(value) = waiting.pop() {
        let Some(fewer) = left.checked_sub(1) else {
            return false;
        };
        left = fewer;
        match value {
            Value::Array(items) if items.len() > left => return false,
            Value::Array(items) => waiting.extend(items),
            Value::Object(members) => waiting.extend(members.values()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    true
}

fn defaults_of(schema: &Value) -> JsonObject {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .filter_map(|(name, property)| Some((name.clone(), property.get("default")?.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use baepo_domain::model::text::Language;
    use serde_json::json;

    use super::*;

    fn radius() -> Schema {
        let schema = json!({
            "type": "object",
            "required": ["shop"],
            "additionalProperties": false,
            "properties": {
                "shop": {"type": "string", "minLength": 1},
                "page": {"type": "string", "format": "uri"},
                "radius": {"enum": ["500m", "1km"], "default": "1km"},
                "phones": {"type": "array", "items": {"type": "string", "format": "tel"}},
            },
        });
        Schema::compile(&schema).expect("a valid schema")
    }

    /// In English.
    fn rendered(findings: &[Finding]) -> Vec<(&str, String)> {
        let english = |found: &Finding| found.message.get(Language::English).to_owned();
        findings
            .iter()
            .map(|found| (found.at.as_str(), english(found)))
            .collect()
    }

    #[test]
    fn defaults_fill_missing_values() {
        let filled = radius().fill(&json!({"shop": "떡집"})).expect("valid");
        assert_eq!(
            Value::Object(filled),
            json!({"shop": "떡집", "radius": "1km"})
        );
    }

    #[test]
    fn every_finding_points_at_its_field() {
        let findings = radius()
            .fill(&json!({"radius": "5km", "a/b": 1, "page": "no address"}))
            .expect_err("invalid");
        let mut rendered = rendered(&findings);
        rendered.sort_unstable();
        assert_eq!(
            rendered,
            [
                ("/a~1b", "There is no field a/b."),
                (
                    "/page",
                    "This is not a web address. Example: https://www.example.co.kr",
                ),
                ("/radius", "Choose one of these: 500m, 1km."),
                ("/shop", "This field is required."),
            ]
            .map(|(at, message)| (at, message.to_owned()))
        );
    }

    #[test]
    fn phone_numbers_and_urls_are_normalized() {
        let given = json!({
            "shop": "떡집", "page": "www.ondam-bakery.co.kr/봄",
            "phones": ["02)332-1234", "０１０ 1234 5678", "+82 10 1234 5678"],
        });
        let filled = Value::Object(radius().fill(&given).expect("valid"));
        assert_eq!(filled["page"], "https://www.ondam-bakery.co.kr/%EB%B4%84");
        let phones = json!(["02-332-1234", "010-1234-5678", "010-1234-5678"]);
        assert_eq!(filled["phones"], phones);
        let findings = radius()
            .fill(&json!({"shop": "떡집", "phones": ["02-1"]}))
            .expect_err("no number");
        assert_eq!(
            rendered(&findings),
            [(
                "/phones/0",
                "This is not a phone number. Example: 02-332-1234".to_owned()
            )]
        );
    }

    #[test]
    fn null_counts_as_an_empty_object() {
        let findings = radius()
            .fill(&Value::Null)
            .expect_err("the shop is missing");
        assert_eq!(
            rendered(&findings),
            [("/shop", "This field is required.".to_owned())]
        );
        let findings = radius().fill(&json!([])).expect_err("no object");
        assert_eq!(
            rendered(&findings),
            [("", "Give names with values.".to_owned())]
        );
    }

    #[test]
    fn too_many_values_are_one_finding() {
        let most = json!({"shop": "떡집", "x": vec![1; MAX_VALUES - 3]});
        let findings = radius().fill(&most).expect_err("x is not declared");
        assert_eq!(
            rendered(&findings),
            [("/x", "There is no field x.".to_owned())]
        );
        let more = json!({"shop": "떡집", "x": vec![1; MAX_VALUES - 2]});
        let findings = radius().fill(&more).expect_err("too many");
        assert_eq!(
            rendered(&findings),
            [(
                "",
                "There are too many values. Give at most 10000.".to_owned()
            )]
        );
    }

    #[test]
    fn an_invalid_schema_is_refused() {
        assert!(Schema::compile(&json!({"type": "no-such-type"})).is_err());
        assert!(Schema::compile(&json!({"$ref": "https://example.com/schema.json"})).is_err());
    }
}
