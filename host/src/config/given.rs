//! What was given, and where.

use std::collections::BTreeMap;

use super::problem::Place;

/// Values by their options' paths; what comes later replaces what was there.
#[derive(Debug, Default)]
pub struct Given(BTreeMap<String, Value>);

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Value {
    /// The option as the operator called it, which may be an old name.
    pub name: String,
    pub value: toml::Value,
    pub place: Place,
}

impl Given {
    pub fn set(&mut self, path: &str, value: toml::Value, place: Place) {
        let name = path.to_owned();
        self.insert(path, Value { name, value, place });
    }

    pub fn insert(&mut self, path: &str, value: Value) {
        self.0.insert(path.to_owned(), value);
    }

    pub fn take(&mut self, path: &str) -> Option<Value> {
        self.0.remove(path)
    }

    pub fn get(&self, path: &str) -> Option<&Value> {
        self.0.get(path)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(path, value)| (path.as_str(), value))
    }

    /// Where an option has its value from.
    pub fn place(&self, path: &str) -> Place {
        self.get(path)
            .map_or(Place::Default, |value| value.place.clone())
    }
}
