//! Reads the environment: `BAEPO_<SECTION>__<KEY>`, such as `BAEPO_BUS__SECURITY__SASL__PASSWORD`.

use std::ffi::OsString;

use super::given::Given;
use super::keys::{Keys, nearest};
use super::probe::Kind;
use super::problem::{Place, Problem};

const PREFIX: &str = "BAEPO_";
const SEPARATOR: &str = "__";

/// The name of a key's variable.
pub fn variable(path: &str) -> String {
    let name = path.to_uppercase().replace('.', SEPARATOR);
    format!("{PREFIX}{name}")
}

/// Adds what the environment says. An empty variable says nothing, as where a container's
/// description passes on a variable that is not set.
pub fn read(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    keys: &Keys,
    given: &mut Given,
    problems: &mut Vec<Problem>,
) {
    for (name, value) in environment {
        let Some(name) = name.to_str().filter(|name| is_ours(name)) else {
            continue;
        };
        let place = Place::Variable(name.to_owned());
        let Some((path, key)) = keys.names().find(|(path, _)| variable(path) == name) else {
            problems.push(Problem::new(&place, unknown(name, keys)));
            continue;
        };
        let Ok(value) = value.into_string() else {
            problems.push(Problem::new(&place, "is not UTF-8"));
            continue;
        };
        if value.is_empty() {
            continue;
        }
        match parse(value, key.kind) {
            Ok(value) => given.set(path, value, place),
            Err(wrong) => problems.push(Problem::new(&place, wrong)),
        }
    }
}

/// Other variables of Baepo have no section.
fn is_ours(name: &str) -> bool {
    let rest = name.strip_prefix(PREFIX);
    rest.is_some_and(|rest| rest.contains(SEPARATOR))
}

fn unknown(name: &str, keys: &Keys) -> String {
    let variables = keys.iter().map(|key| variable(&key.path));
    let nearest = nearest(variables, name).unwrap_or_default();
    format!("there is no such key; the nearest that there is: {nearest}")
}

/// What is no number stays the text that it is, and is refused with what is allowed.
fn parse(text: String, kind: Kind) -> Result<toml::Value, String> {
    match kind {
        Kind::Number => {
            let number = text.trim().replace('_', "").parse();
            Ok(number.map_or(toml::Value::String(text), toml::Value::Integer))
        }
        Kind::Text | Kind::Choice => Ok(toml::Value::String(text)),
        Kind::Entries => entries(&text).map(toml::Value::Table),
    }
}

/// `name=value,name=value`, or a table of TOML where names or values have commas.
fn entries(text: &str) -> Result<toml::Table, String> {
    let text = text.trim();
    if text.starts_with('{') {
        let document: Result<toml::Table, _> = format!("entries = {text}").parse();
        return match document {
            Ok(mut document) => match document.remove("entries") {
                Some(toml::Value::Table(table)) => Ok(table),
                _ => Err("is no table".to_owned()),
            },
            Err(error) => Err(format!("is no table of TOML: {}", error.message())),
        };
    }
    let entries = text.split(',').map(|entry| {
        let (name, value) = entry.split_once('=')?;
        let value = toml::Value::String(value.trim().to_owned());
        Some((name.trim().to_owned(), value))
    });
    entries.collect::<Option<_>>().ok_or_else(|| {
        "must be name=value,name=value or a table of TOML: {\"name\" = \"value\"}".to_owned()
    })
}
