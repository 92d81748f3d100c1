//! Where the value of a secret goes. Secrets go into a request here, and nowhere else; `redact`
//! keeps them out of what comes back.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::fields::field_name;
use super::refusal::{Refusal, Rule};

/// Where the value of a secret goes; the texts are names of secrets or tokens, never values. The
/// journal has it as text: `Display` writes it, [`Credential::parse`] reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credential<'a> {
    /// `authorization: Bearer <secret>`
    Bearer(&'a str),
    /// Name of the header field, name of the secret.
    Header(&'a str, &'a str),
    /// Name of the query field, name of the secret.
    Query(&'a str, &'a str),
    /// Names of the secrets that are user and password.
    Basic(&'a str, &'a str),
}

impl fmt::Display for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer(secret) => write!(f, "bearer {secret}"),
            Self::Header(field, secret) => write!(f, "header {field} {secret}"),
            Self::Query(field, secret) => write!(f, "query {field} {secret}"),
            Self::Basic(user, password) => write!(f, "basic {user} {password}"),
        }
    }
}

impl<'a> Credential<'a> {
    /// Reads it as the journal has it. The names of secrets and query fields may have spaces in them:
    /// of the ways to split such a text, the one whose secrets are `granted` counts.
    ///
    /// # Errors
    /// Rule "credentials".
    pub(super) fn parse(text: &'a str, granted: impl Fn(&str) -> bool) -> Result<Self, Refusal> {
        let parsed = text.split_once(' ').and_then(|(place, names)| {
            let pair = |is_granted: &dyn Fn(&str, &str) -> bool| {
                let spaces = names.match_indices(' ');
                let mut pairs = spaces.map(|(at, _)| (&names[..at], &names[at + 1..]));
                let found = pairs.find(|(first, second)| is_granted(first, second));
                found.or_else(|| names.rsplit_once(' '))
            };
            match place {
                "bearer" => Some(Self::Bearer(names)),
                "header" => {
                    let (field, secret) = names.split_once(' ')?;
                    Some(Self::Header(field, secret))
                }
                "query" => {
                    let (field, secret) = pair(&|_, secret| granted(secret))?;
                    Some(Self::Query(field, secret))
                }
                "basic" => {
                    let both = |user: &str, password: &str| granted(user) && granted(password);
                    let (user, password) = pair(&both)?;
                    Some(Self::Basic(user, password))
                }
                _ => None,
            }
        });
        parsed.ok_or_else(|| Rule::Credentials.refuses("there is no such place for a secret"))
    }

    /// Bytes of the names in a credential as the journal has it.
    pub(super) fn name_bytes(text: &str) -> usize {
        match text.split_once(' ') {
            Some(("bearer", names)) => names.len(),
            // Without the space between the two.
            Some((_, names)) => names.len().saturating_sub(1),
            None => 0,
        }
    }

    /// The names of the secrets it needs.
    pub(super) fn secrets(self) -> impl Iterator<Item = &'a str> {
        let (first, second) = match self {
            Self::Bearer(secret) | Self::Header(_, secret) | Self::Query(_, secret) => {
                (secret, None)
            }
            Self::Basic(user, password) => (user, Some(password)),
        };
        [Some(first), second].into_iter().flatten()
    }
}

/// Puts the secrets into a request that has passed the rules. What a component set under the
/// same name is replaced.
///
/// # Errors
/// Rule "credentials" names the secret that is missing or cannot be sent; rule "headers" the
/// field that a secret may not be put into.
pub(super) fn attach(
    request: &mut Request,
    credentials: &[Credential<'_>],
    secrets: &BTreeMap<String, SecretString>,
) -> Result<(), Refusal> {
    let value = |name| value_of(secrets, name);
    for credential in credentials {
        match *credential {
            Credential::Bearer(secret) => {
                let text = format!("Bearer {}", value(secret)?);
                set_field(request, AUTHORIZATION, &text, secret)?;
            }
            Credential::Basic(user, password) => {
                let pair = format!("{}:{}", value(user)?, value(password)?);
                let text = format!("Basic {}", BASE64.encode(pair));
                set_field(request, AUTHORIZATION, &text, user)?;
            }
            Credential::Header(field, secret) => {
                set_field(request, field_name(field)?, value(secret)?, secret)?;
            }
            Credential::Query(field, secret) => set_query(request.url_mut(), field, value(secret)?),
        }
    }
    Ok(())
}

pub(super) fn value_of<'a>(
    secrets: &'a BTreeMap<String, SecretString>,
    name: &str,
) -> Result<&'a str, Refusal> {
    secrets
        .get(name)
        .map(ExposeSecret::expose_secret)
        .ok_or_else(|| {
            let reason = format!("the account has no secret {name:?}; connect the account");
            Rule::Credentials.refuses(reason)
        })
}

fn set_field(
    request: &mut Request,
    field: HeaderName,
    text: &str,
    secret: &str,
) -> Result<(), Refusal> {
    let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        Rule::Credentials.refuses(format!(
            "secret {secret:?} has a line break or another control character; \
             connect the account again"
        ))
    })?;
    value.set_sensitive(true);
    request.headers_mut().insert(field, value);
    Ok(())
}

fn set_query(url: &mut Url, field: &str, value: &str) {
    if url.query_pairs().any(|(name, _)| name == field) {
        let others: Vec<_> = url
            .query_pairs()
            .into_owned()
            .filter(|(name, _)| name != field)
            .collect();
        url.query_pairs_mut().clear().extend_pairs(others);
    }
    url.query_pairs_mut().append_pair(field, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> BTreeMap<String, SecretString> {
        [
            ("token", "canary/of+the mine"),
            ("user", "canary-user"),
            ("bad", "line\nbreak"),
        ]
        .map(|(name, value)| (name.to_owned(), SecretString::from(value)))
        .into()
    }

    fn attached(url: &str, credential: Credential<'_>) -> Result<Request, Refusal> {
        let mut request = Request::new(reqwest::Method::GET, url.parse().expect("a url"));
        attach(&mut request, &[credential], &secrets())?;
        Ok(request)
    }

    #[test]
    fn a_secret_in_a_header_field_is_marked_sensitive() {
        let basic = Credential::Basic("user", "token");
        let request = attached("https://a.example/", basic).expect("both secrets are there");
        let value = &request.headers()[AUTHORIZATION];
        assert!(value.is_sensitive());
        assert_eq!(
            value,
            &format!("Basic {}", BASE64.encode("canary-user:canary/of+the mine"))
        );
        assert!(!format!("{request:?}").contains("canary"));
    }

    #[test]
    fn a_secret_in_the_query_replaces_an_existing_value() {
        let query = Credential::Query("key", "token");
        let request = attached("https://a.example/?a=1&key=forged", query).expect("it is there");
        assert_eq!(
            request.url().query(),
            Some("a=1&key=canary%2Fof%2Bthe+mine")
        );
    }

    #[test]
    fn an_unsendable_secret_is_named_without_its_value() {
        let missing = attached("https://a.example/", Credential::Bearer("none"));
        assert_eq!(
            missing.expect_err("there is none").to_string(),
            "rule \"credentials\": the account has no secret \"none\"; connect the account"
        );
        let bad = attached("https://a.example/", Credential::Bearer("bad"));
        let refusal = bad.expect_err("it breaks the line").to_string();
        assert!(
            refusal.contains("secret \"bad\" has a line break"),
            "{refusal}"
        );
        assert!(
            !refusal.contains("break\n") && !refusal.contains("line\n"),
            "{refusal}"
        );
        let host = Credential::Header("Host", "token");
        let refusal = attached("https://a.example/", host)
            .expect_err("host")
            .to_string();
        assert_eq!(
            refusal,
            "rule \"headers\": field \"Host\" is the host's to set"
        );
    }

    #[test]
    fn a_credential_is_read_as_it_was_written() {
        let granted = |name: &str| ["token", "a token", "user", "a user"].contains(&name);
        for credential in [
            Credential::Bearer("a token"),
            Credential::Header("x-api-key", "a token"),
            Credential::Query("of two words", "token"),
            Credential::Query("of two words", "a token"),
            Credential::Basic("a user", "a token"),
            Credential::Basic("user", "not-granted"),
            Credential::Basic("", ""),
        ] {
            let text = credential.to_string();
            assert_eq!(Credential::parse(&text, granted), Ok(credential), "{text}");
        }
        for text in ["", "bearer", "header x-api-key", "cookie a b"] {
            assert!(Credential::parse(text, granted).is_err(), "{text}");
        }
    }
}
