//! Reads the file: values with the lines that they stand on.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::given::Given;
use super::keys::Keys;
use super::problem::{Place, Problem};

/// Values of a file's text, and what is wrong with it. A text that is not TOML has no values:
/// what was meant would be guessed.
pub fn read(name: &str, text: &str, keys: &Keys) -> (Given, Vec<Problem>) {
    let reader = Reader { name, text, keys };
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut given = Given::default();
    // Not the error's own text: it would show the line, and with it a password.
    let refused = errors.iter().map(|error| {
        let place = reader.place(&error.span().unwrap_or_default());
        Problem::new(&place, error.message())
    });
    let mut problems: Vec<_> = refused.collect();
    if problems.is_empty() {
        reader.section("", table.get_ref(), &mut given, &mut problems);
    }
    (given, problems)
}

struct Reader<'t> {
    name: &'t str,
    text: &'t str,
    keys: &'t Keys,
}

impl Reader<'_> {
    fn section(
        &self,
        section: &str,
        table: &DeTable<'_>,
        given: &mut Given,
        problems: &mut Vec<Problem>,
    ) {
        for (name, value) in table {
            let path = match section {
                "" => name.get_ref().to_string(),
                section => format!("{section}.{}", name.get_ref()),
            };
            if self.keys.get(&path).is_some() {
                given.set(&path, plain(value.get_ref()), self.place(&value.span()));
                continue;
            }
            let wrong = match (self.keys.is_section(&path), value.get_ref()) {
                (true, DeValue::Table(below)) => {
                    self.section(&path, below, given, problems);
                    continue;
                }
                (true, _) => format!("{path} is a section: write [{path}] and its keys below it"),
                (false, _) => unknown(&path, self.keys),
            };
            problems.push(Problem::new(&self.place(&name.span()), wrong));
        }
    }

    fn place(&self, span: &Range<usize>) -> Place {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        Place::File {
            name: self.name.to_owned(),
            line: before.matches('\n').count() + 1,
        }
    }
}

fn unknown(path: &str, keys: &Keys) -> String {
    let nearest = keys.nearest(path);
    format!("there is no {path}; the nearest that there is: {nearest}")
}

/// A value of TOML without its places.
fn plain(value: &DeValue<'_>) -> toml::Value {
    match value {
        DeValue::String(text) => toml::Value::String(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).map_or(
            // More than fits: no key takes it, and it is shown as it was written.
            toml::Value::Float(number.as_str().parse().unwrap_or(f64::INFINITY)),
            toml::Value::Integer,
        ),
        DeValue::Float(number) => toml::Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => toml::Value::Boolean(*flag),
        DeValue::Datetime(time) => toml::Value::Datetime(*time),
        DeValue::Array(values) => {
            let values = values.iter().map(Spanned::get_ref).map(plain);
            toml::Value::Array(values.collect())
        }
        DeValue::Table(table) => {
            let entries = table
                .iter()
                .map(|(name, value)| (name.get_ref().to_string(), plain(value.get_ref())));
            toml::Value::Table(entries.collect())
        }
    }
}
