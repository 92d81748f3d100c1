//! Who may sign components: the section `[signatures]`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use baepo_domain::model::id::ChannelId;
use baepo_domain::model::options::{self, Contradiction};
use baepo_domain::model::signature::{KeyName, SignaturePolicy, Unsigned};
use serde::{Deserialize, Deserializer};

/// What an operator decides about signatures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignatureConfig {
    /// Whether a component without a signature is let in. Default `optional`.
    pub policy: Unsigned,
    /// Public keys by names that the operator chooses. Default: none.
    #[serde(deserialize_with = "keys")]
    pub keys: BTreeMap<KeyName, KeySource>,
    /// Which keys may sign a channel. Default: each any.
    #[serde(deserialize_with = "channels")]
    pub channels: BTreeMap<ChannelId, BTreeSet<KeyName>>,
}

/// Where a public key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// In the configuration itself.
    Pem(String),
    File(PathBuf),
}

impl SignatureConfig {
    #[must_use]
    pub fn policy(&self) -> SignaturePolicy {
        SignaturePolicy {
            unsigned: self.policy,
            keys: self.keys.keys().cloned().collect(),
            channels: self.channels.clone(),
        }
    }

    /// What does not fit together, as the options of `section`.
    #[must_use]
    pub fn contradictions(&self, section: &str) -> Vec<Contradiction> {
        let keys = format!("{section}.keys");
        let mut found = Vec::new();
        if self.policy == Unsigned::Refused && self.keys.is_empty() {
            let policy = format!("{section}.policy");
            let text = format!("{policy} is required, which needs a public key in {keys}");
            found.push(Contradiction::new(&[&policy, &keys], text));
        }
        for (channel, names) in &self.channels {
            for name in names.iter().filter(|name| !self.keys.contains_key(name)) {
                let channels = format!("{section}.channels");
                let text = format!(
                    "{channels}: {channel} is to be signed by {name}, which is not in {keys}"
                );
                found.push(Contradiction::new(&[&channels, &keys], text));
            }
        }
        found
    }
}

fn keys<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<KeyName, KeySource>, D::Error> {
    let allowed = "paths of PEM files, or PEM texts, by names of the characters a-z, A-Z, 0-9, '.', '_' and '-'";
    options::entries(deserializer, allowed, |name, value| {
        let source = match value.trim() {
            "" => return None,
            pem if pem.starts_with("-----BEGIN") => KeySource::Pem(pem.to_owned()),
            path => KeySource::File(path.into()),
        };
        Some((KeyName::new(name)?, source))
    })
}

fn channels<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<ChannelId, BTreeSet<KeyName>>, D::Error> {
    let allowed = "names of signatures.keys with commas between them, by the ids of channels";
    options::entries(deserializer, allowed, |channel, names| {
        let names = names.split(',').map(|name| KeyName::new(name.trim()));
        Some((channel.parse().ok()?, names.collect::<Option<_>>()?))
    })
}
