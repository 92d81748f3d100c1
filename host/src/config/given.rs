//! What was given, and where.

use std::collections::BTreeMap;

use super::problem::Place;

/// Values by their keys' paths; what comes later replaces what was there.
#[derive(Debug, Default)]
pub struct Given(BTreeMap<String, Value>);

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Value {
    pub value: toml::Value,
    pub place: Place,
}

impl Given {
    pub fn set(&mut self, path: &str, value: toml::Value, place: Place) {
        self.0.insert(path.to_owned(), Value { value, place });
    }

    pub fn get(&self, path: &str) -> Option<&Value> {
        self.0.get(path)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(path, value)| (path.as_str(), value))
    }

    /// Where a key has its value from.
    pub fn place(&self, path: &str) -> Place {
        self.get(path)
            .map_or(Place::Default, |value| value.place.clone())
    }

    /// As one document, without what is not `wanted`.
    pub fn document(&self, wanted: impl Fn(&str) -> bool) -> toml::Table {
        let mut document = toml::Table::new();
        for (path, given) in self.iter().filter(|(path, _)| wanted(path)) {
            insert(&mut document, path, given.value.clone());
        }
        document
    }
}

fn insert(table: &mut toml::Table, path: &str, value: toml::Value) {
    let Some((section, rest)) = path.split_once('.') else {
        table.insert(path.to_owned(), value);
        return;
    };
    let section = table
        .entry(section)
        .or_insert_with(|| toml::Value::Table(toml::Table::new()));
    // A key is never a section too: see `Keys`.
    if let toml::Value::Table(section) = section {
        insert(section, rest, value);
    }
}
