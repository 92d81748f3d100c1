//! How registries are reached: the section `[oci]`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use baepo_domain::model::options;
use serde::{Deserialize, Deserializer};

/// What an operator decides about pulling from registries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OciConfig {
    /// The registries that a reference may name, with their ports. Default: any.
    #[serde(deserialize_with = "registries")]
    pub registries: Option<BTreeSet<String>>,
    /// A file with the logins of registries as `docker login` writes it, read anew at every pull.
    /// Default: none, everything is pulled without login.
    #[serde(deserialize_with = "options::path")]
    pub auth_file: Option<PathBuf>,
    /// A PEM file of authorities that vouch for registries besides those that the machine trusts.
    /// Default: none.
    #[serde(deserialize_with = "options::path")]
    pub root_certificate: Option<PathBuf>,
    /// How long looking a reference up may take, and how long the download. Default 60 s.
    #[serde(rename = "time_limit_ms")]
    #[serde(deserialize_with = "options::duration::<100, 3_600_000, _>")]
    pub time_limit: Duration,
}

impl Default for OciConfig {
    fn default() -> Self {
        Self {
            registries: None,
            auth_file: None,
            root_certificate: None,
            time_limit: Duration::from_secs(60),
        }
    }
}

fn registries<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<BTreeSet<String>>, D::Error> {
    let allowed = "hosts with or without a port, with commas between them, such as registry.example, localhost:5000";
    options::text(deserializer, allowed, |text| {
        let names = text.split(',').map(str::trim);
        let names: BTreeSet<_> = names.map(str::to_ascii_lowercase).collect();
        let is_host = |name: &String| !name.is_empty() && !name.contains(['/', '@', ' ']);
        names.iter().all(is_host).then_some(Some(names))
    })
}
