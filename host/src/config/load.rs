//! Reads it all: default < file < environment < flag.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::given::Given;
use super::keys::Keys;
use super::problem::{ConfigError, Place, Problem};
use super::rules::Rule;
use super::{Config, Role, environment, example, file};

/// What flags of the command line say; they hold against everything else.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub role: Option<Role>,
    pub listen: Option<SocketAddr>,
    pub data: Option<PathBuf>,
    pub channels: Option<PathBuf>,
}

impl Config {
    /// Reads a TOML file, the environment and flags. Without them everything has its default.
    ///
    /// # Errors
    /// All that is wrong, each with its place and what is allowed there.
    pub fn load(file: Option<&Path>, flags: &Flags) -> Result<Self, ConfigError> {
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
    ) -> Result<Self, ConfigError> {
        let keys = Keys::of::<Self>();
        let (mut given, mut problems) = file::read(file, text, &keys);
        environment::read(environment, &keys, &mut given, &mut problems);
        flags.add_to(&mut given);
        let refused = refused(&keys, &given, &mut problems);
        let config = Self::deserialize(&given, &refused, &mut problems);
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
            return Ok(config);
        }
        problems.sort();
        Err(ConfigError::Wrong(problems))
    }

    fn deserialize(given: &Given, refused: &[String], problems: &mut Vec<Problem>) -> Self {
        let wanted = |path: &str| !refused.iter().any(|refused| refused == path);
        let document = given.document(wanted);
        serde_path_to_error::deserialize(document).unwrap_or_else(|error| {
            // The rules admit what the types do not take. The reason may quote a secret.
            let path = error.path().to_string();
            let text = format!("{path} is not what it should be{}", explained(&path));
            problems.push(Problem::new(&given.place(&path), text));
            Self::default()
        })
    }
}

/// The keys whose values may not stand there, each of them a problem.
fn refused(keys: &Keys, given: &Given, problems: &mut Vec<Problem>) -> Vec<String> {
    let mut refused = Vec::new();
    for (path, given) in given.iter() {
        let Some(rule) = keys.get(path).and_then(Rule::of) else {
            continue;
        };
        if !rule.admits(&given.value) {
            let (shown, allowed) = (rule.shown(&given.value), rule.allowed());
            let text = format!("{path} is {shown}, allowed is {allowed}{}", explained(path));
            problems.push(Problem::new(&given.place, text));
            refused.push(path.to_owned());
        }
    }
    refused
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
