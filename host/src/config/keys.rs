//! The options that there are, asked of the types that hold them.
//!
//! The types are the only list: the environment's names, what is said about an unknown option, what each one
//! allows, and the test that `baepo.example.toml` leaves nothing out all come from here.

use baepo_domain::model::options::SAME_SECTION;
use serde::de::DeserializeOwned;

use super::aliases::{self, ALIASES};
use super::probe::{Found, Kind, probe};

/// Every option of a configuration, in the order of its types.
#[derive(Debug)]
pub struct Keys(Vec<Key>);

/// One option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Such as `bus.security.sasl.username`.
    pub path: String,
    pub kind: Kind,
    /// What it takes, in words.
    pub allowed: String,
    /// It may hold a secret, and is never shown.
    pub is_private: bool,
    /// The fields on the way to it, those among them that are groups in the same section.
    fields: Vec<&'static str>,
}

impl Keys {
    /// The options of `T`, whose every struct takes its default for what is left out.
    ///
    /// # Panics
    /// When `T` has a field without a rule, or of a kind that no option has yet.
    #[must_use]
    pub fn of<T: DeserializeOwned>() -> Self {
        let mut keys = Vec::new();
        collect::<T>(&mut Vec::new(), &mut keys);
        Self(keys)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.0.iter()
    }

    /// Every name, also the old ones, with its option.
    pub fn names(&self) -> impl Iterator<Item = (&str, &Key)> {
        let today = self.iter().map(|key| (key.path.as_str(), key));
        let old = ALIASES.iter();
        today.chain(old.filter_map(|(name, _)| Some((*name, self.get(name)?))))
    }

    /// The option of that name, or of that old name.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Key> {
        let path = aliases::current(path);
        self.0.iter().find(|key| key.path == path)
    }

    /// Whether options lie below that path.
    #[must_use]
    pub fn is_section(&self, path: &str) -> bool {
        let below = |key: &Key| {
            let rest = key.path.strip_prefix(path);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        self.0.iter().any(below)
    }

    /// What was probably meant by a path that there is not.
    #[must_use]
    pub fn nearest(&self, path: &str) -> &str {
        let sections = self.0.iter().flat_map(|key| {
            let dots = key.path.match_indices('.');
            dots.map(|(dot, _)| &key.path[..dot])
        });
        let paths = self.0.iter().map(|key| key.path.as_str()).chain(sections);
        nearest(paths, path).unwrap_or_default()
    }
}

impl Key {
    /// Gives it that value in a document.
    pub fn set(&self, document: &mut toml::Table, value: toml::Value) {
        set(document, &self.fields, value);
    }

    /// Whether a `T` takes that value here.
    pub fn admits<T: DeserializeOwned>(&self, value: &toml::Value) -> bool {
        let mut document = toml::Table::new();
        self.set(&mut document, value.clone());
        document.try_into::<T>().is_ok()
    }
}

fn set(table: &mut toml::Table, fields: &[&'static str], value: toml::Value) {
    match fields {
        [] => {}
        [field] => {
            table.insert((*field).to_owned(), value);
        }
        [field, rest @ ..] => {
            let below = table.entry(*field);
            // An option is never a section too: see `Keys`.
            if let toml::Value::Table(below) = below.or_insert_with(|| toml::Table::new().into()) {
                set(below, rest, value);
            }
        }
    }
}

/// What of the known ones has most in common with a text.
pub fn nearest<K: AsRef<str>>(known: impl Iterator<Item = K>, text: &str) -> Option<K> {
    let in_common = |known: &K| strsim::sorensen_dice(known.as_ref(), text);
    known.max_by(|one, other| in_common(one).total_cmp(&in_common(other)))
}

fn collect<T: DeserializeOwned>(path: &mut Vec<&'static str>, keys: &mut Vec<Key>) {
    match probe::<T>(path) {
        Found::Section(fields) => {
            for field in fields {
                path.push(field);
                collect::<T>(path, keys);
                path.pop();
            }
        }
        Found::Value {
            kind,
            allowed,
            is_private,
        } => {
            let names = path.iter().filter(|field| **field != SAME_SECTION);
            keys.push(Key {
                path: names.copied().collect::<Vec<_>>().join("."),
                kind,
                allowed,
                is_private,
                fields: path.clone(),
            });
        }
        Found::Else(what) => panic!("{}: {what}", path.join(".")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn every_kind_of_key_is_found() {
        let keys = Keys::of::<Config>();
        let about = |path: &str| {
            let key = keys.get(path);
            key.map(|key| (key.kind, key.allowed.as_str(), key.is_private))
        };
        assert_eq!(
            about("server.role"),
            Some((Kind::Choice, "all, event or distribution", false))
        );
        assert_eq!(about("server.jwks"), Some((Kind::Text, "a path", false)));
        assert_eq!(
            about("publish.lease_ms"),
            Some((Kind::Number, "1000 to 600000 (ms)", false))
        );
        assert_eq!(
            about("bus.security.sasl.password"),
            Some((Kind::Text, "a text", true))
        );
        let rewrite = about("egress.rewrite").map(|(kind, ..)| kind);
        assert_eq!(rewrite, Some(Kind::Entries));
        assert_eq!(about("bus.security"), None);
        assert!(keys.is_section("bus.security"));
        assert!(!keys.is_section("bus.sec"));
        assert_eq!(keys.nearest("publish.leese_ms"), "publish.lease_ms");
        assert_eq!(keys.nearest("publsh"), "publish");
    }

    #[test]
    fn options_of_an_adapter_stand_beside_the_address() {
        let keys = Keys::of::<Config>();
        for path in [
            "store.url",
            "store.max_connections",
            "publish.acknowledgement_ms",
        ] {
            assert!(keys.get(path).is_some(), "{path}");
        }
    }

    #[test]
    fn an_old_name_is_no_option_of_today() {
        let keys = Keys::of::<Config>();
        for (old, new) in ALIASES {
            assert_eq!(keys.get(old), keys.get(new));
            assert!(keys.get(new).is_some_and(|key| key.path == new), "{new}");
            assert!(keys.iter().all(|key| key.path != old), "{old}");
        }
    }
}
