//! Checks an owner's settings and options against the JSON Schema that a channel declares.

use baepo_domain::content::Finding;
use baepo_domain::ports::JsonObject;
use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value;

/// A schema, compiled, with the defaults of its top-level properties.
#[derive(Debug)]
pub(crate) struct Schema {
    validator: Validator,
    defaults: JsonObject,
}

impl Schema {
    /// # Errors
    /// It is not a valid JSON Schema; in words for the channel's author.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        let validator = jsonschema::options()
            // The author is a stranger: patterns that backtrack could take for ever.
            .with_pattern_options(PatternOptions::regex())
            .should_validate_formats(true)
            .build(schema)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            validator,
            defaults: defaults_of(schema),
        })
    }

    /// The same values with defaults filled in; nothing given counts as `{}`.
    ///
    /// # Errors
    /// Everything that breaks the schema, each with its JSON pointer.
    pub fn fill(&self, given: &Value) -> Result<JsonObject, Vec<Finding>> {
        let mut filled = match given {
            Value::Null => JsonObject::new(),
            Value::Object(given) => given.clone(),
            _ => return Err(vec![Finding::error("", "must be an object")]),
        };
        for (name, default) in &self.defaults {
            filled.entry(name).or_insert_with(|| default.clone());
        }
        let filled = Value::Object(filled);
        let findings: Vec<_> = self
            .validator
            .iter_errors(&filled)
            .flat_map(|error| findings(&error))
            .collect();
        match filled {
            Value::Object(filled) if findings.is_empty() => Ok(filled),
            _ => Err(findings),
        }
    }
}

fn defaults_of(schema: &Value) -> JsonObject {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .filter_map(|(name, property)| Some((name.clone(), property.get("default")?.clone())))
        .collect()
}

/// Points at the field itself also where the schema's own error points at what it is missing from.
fn findings(error: &ValidationError<'_>) -> Vec<Finding> {
    let at = error.instance_path().to_string();
    let below = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            vec![Finding::error(
                below(property.as_str().unwrap_or_default()),
                "is required",
            )]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| Finding::error(below(name), "there is no such field"))
            .collect(),
        ValidationErrorKind::Enum { options } => {
            vec![Finding::error(at, format!("must be one of {options}"))]
        }
        ValidationErrorKind::Pattern { pattern } => {
            vec![Finding::error(
                at,
                format!("must match the pattern {pattern}"),
            )]
        }
        _ => vec![Finding::error(at, error.to_string())],
    }
}

#[cfg(test)]
mod tests {
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
            },
        });
        Schema::compile(&schema).expect("a valid schema")
    }

    fn told(findings: &[Finding]) -> Vec<(&str, &str)> {
        findings
            .iter()
            .map(|found| (found.at.as_str(), found.message.as_str()))
            .collect()
    }

    #[test]
    fn defaults_fill_what_was_not_given() {
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
        let mut told = told(&findings);
        told.sort_unstable();
        assert_eq!(
            told,
            [
                ("/a~1b", "there is no such field"),
                ("/page", "\"no address\" is not a \"uri\""),
                ("/radius", "must be one of [\"500m\",\"1km\"]"),
                ("/shop", "is required"),
            ]
        );
    }

    #[test]
    fn nothing_given_is_an_empty_object() {
        let findings = radius()
            .fill(&Value::Null)
            .expect_err("the shop is missing");
        assert_eq!(told(&findings), [("/shop", "is required")]);
        let findings = radius().fill(&json!([])).expect_err("no object");
        assert_eq!(told(&findings), [("", "must be an object")]);
    }

    #[test]
    fn an_invalid_schema_is_refused() {
        assert!(Schema::compile(&json!({"type": "no-such-type"})).is_err());
        assert!(Schema::compile(&json!({"$ref": "https://example.com/schema.json"})).is_err());
    }
}
