//! Checks an owner's settings and options against the JSON Schema that a channel declares.

mod formats;
mod layout;
mod names;
mod patterns;
mod wording;
mod work;

use baepo_domain::model::findings::Finding;
use baepo_domain::model::text::Language;
use baepo_domain::ports::JsonObject;
use jsonschema::{Draft, Validator};
use serde_json::Value;

use self::work::{Tree, values_left};

/// A schema, compiled, with the defaults of its top-level properties.
#[derive(Debug)]
pub(crate) struct Schema {
    validator: Validator,
    /// What it costs to evaluate it.
    tree: Tree,
    declared: Value,
    defaults: JsonObject,
}

/// The most values that are validated, counting containers and what they hold. The validator keeps a
/// record of every violation, so that larger input would need many times its size in memory.
const MAX_VALUES: usize = 10_000;

/// The most examples of a property that are looked at.
const MAX_EXAMPLES: usize = 10;

impl Schema {
    /// # Errors
    /// It is not a valid JSON Schema, or could be too much work to evaluate; in words for the channel's
    /// author.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        // The author is not trusted: before anything follows a reference.
        let tree = layout::tree(schema)?;
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_pattern_options(patterns::options(patterns::MAX_BYTES))
            .should_validate_formats(true)
            .with_format(formats::PHONE, formats::is_phone)
            .build(schema)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            validator,
            tree,
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
        if values_left(MAX_VALUES, given).is_none() {
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
        if !self.tree.allows(&filled) {
            return Err(vec![wording::too_much_work()]);
        }
        let errors: Vec<_> = self.validator.iter_errors(&filled).collect();
        let findings = wording::findings(&self.declared, &errors);
        drop(errors);
        match filled {
            Value::Object(filled) if findings.is_empty() => Ok(filled),
            _ => Err(findings),
        }
    }

    /// What is wrong with the examples of the top-level properties: each must have one, and each must be
    /// what the schema asks for when it stands beside the first examples of the others.
    #[cfg_attr(not(test), expect(dead_code, reason = "for `baepo plugin build`"))]
    pub fn wrong_examples(&self) -> Vec<String> {
        let properties = self.declared.get("properties").and_then(Value::as_object);
        let properties = || properties.into_iter().flatten();
        let examples = |property: &Value| match property.get("examples") {
            Some(Value::Array(examples)) => examples.clone(),
            _ => Vec::new(),
        };
        let firsts: JsonObject = properties()
            .filter_map(|(name, property)| {
                Some((name.clone(), examples(property).first()?.clone()))
            })
            .collect();
        let mut wrong = Vec::new();
        for (name, property) in properties() {
            let examples = examples(property);
            if examples.is_empty() {
                wrong.push(format!(
                    "properties.{name}: it has no examples: give one that works"
                ));
            }
            for (index, example) in examples.into_iter().take(MAX_EXAMPLES).enumerate() {
                let mut given = firsts.clone();
                given.insert(name.clone(), example);
                let found = self.fill(&Value::Object(given)).err().unwrap_or_default();
                let own = format!("/{}", wording::escaped(name));
                let is_own = |found: &&Finding| {
                    let rest = found.at.strip_prefix(&own);
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                wrong.extend(found.iter().find(is_own).map(|found| {
                    let why = found.message.get(Language::English);
                    format!("properties.{name}.examples[{index}]: it breaks its own schema: {why}")
                }));
            }
        }
        wrong
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
