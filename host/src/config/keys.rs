//! The keys that there are, asked of the types that hold them.
//!
//! The types are the only list: the environment's names, what is said about an unknown key, and
//! the test that `baepo.example.toml` leaves nothing out all come from here.

use serde::de::DeserializeOwned;

use super::probe::{Found, probe};

/// Every key of a configuration, in the order of its types.
#[derive(Debug)]
pub struct Keys(Vec<Key>);

/// One key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Such as `bus.security.sasl.username`.
    pub path: String,
    pub kind: Kind,
    pub presence: Presence,
}

/// What a key's value is in TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Number,
    Text,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// Texts by names that the operator chooses.
    Entries,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// There is always a value: the default where none is given.
    Always,
    /// There is none unless it is given.
    WhereGiven,
}

impl Keys {
    /// The keys of `T`, whose every struct takes its default for what is left out.
    ///
    /// # Panics
    /// When `T` has a field of a kind that no key has yet.
    #[must_use]
    pub fn of<T: DeserializeOwned>() -> Self {
        let mut keys = Vec::new();
        collect::<T>(&mut Vec::new(), &mut keys);
        Self(keys)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.0.iter()
    }

    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.path == path)
    }

    /// Whether keys lie below that path.
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
        Found::Value(kind, presence) => keys.push(Key {
            path: path.join("."),
            kind,
            presence,
        }),
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
        let kind = |path: &str| keys.get(path).map(|key| (key.kind, key.presence));
        assert_eq!(
            kind("server.role"),
            Some((
                Kind::Choice(&["all", "event", "distribution"]),
                Presence::Always
            ))
        );
        assert_eq!(kind("server.listen"), Some((Kind::Text, Presence::Always)));
        assert_eq!(
            kind("server.jwks"),
            Some((Kind::Text, Presence::WhereGiven))
        );
        assert_eq!(
            kind("publish.lease_ms"),
            Some((Kind::Number, Presence::Always))
        );
        assert_eq!(
            kind("bus.security.sasl.password"),
            Some((Kind::Text, Presence::WhereGiven))
        );
        assert_eq!(
            kind("egress.rewrite"),
            Some((Kind::Entries, Presence::Always))
        );
        assert_eq!(kind("bus.security"), None);
        assert!(keys.is_section("bus.security"));
        assert!(!keys.is_section("bus.sec"));
        assert_eq!(keys.nearest("publish.leese_ms"), "publish.lease_ms");
        assert_eq!(keys.nearest("publsh"), "publish");
    }
}
