//! What an operator writes about the way out: the section `[egress]` of the configuration.

use std::collections::{BTreeMap, BTreeSet};

use baepo_domain::model::options::{self, Contradiction};
use serde::{Deserialize, Deserializer};
use url::Url;

/// Where requests of components go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EgressOptions {
    /// From a provider's origin to the base address of a local stand-in, both without user,
    /// password, query and fragment. Default: none.
    #[serde(deserialize_with = "rewrite")]
    pub rewrite: BTreeMap<Url, Url>,
}

impl EgressOptions {
    /// What does not fit together, as the options of `section`.
    #[must_use]
    pub fn contradictions(&self, section: &str) -> Vec<Contradiction> {
        let mut origins = BTreeSet::new();
        let origins_of = self
            .rewrite
            .keys()
            .map(|url| url.origin().ascii_serialization());
        let twice = origins_of.filter(|origin| !origins.insert(origin.clone()));
        let key = format!("{section}.rewrite");
        twice
            .map(|origin| Contradiction::new(&[&key], format!("{key}: {origin} is there twice")))
            .collect()
    }
}

fn rewrite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Url, Url>, D::Error> {
    let allowed = "addresses by origins, such as \
                   \"https://api.example\" = \"http://127.0.0.1:8081\"";
    options::entries(deserializer, allowed, |origin, to| {
        let plain = |text: &str| Url::parse(text).ok().filter(is_plain);
        Some((plain(origin)?, plain(to)?))
    })
}

/// Whether it is an http(s) address and nothing more.
pub(super) fn is_plain(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}
