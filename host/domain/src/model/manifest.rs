//! `channel.toml`: what a channel is and what it asks for. It travels inside the component.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::model::id::ChannelId;
use crate::model::text::{self, Localized};

mod bounds;
mod confirm;
mod error;
mod pattern;

pub use confirm::{ConfirmSpec, ConfirmedPost, InvalidPostUrl, PostAddress};
pub use error::ManifestError;
pub use pattern::RequestPattern;

/// A channel's own description.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub id: ChannelId,
    /// What people call the channel.
    #[serde(deserialize_with = "text::table")]
    pub names: Localized,
    /// Where it may send requests to; nowhere else.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// JSON Schema of the owner's settings.
    #[serde(default = "empty_object_schema")]
    pub settings: serde_json::Value,
    /// JSON Schema of what the owner chooses for one event.
    #[serde(default = "empty_object_schema")]
    pub options: serde_json::Value,
    #[serde(default)]
    pub secrets: Vec<SecretSpec>,
    /// Tokens that the host obtains with secrets.
    #[serde(default)]
    pub tokens: Vec<TokenSpec>,
    /// What an owner confirms with that they have posted it themselves.
    #[serde(default)]
    pub confirm: ConfirmSpec,
    /// What it takes for the component to take a post down.
    #[serde(default)]
    pub withdraw: WithdrawSpec,
    /// What an owner can do where the channel cannot.
    #[serde(default)]
    pub by_hand: ByHand,
    #[serde(default)]
    pub limits: DeclaredLimits,
}

/// A bearer token that the host obtains by OAuth 2 client credentials (RFC 6749, 4.4), keeps in
/// memory while it is good, and attaches where a request names it. Neither the component nor the
/// journal sees it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSpec {
    pub name: String,
    pub url: Url,
    /// Names of secrets.
    pub client_id: String,
    pub client_secret: String,
    #[serde(default)]
    pub scope: Option<String>,
}

/// How a secret is exchanged for a newer one: a GET whose answer has `access_token` and, in
/// seconds, `expires_in`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshSpec {
    pub url: Url,
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// The query field that carries the secret.
    pub secret_query: String,
    /// Only for accounts whose settings have these values: others connect in another way.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
}

impl RefreshSpec {
    /// Whether it is for an account with these settings.
    #[must_use]
    pub fn is_for(&self, settings: &serde_json::Map<String, serde_json::Value>) -> bool {
        have_values(settings, &self.when)
    }
}

/// What it takes for a component that exports `withdraw` to take a post down.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WithdrawSpec {
    /// Only for accounts whose settings have these values: others connect in another way.
    pub when: BTreeMap<String, String>,
    /// Only a post whose id at the provider is known.
    pub needs_external_id: bool,
}

impl WithdrawSpec {
    /// Whether it can take down a post with this id, of an account with these settings.
    #[must_use]
    pub fn is_possible(
        &self,
        settings: &serde_json::Map<String, serde_json::Value>,
        external_id: Option<&str>,
    ) -> bool {
        let is_known = !self.needs_external_id || external_id.is_some();
        is_known && have_values(settings, &self.when)
    }
}

/// Whether the settings have these values.
fn have_values(
    settings: &serde_json::Map<String, serde_json::Value>,
    wanted: &BTreeMap<String, String>,
) -> bool {
    let value = |name| settings.get(name).and_then(|value| value.as_str());
    wanted
        .iter()
        .all(|(name, wanted)| value(name) == Some(wanted))
}

/// What an owner can do by hand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByHand {
    #[serde(default, deserialize_with = "text::optional_table")]
    pub withdraw: Option<Localized>,
    #[serde(default, deserialize_with = "text::optional_table")]
    pub probe: Option<Localized>,
}

/// Requests that a channel may send to one origin, and the secrets that may go with them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    #[serde(deserialize_with = "origin")]
    pub origin: Url,
    pub requests: Vec<RequestPattern>,
    #[serde(default)]
    pub secrets: Vec<String>,
}

/// A secret that the owner gives, by name; its value never enters the component.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretSpec {
    pub name: String,
    /// What people call it.
    #[serde(default)]
    pub title: Option<Localized>,
    pub description: Localized,
    /// A value that the sandbox providers accept.
    pub example: String,
    /// How long it is good for from when the owner gives it, unless they say otherwise.
    #[serde(default)]
    pub lifetime_days: Option<u32>,
    /// How the host renews it before it runs out.
    #[serde(default)]
    pub refresh: Option<RefreshSpec>,
}

/// Limits that a channel asks for; the host has a default and a maximum for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeclaredLimits {
    pub fuel: Option<u64>,
    pub active_time_ms: Option<u64>,
    pub memory_bytes: Option<u64>,
    pub table_elements: Option<u64>,
    pub instances: Option<u32>,
    pub host_calls: Option<u32>,
    pub log_bytes: Option<u64>,
    pub request_bytes: Option<u64>,
    pub response_bytes: Option<u64>,
    pub concurrency: Option<u32>,
    pub requests_per_second: Option<u32>,
}

impl DeclaredLimits {
    /// By the name that each has in `channel.toml`.
    #[must_use]
    pub fn named(&self) -> [(&'static str, Option<u64>); 11] {
        [
            ("fuel", self.fuel),
            ("active_time_ms", self.active_time_ms),
            ("memory_bytes", self.memory_bytes),
            ("table_elements", self.table_elements),
            ("instances", self.instances.map(u64::from)),
            ("host_calls", self.host_calls.map(u64::from)),
            ("log_bytes", self.log_bytes),
            ("request_bytes", self.request_bytes),
            ("response_bytes", self.response_bytes),
            ("concurrency", self.concurrency.map(u64::from)),
            (
                "requests_per_second",
                self.requests_per_second.map(u64::from),
            ),
        ]
    }
}

impl Manifest {
    /// Reads the text of a `channel.toml`.
    ///
    /// # Errors
    /// [`ManifestError::TooLong`] before it is read; [`ManifestError::Syntax`] names line and column;
    /// [`ManifestError::Rule`] the key.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        error::check_length(text)?;
        let manifest: Self = toml::from_str(text)
            .map_err(|error| ManifestError::Syntax(error::shortened(&error.to_string())))?;
        manifest.check_bounds()?;
        manifest.validate()?;
        Ok(manifest)
    }

    fn validate(&self) -> Result<(), ManifestError> {
        let rule = |at: String, problem: String| Err(ManifestError::Rule { at, problem });
        for (index, grant) in self.grants.iter().enumerate() {
            for secret in &grant.secrets {
                if !self.has_secret(secret)
                    && !self.tokens.iter().any(|token| token.name == *secret)
                {
                    let problem = format!("{secret:?} is not among the secrets");
                    return rule(format!("grants[{index}].secrets"), problem);
                }
            }
        }
        for (index, spec) in self.secrets.iter().enumerate() {
            if self.secrets[..index]
                .iter()
                .any(|other| other.name == spec.name)
            {
                let problem = format!("{:?} is there twice", spec.name);
                return rule(format!("secrets[{index}].name"), problem);
            }
        }
        for (index, token) in self.tokens.iter().enumerate() {
            for secret in [&token.client_id, &token.client_secret] {
                if !self.has_secret(secret) {
                    let problem = format!("{secret:?} is not among the secrets");
                    return rule(format!("tokens[{index}]"), problem);
                }
            }
            let is_taken = self.tokens[..index]
                .iter()
                .any(|other| other.name == token.name);
            if is_taken || self.has_secret(&token.name) {
                let problem = format!("{:?} is there twice", token.name);
                return rule(format!("tokens[{index}].name"), problem);
            }
        }
        for (at, schema) in [("settings", &self.settings), ("options", &self.options)] {
            if schema.get("type").and_then(|kind| kind.as_str()) != Some("object") {
                return rule(
                    at.to_owned(),
                    "must be a schema of type \"object\"".to_owned(),
                );
            }
        }
        Ok(())
    }
}

impl Manifest {
    fn has_secret(&self, name: &str) -> bool {
        self.secrets.iter().any(|spec| spec.name == name)
    }

    /// The token of this name.
    #[must_use]
    pub fn token(&self, name: &str) -> Option<&TokenSpec> {
        self.tokens.iter().find(|token| token.name == name)
    }
}

fn empty_object_schema() -> serde_json::Value {
    serde_json::json!({"type": "object", "additionalProperties": false})
}

fn origin<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text = String::deserialize(deserializer)?;
    let url: Url = text.parse().map_err(serde::de::Error::custom)?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    let web = matches!(url.scheme(), "https" | "http") && url.host_str().is_some();
    if bare && anonymous && web {
        Ok(url)
    } else {
        Err(serde::de::Error::custom(format!(
            "{text:?} is not an origin, such as \"https://graph.facebook.com\""
        )))
    }
}

impl Grant {
    /// Whether `url` has this grant's scheme, host and port.
    #[must_use]
    pub fn covers_origin(&self, url: &Url) -> bool {
        self.origin.origin() == url.origin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_its_place() {
        let text = "id = \"x\"\ncolour = \"red\"\n[names]\nko = \"x\"\nen = \"x\"\n";
        let error = Manifest::parse(text)
            .expect_err("an unknown key")
            .to_string();
        assert!(
            error.contains("line 2") && error.contains("colour"),
            "{error}"
        );
    }

    #[test]
    fn a_grant_may_name_only_declared_secrets() {
        let text = "id = \"x\"\n[names]\nko = \"x\"\nen = \"x\"\n[[grants]]\n\
                    origin = \"https://a.example\"\nrequests = [\"GET /\"]\nsecrets = [\"token\"]\n";
        let error = Manifest::parse(text)
            .expect_err("an unknown secret")
            .to_string();
        assert_eq!(
            error,
            "channel.toml: grants[0].secrets: \"token\" is not among the secrets"
        );
    }
}
