//! Values in the one form of their format: what a schema calls a phone number (`tel`) or a web address
//! (`uri`) is understood in every way in which people write it. Types and patterns look at that form.

use baepo_domain::model::{phone, web_address};
use serde_json::{Map, Value};

/// The format of phone numbers; JSON Schema has none of its own.
pub(super) const PHONE: &str = "tel";

pub(super) fn is_phone(text: &str) -> bool {
    phone::normal(text).is_some()
}

/// The object with every text below it in the form of its format. What is no such thing stays as it
/// was given: the schema says so.
pub(super) fn normalize_object(schema: &Value, given: Map<String, Value>) -> Map<String, Value> {
    let property = |name: &str| schema.get("properties")?.get(name);
    let normal = |(name, value): (String, Value)| {
        let value = match property(&name) {
            Some(schema) => normal(schema, value),
            None => value,
        };
        (name, value)
    };
    given.into_iter().map(normal).collect()
}

fn normal(schema: &Value, given: Value) -> Value {
    match given {
        Value::String(text) => Value::String(normalize_text(schema, text)),
        Value::Object(object) => Value::Object(normalize_object(schema, object)),
        Value::Array(items) => match schema.get("items") {
            Some(schema) => items.into_iter().map(|item| normal(schema, item)).collect(),
            None => Value::Array(items),
        },
        other => other,
    }
}

fn normalize_text(schema: &Value, text: String) -> String {
    let normal = match schema.get("format").and_then(Value::as_str) {
        Some(PHONE) => phone::normal(&text),
        Some("uri" | "iri") => web_address::parse(&text).ok().map(String::from),
        _ => None,
    };
    normal.unwrap_or(text)
}
