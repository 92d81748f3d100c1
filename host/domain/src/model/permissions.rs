//! What a component asks for beyond what every component gets, and what is new of it in a release.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::manifest::{DeclaredLimits, Manifest, RequestPattern};
use super::number::grouped;

/// What a release asks for, each once, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions(Vec<Permission>);

/// One thing that a release asks for. Its `Display` is the name by which an operator approves it: two that are written
/// alike allow the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// Requests to an origin.
    Request {
        origin: String,
        request: RequestPattern,
    },
    /// Owners are asked for it.
    Secret { name: String },
    /// A secret or a token goes along with requests.
    Attach {
        secret: String,
        origin: String,
        request: RequestPattern,
    },
    /// The host exchanges two secrets for a token.
    Token {
        name: String,
        url: String,
        client_id: String,
        client_secret: String,
        scope: Option<String>,
    },
    /// The host exchanges a secret for a newer one.
    Refresh {
        secret: String,
        url: String,
        secret_query: String,
        query: BTreeMap<String, String>,
        when: BTreeMap<String, String>,
    },
    /// A limit above what a component gets that declares nothing.
    Limit { name: String, value: u64 },
}

impl Permissions {
    /// What a manifest asks for on a host with these limits for a component that declares none.
    #[must_use]
    pub fn of(manifest: &Manifest, default_limits: &DeclaredLimits) -> Self {
        let mut asked = Vec::new();
        for grant in &manifest.grants {
            let origin = grant.origin.origin().ascii_serialization();
            for request in &grant.requests {
                asked.push(Permission::Request {
                    origin: origin.clone(),
                    request: request.clone(),
                });
                asked.extend(grant.secrets.iter().map(|secret| Permission::Attach {
                    secret: secret.clone(),
                    origin: origin.clone(),
                    request: request.clone(),
                }));
            }
        }
        for secret in &manifest.secrets {
            asked.push(Permission::Secret {
                name: secret.name.clone(),
            });
            asked.extend(secret.refresh.iter().map(|refresh| Permission::Refresh {
                secret: secret.name.clone(),
                url: refresh.url.to_string(),
                secret_query: refresh.secret_query.clone(),
                query: refresh.query.clone(),
                when: refresh.when.clone(),
            }));
        }
        asked.extend(manifest.tokens.iter().map(|token| Permission::Token {
            name: token.name.clone(),
            url: token.url.to_string(),
            client_id: token.client_id.clone(),
            client_secret: token.client_secret.clone(),
            scope: token.scope.clone(),
        }));
        let defaults = default_limits.named();
        let limits = manifest.limits.named().into_iter().zip(defaults);
        asked.extend(limits.filter_map(|((name, declared), (_, default))| {
            let value = declared.filter(|declared| Some(*declared) > default)?;
            Some(Permission::Limit {
                name: name.to_owned(),
                value,
            })
        }));
        asked.into_iter().collect()
    }

    /// What these permissions allow that none of `granted` does.
    #[must_use]
    pub fn beyond(&self, granted: &Self) -> Vec<Permission> {
        let is_new = |asked: &&Permission| !granted.0.iter().any(|granted| granted.covers(asked));
        self.0.iter().filter(is_new).cloned().collect()
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(asked: I) -> Self {
        let asked = asked.into_iter();
        let by_name: BTreeMap<String, Permission> = asked
            .map(|permission| (permission.to_string(), permission))
            .collect();
        Self(by_name.into_values().collect())
    }
}

impl Permission {
    /// Whether who may do this may do `asked`, too.
    fn covers(&self, asked: &Self) -> bool {
        match (self, asked) {
            (
                Self::Request { origin, request },
                Self::Request {
                    origin: other,
                    request: asked,
                },
            ) => origin == other && request.covers(asked),
            (
                Self::Attach {
                    secret,
                    origin,
                    request,
                },
                Self::Attach {
                    secret: other_secret,
                    origin: other,
                    request: asked,
                },
            ) => secret == other_secret && origin == other && request.covers(asked),
            (
                Self::Limit { name, value },
                Self::Limit {
                    name: other,
                    value: asked,
                },
            ) => name == other && value >= asked,
            (granted, asked) => granted == asked,
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request { origin, request } => {
                write!(f, "request {request} at {origin}")
            }
            Self::Secret { name } => write!(f, "secret {name}"),
            Self::Attach {
                secret,
                origin,
                request,
            } => {
                write!(f, "attach {secret} to {request} at {origin}")
            }
            Self::Token {
                name,
                url,
                client_id,
                client_secret,
                scope,
            } => {
                write!(
                    f,
                    "token {name} from {url} for {client_id} and {client_secret}"
                )?;
                match scope {
                    Some(scope) => write!(f, " with scope {scope:?}"),
                    None => Ok(()),
                }
            }
            Self::Refresh {
                secret,
                url,
                secret_query,
                query,
                when,
            } => {
                write!(f, "refresh {secret} at {url} in {secret_query}")?;
                for (name, value) in query {
                    write!(f, ", {name}={value:?}")?;
                }
                for (name, value) in when {
                    write!(f, ", where {name} is {value:?}")?;
                }
                Ok(())
            }
            Self::Limit { name, value } => write!(f, "limit {name} {}", grouped(*value)),
        }
    }
}

/// The names of permissions, as an operator sees and gives them.
#[must_use]
pub fn names(permissions: &[Permission]) -> BTreeSet<String> {
    permissions.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DEFAULTS: DeclaredLimits = DeclaredLimits {
        fuel: Some(1_000),
        active_time_ms: Some(1_000),
        memory_bytes: Some(1_000),
        table_elements: Some(1_000),
        instances: Some(64),
        host_calls: Some(1_000),
        log_bytes: Some(1_000),
        request_bytes: Some(1_000),
        response_bytes: Some(1_000),
        concurrency: Some(256),
        requests_per_second: Some(300),
    };

    fn asked(lines: &str) -> Permissions {
        let text = format!("id = \"paper\"\n{lines}\n[names]\nko = \"종이\"\nen = \"Paper\"\n");
        let manifest = Manifest::parse(&text).expect("a manifest");
        Permissions::of(&manifest, &DEFAULTS)
    }

    fn new(lines: &str, before: &str) -> Vec<String> {
        let new = asked(lines).beyond(&asked(before));
        new.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_kind_of_new_permission_has_a_name() {
        let before = "limits.fuel = 2000
            secrets = [{ name = \"key\", description = \"\", example = \"\" }]
            grants = [{ origin = \"https://a.example\", requests = [\"POST /v1/{id}\"], secrets = [\"key\"] }]";
        assert_eq!(new(before, before), [""; 0]);
        let after = "limits = { fuel = 3000, memory_bytes = 900 }
            secrets = [
                { name = \"key\", description = \"\", example = \"\",
                  refresh = { url = \"https://a.example/renew\", secret_query = \"k\" } },
                { name = \"more\", description = \"\", example = \"\" }]
            tokens = [{ name = \"t\", url = \"https://b.example/\", client_id = \"key\", client_secret = \"more\" }]
            grants = [
                { origin = \"https://a.example\", requests = [\"POST /v1/posts\", \"GET /v1/{id}\"], secrets = [\"more\"] },
                { origin = \"https://b.example\", requests = [\"GET /**\"] }]";
        assert_eq!(
            new(after, before),
            [
                "attach more to GET /v1/{id} at https://a.example",
                "attach more to POST /v1/posts at https://a.example",
                "limit fuel 3,000",
                "refresh key at https://a.example/renew in k",
                "request GET /** at https://b.example",
                "request GET /v1/{id} at https://a.example",
                "secret more",
                "token t from https://b.example/ for key and more",
            ]
        );
    }

    #[test]
    fn less_than_before_is_nothing_new() {
        let wide = "limits.fuel = 5000
            grants = [{ origin = \"https://a.example\", requests = [\"GET /v1/**\", \"POST /{any}\"] }]";
        let narrow = "limits.fuel = 4000
            grants = [{ origin = \"https://a.example:443\", requests = [\"POST /one\", \"GET /v1/{id}/x\"] }]";
        assert_eq!(new(narrow, wide), [""; 0]);
        assert_eq!(new("", wide), [""; 0]);
        assert_eq!(new(wide, narrow).len(), 3);
    }

    fn pattern() -> impl Strategy<Value = RequestPattern> {
        let segment = prop_oneof![Just("{x}"), Just("a"), Just("b"), Just("")];
        let segments = proptest::collection::vec(segment, 0..4);
        (segments, any::<bool>()).prop_map(|(segments, below)| {
            let mut path = segments.join("/");
            if below {
                path += if path.is_empty() { "**" } else { "/**" };
            }
            format!("GET /{path}").parse().expect("a pattern")
        })
    }

    proptest! {
        #[test]
        fn a_pattern_that_is_covered_means_no_other_request(
            one in pattern(),
            other in pattern(),
            path in proptest::collection::vec(prop_oneof![Just("a"), Just("b"), Just("")], 0..5),
        ) {
            prop_assert!(one.covers(&one));
            let path = format!("/{}", path.join("/"));
            if one.covers(&other) && other.matches("GET", &path) {
                prop_assert!(one.matches("GET", &path), "{one} covers {other}, but not {path}");
            }
        }
    }
}
