//! `channel.toml`: what a channel is and what it asks for. It travels inside the component.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::id::ChannelId;

/// A channel's own description.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub id: ChannelId,
    pub names: Names,
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
    #[serde(default)]
    pub limits: DeclaredLimits,
}

/// What people call the channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Names {
    #[schema(example = "인스타그램")]
    pub ko: String,
    #[schema(example = "Instagram")]
    pub en: String,
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

/// A method and a path, such as `POST /{version}/{user}/media`.
///
/// `{name}` stands for exactly one segment that is not empty; `/**` at the end for anything below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestPattern {
    method: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Any(String),
    Below,
}

/// A secret that the owner gives, by name; its value never enters the component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretSpec {
    #[schema(example = "accessToken")]
    pub name: String,
    pub description: String,
    /// A value that the sandbox providers accept.
    #[schema(example = "sandbox-instagram-token")]
    pub example: String,
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

/// Why a `channel.toml` is not one.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("channel.toml is not valid: {0}")]
    Syntax(String),
    #[error("channel.toml: {at}: {problem}")]
    Rule { at: String, problem: String },
}

impl Manifest {
    /// Reads the text of a `channel.toml`.
    ///
    /// # Errors
    /// [`ManifestError::Syntax`] names line and column; [`ManifestError::Rule`] the key.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self =
            toml::from_str(text).map_err(|error| ManifestError::Syntax(error.to_string()))?;
        manifest.validate()?;
        Ok(manifest)
    }

    fn validate(&self) -> Result<(), ManifestError> {
        let rule = |at: String, problem: String| Err(ManifestError::Rule { at, problem });
        for (index, grant) in self.grants.iter().enumerate() {
            for secret in &grant.secrets {
                if !self.secrets.iter().any(|spec| spec.name == *secret) {
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

impl RequestPattern {
    /// Whether a request with this method and URL path is meant. Nothing is decoded: a path with
    /// an encoded slash or dot segment matches only where one segment is meant.
    #[must_use]
    pub fn matches(&self, method: &str, path: &str) -> bool {
        if self.method != method {
            return false;
        }
        let Some(path) = path.strip_prefix('/') else {
            return false;
        };
        let mut given = path.split('/');
        for segment in &self.segments {
            if *segment == Segment::Below {
                return given.next().is_some_and(|first| !first.is_empty());
            }
            let Some(given) = given.next() else {
                return false;
            };
            let matched = match segment {
                Segment::Literal(literal) => literal == given,
                Segment::Any(_) => !given.is_empty() && !given.to_ascii_lowercase().contains("%2f"),
                Segment::Below => unreachable!("handled above"),
            };
            if !matched {
                return false;
            }
        }
        given.next().is_none()
    }
}

impl FromStr for RequestPattern {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
        let (method, path) = text
            .split_once(' ')
            .filter(|(method, path)| METHODS.contains(method) && path.starts_with('/'))
            .ok_or_else(|| {
                format!("{text:?} is not a method and a path, such as \"GET /v1/{{id}}\"")
            })?;
        let mut segments = Vec::new();
        for part in path[1..].split('/') {
            if segments.last() == Some(&Segment::Below) {
                return Err(format!("{text:?}: \"**\" must be the last segment"));
            }
            segments.push(
                match part
                    .strip_prefix('{')
                    .and_then(|part| part.strip_suffix('}'))
                {
                    Some(name) => Segment::Any(name.to_owned()),
                    None if part == "**" => Segment::Below,
                    None if part.contains(['{', '}', '*']) => {
                        return Err(format!("{text:?}: {part:?} must be a whole segment"));
                    }
                    None => Segment::Literal(part.to_owned()),
                },
            );
        }
        Ok(Self {
            method: method.to_owned(),
            segments,
        })
    }
}

impl TryFrom<String> for RequestPattern {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl std::fmt::Display for RequestPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ", self.method)?;
        self.segments.iter().try_for_each(|segment| match segment {
            Segment::Literal(literal) => write!(f, "/{literal}"),
            Segment::Any(name) => write!(f, "/{{{name}}}"),
            Segment::Below => f.write_str("/**"),
        })
    }
}

impl From<RequestPattern> for String {
    fn from(pattern: RequestPattern) -> String {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> RequestPattern {
        text.parse().expect("a valid pattern")
    }

    #[test]
    fn a_placeholder_is_one_segment_and_not_empty() {
        let media = pattern("POST /{version}/{user}/media");
        assert!(media.matches("POST", "/v26.0/178/media"));
        assert!(!media.matches("GET", "/v26.0/178/media"));
        assert!(!media.matches("POST", "/v26.0//media"));
        assert!(!media.matches("POST", "/v26.0/178/media/more"));
        assert!(!media.matches("POST", "/v26.0/178%2Fother/media"));
        assert!(!media.matches("POST", "/v26.0/178"));
    }

    #[test]
    fn two_stars_are_anything_below() {
        let below = pattern("GET /v1/**");
        assert!(below.matches("GET", "/v1/a/b"));
        assert!(!below.matches("GET", "/v1"));
        assert!(!below.matches("GET", "/v1/"));
        assert!("GET /**/v1".parse::<RequestPattern>().is_err());
    }

    #[test]
    fn a_pattern_prints_as_it_was_written() {
        for text in ["GET /", "POST /{a}/b", "DELETE /v1/**"] {
            assert_eq!(pattern(text).to_string(), text);
        }
    }

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
