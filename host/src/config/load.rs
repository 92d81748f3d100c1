//! Reads it all: default < file < environment < flag.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use baepo_domain::usecases::releases::Bundled;

use super::given::Given;
use super::keys::{Key, Keys};
use super::probe::Kind;
use super::problem::{ConfigError, Place, Problem};
use super::sections::Config;
use super::server::Role;
use super::{aliases, environment, example, file};

/// What flags of the command line say; they hold against everything else.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub role: Option<Role>,
    pub listen: Option<SocketAddr>,
    pub data: Option<PathBuf>,
    pub channels: Option<PathBuf>,
    pub channels_are: Option<Bundled>,
}

/// A configuration that holds, and what its operator should change all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    pub config: Config,
    pub warnings: Vec<Problem>,
}

impl Config {
    /// Reads a TOML file, the environment and flags. Without them everything has its default.
    ///
    /// # Errors
    /// All that is wrong, each with its place and what is allowed there.
    pub fn load(file: Option<&Path>, flags: &Flags) -> Result<Loaded, ConfigError> {
        let text = match file {
            Some(path) => std::fs::read_to_string(path).map_err(|source| {
                let path = path.to_owned();
                ConfigError::Unreadable { path, source }
            })?,
            None => String::new(),
        };
        let name = file.map(|file| file.display().to_string());
        Self::read(&name.unwrap_or_default(), &text, std::env::vars_os(), flags)
    }

    /// The same from texts.
    ///
    /// # Errors
    /// See [`Config::load`].
    pub fn read(
        file: &str,
        text: &str,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        flags: &Flags,
    ) -> Result<Loaded, ConfigError> {
        let keys = Keys::of::<Self>();
        let (mut given, mut problems) = file::read(file, text, &keys);
        environment::read(environment, &keys, &mut given, &mut problems);
        flags.add_to(&mut given);
        let warnings = aliases::resolve(&mut given, &mut problems);
        let refused = refused(&keys, &given, &mut problems);
        let config = Self::of(&keys, &given, &refused, &mut problems);
        let config = flags.applied(config);
        for contradiction in config.contradictions() {
            // What was refused has its default here, which contradicts nobody.
            let known = |key: &String| !refused.contains(key);
            if contradiction.keys.iter().all(known) {
                let mut places = contradiction.keys.iter().map(|key| given.place(key));
                let place = places.find(|place| *place != Place::Default);
                let place = place.unwrap_or(Place::Default);
                problems.push(Problem::new(&place, contradiction.text));
            }
        }
        if problems.is_empty() {
            return Ok(Loaded { config, warnings });
        }
        problems.sort();
        Err(ConfigError::Wrong(problems))
    }

    /// The values that were not refused, as types.
    fn of(keys: &Keys, given: &Given, refused: &[String], problems: &mut Vec<Problem>) -> Self {
        let mut document = toml::Table::new();
        for (path, given) in given.iter() {
            if let Some(key) = keys.get(path).filter(|key| !refused.contains(&key.path)) {
                key.set(&mut document, given.value.clone());
            }
        }
        document.try_into().unwrap_or_else(|_| {
            // No option's rule looks at another option. The reason may quote a secret.
            let text = "values that are allowed one by one were refused together: this is a defect";
            problems.push(Problem::new(&Place::Default, text));
            Self::default()
        })
    }
}

/// The options whose values are not allowed, each of them a problem.
fn refused(keys: &Keys, given: &Given, problems: &mut Vec<Problem>) -> Vec<String> {
    let mut refused = Vec::new();
    for (path, given) in given.iter() {
        let Some(key) = keys.get(path) else {
            continue;
        };
        if !key.admits::<Config>(&given.value) {
            let (name, shown) = (&given.name, shown(key, &given.value));
            let (allowed, explained) = (&key.allowed, explained(path));
            let text = format!("{name} is {shown}, allowed is {allowed}{explained}");
            problems.push(Problem::new(&given.place, text));
            refused.push(path.to_owned());
        }
    }
    refused
}

/// A refused value as it may be shown: never a password.
fn shown(key: &Key, value: &toml::Value) -> String {
    match (key.kind, value) {
        (Kind::Entries, toml::Value::Table(entries)) => {
            let is_wrong = |(name, value): &(&String, &toml::Value)| {
                let entry = toml::Table::from_iter([((*name).clone(), (*value).clone())]);
                !key.admits::<Config>(&entry.into())
            };
            let wrong = entries.iter().filter(is_wrong);
            let names: Vec<_> = wrong
                .map(|(name, _)| format!("{:?}", shortened(name)))
                .collect();
            format!("wrong at {}", names.join(", "))
        }
        (Kind::Entries, _) => "no table".to_owned(),
        (_, toml::Value::String(text)) if key.is_private => {
            format!("\"{}\"", without_secret(text))
        }
        _ if key.is_private => "no text".to_owned(),
        (_, toml::Value::String(text)) => format!("{:?}", shortened(text)),
        (_, value) => shortened(&value.to_string()),
    }
}

/// Only the scheme of an address that may hold a password; nothing of another text.
fn without_secret(text: &str) -> String {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    match text.split_once(':') {
        Some((scheme, _)) if !scheme.is_empty() && scheme.bytes().all(is_legal) => {
            format!("{scheme}:…")
        }
        _ => "…".to_owned(),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn explained(path: &str) -> String {
    let sentence = example::sentence(path);
    sentence.map_or_else(String::new, |sentence| format!(": {sentence}"))
}

impl Flags {
    fn add_to(&self, given: &mut Given) {
        let mut add = |path: &str, flag, value: Option<String>| {
            if let Some(value) = value {
                given.set(path, toml::Value::String(value), Place::Flag(flag));
            }
        };
        let shown = |path: &PathBuf| path.display().to_string();
        add(
            "server.role",
            "--role",
            self.role.map(|role| role.to_string()),
        );
        add(
            "server.listen",
            "--listen or BAEPO_LISTEN",
            self.listen.map(|listen| listen.to_string()),
        );
        add(
            "server.data",
            "--data or BAEPO_DATA",
            self.data.as_ref().map(shown),
        );
        add(
            "server.channels",
            "--channels or BAEPO_CHANNELS",
            self.channels.as_ref().map(shown),
        );
        add(
            "server.channels_are",
            "--trust-channels or BAEPO_TRUST_CHANNELS",
            self.channels_are.map(|are| are.to_string()),
        );
    }

    /// Once more, because not every path can be shown as text.
    fn applied(&self, mut config: Config) -> Config {
        if let Some(data) = &self.data {
            config.server.data.clone_from(data);
        }
        if self.channels.is_some() {
            config.server.channels.clone_from(&self.channels);
        }
        config
    }
}
