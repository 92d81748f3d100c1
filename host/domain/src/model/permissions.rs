//! What a component asks for beyond what every component gets, and what is new of it in a release.

use std::borrow::Cow;
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
                write!(f, "request {} at {origin}", Legible::request(request))
            }
            Self::Secret { name } => write!(f, "secret {}", Legible::of(name)),
            Self::Attach {
                secret,
                origin,
                request,
            } => {
                let (secret, request) = (Legible::of(secret), Legible::request(request));
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
                    "token {} from {} for {} and {}",
                    Legible::of(name),
                    Legible::of(url),
                    Legible::of(client_id),
                    Legible::of(client_secret)
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
                write!(
                    f,
                    "refresh {} at {} in {}",
                    Legible::of(secret),
                    Legible::of(url),
                    Legible::of(secret_query)
                )?;
                for (name, value) in query {
                    write!(f, " and {} = {value:?}", Legible::of(name))?;
                }
                for (name, value) in when {
                    write!(f, " where {} is {value:?}", Legible::of(name))?;
                }
                Ok(())
            }
            Self::Limit { name, value } => write!(f, "limit {name} {}", grouped(*value)),
        }
    }
}

/// A text of a component's author within a name: as it is where it is one visible ASCII word, else quoted and escaped.
/// So no author can write what a terminal obeys, or a name that reads like another's.
struct Legible<'a> {
    text: Cow<'a, str>,
    is_plain: bool,
}

impl<'a> Legible<'a> {
    fn of(text: &'a str) -> Self {
        let is_plain = is_word(text);
        let text = Cow::Borrowed(text);
        Self { text, is_plain }
    }

    /// A method and a path.
    fn request(pattern: &RequestPattern) -> Self {
        let text = pattern.to_string();
        let is_plain = text.split_once(' ').is_some_and(|(_, path)| is_word(path));
        let text = Cow::Owned(text);
        Self { text, is_plain }
    }
}

fn is_word(text: &str) -> bool {
    let is_legible = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    !text.is_empty() && text.bytes().all(is_legible)
}

impl fmt::Display for Legible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_plain {
            true => f.write_str(&self.text),
            false => write!(f, "{:?}", self.text),
        }
    }
}

/// The names of permissions, as an operator sees and gives them.
#[must_use]
pub fn names(permissions: &[Permission]) -> BTreeSet<String> {
    permissions.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests;
