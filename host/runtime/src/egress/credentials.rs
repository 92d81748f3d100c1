//! Secrets go into a request here, and nowhere else; `redaction` keeps them out of what comes back.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Credential;
use super::parsed_request::field_name;
use super::refusal::{Refusal, Rule};

impl Credential {
    /// The names of the secrets it needs.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Self::Bearer(secret) | Self::Header(_, secret) | Self::Query(_, secret) => {
                (secret, None)
            }
            Self::Basic(user, password) => (user, Some(password)),
        };
        [Some(first), second]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
    /// Bytes of the names that a component gave.
    pub(super) fn name_bytes(&self) -> usize {
        let field = match self {
            Self::Header(field, _) | Self::Query(field, _) => field.len(),
            Self::Bearer(_) | Self::Basic(_, _) => 0,
        };
        field + self.secrets().map(str::len).sum::<usize>()
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
    credentials: &[Credential],
    secrets: &BTreeMap<String, SecretString>,
) -> Result<(), Refusal> {
    let value = |name| value_of(secrets, name);
    for credential in credentials {
        match credential {
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

    fn attached(url: &str, credential: Credential) -> Result<Request, Refusal> {
        let mut request = Request::new(reqwest::Method::GET, url.parse().expect("a url"));
        attach(&mut request, &[credential], &secrets())?;
        Ok(request)
    }

    #[test]
    fn a_secret_in_a_header_field_is_marked_sensitive() {
        let basic = Credential::Basic("user".to_owned(), "token".to_owned());
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
        let query = Credential::Query("key".to_owned(), "token".to_owned());
        let request = attached("https://a.example/?a=1&key=forged", query).expect("it is there");
        assert_eq!(
            request.url().query(),
            Some("a=1&key=canary%2Fof%2Bthe+mine")
        );
    }

    #[test]
    fn an_unsendable_secret_is_named_without_its_value() {
        let missing = attached("https://a.example/", Credential::Bearer("none".to_owned()));
        assert_eq!(
            missing.expect_err("there is none").to_string(),
            "rule \"credentials\": the account has no secret \"none\"; connect the account"
        );
        let bad = attached("https://a.example/", Credential::Bearer("bad".to_owned()));
        let refusal = bad.expect_err("it breaks the line").to_string();
        assert!(
            refusal.contains("secret \"bad\" has a line break"),
            "{refusal}"
        );
        assert!(
            !refusal.contains("break\n") && !refusal.contains("line\n"),
            "{refusal}"
        );
        let host = Credential::Header("Host".to_owned(), "token".to_owned());
        let refusal = attached("https://a.example/", host)
            .expect_err("host")
            .to_string();
        assert_eq!(
            refusal,
            "rule \"headers\": field \"Host\" is the host's to set"
        );
    }
}
