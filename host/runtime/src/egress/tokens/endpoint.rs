//! The exchange with the token endpoint: an account's secrets for a token.

use std::collections::BTreeMap;
use std::time::Duration;

use baepo_domain::model::id::Digest;
use baepo_domain::model::journal::{Body, Response};
use baepo_domain::model::manifest::TokenSpec;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::egress::credentials::{Credential, value_of};
use crate::egress::error::SendError;
use crate::egress::exchange::RequestContext;
use crate::egress::refusal::Refusal;
use crate::egress::request::ParsedRequest;

/// The codes of RFC 6749, 5.2: the only texts of an endpoint that are passed on.
const CODES: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// An account as the token endpoint knows it.
pub(super) struct TokenClient<'a> {
    spec: &'a TokenSpec,
    /// Id and secret, encoded as they are sent, by their names.
    secrets: BTreeMap<String, SecretString>,
}

/// A successful response (RFC 6749, 5.1).
pub(crate) struct Issued {
    pub(crate) token: SecretString,
    pub(crate) good_for: Option<Duration>,
}

/// Why there is no token.
#[derive(Debug, Clone)]
pub(super) enum TokenError {
    /// The response that the component gets.
    Refused(Response),
    Failed(SendError),
}

impl From<SendError> for TokenError {
    fn from(error: SendError) -> Self {
        Self::Failed(error)
    }
}

impl<'a> TokenClient<'a> {
    /// # Errors
    /// Rule "credentials": the account has no such secret.
    pub(super) fn of(
        spec: &'a TokenSpec,
        secrets: &BTreeMap<String, SecretString>,
    ) -> Result<Self, Refusal> {
        let mut encoded = BTreeMap::new();
        for name in [&spec.client_id, &spec.client_secret] {
            // RFC 6749, 2.3.1: so that a colon in one of them does not end the user.
            let value = form_urlencoded::byte_serialize(value_of(secrets, name)?.as_bytes());
            encoded.insert(name.clone(), SecretString::from(value.collect::<String>()));
        }
        let secrets = encoded;
        Ok(Self { spec, secrets })
    }

    /// Accounts with the same key share a token.
    pub(super) fn key(&self) -> Digest {
        let value = |name| self.secrets[name].expose_secret();
        let spec = self.spec;
        let parts = json!([
            spec.url,
            value(&spec.client_id),
            value(&spec.client_secret),
            spec.scope,
        ]);
        Digest::of(parts.to_string().as_bytes())
    }

    /// For errors.
    pub(super) fn host(&self) -> &str {
        self.spec.url.host_str().unwrap_or_default()
    }

    pub(super) async fn fetch(
        &self,
        request_context: &RequestContext<'_>,
    ) -> Result<Issued, TokenError> {
        let request_context = request_context.with_secrets(&self.secrets);
        let answer = request_context
            .send_host_request(self.token_request())
            .await?;
        tracing::debug!(
            channel = %request_context.policy.channel,
            host = self.host(),
            status = answer.status,
            "egress.token.fetch"
        );
        self.read(&answer)
    }

    fn token_request(&self) -> ParsedRequest<'_> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if let Some(scope) = &self.spec.scope {
            form.append_pair("scope", scope);
        }
        let headers = [
            (CONTENT_TYPE, "application/x-www-form-urlencoded"),
            (ACCEPT, "application/json"),
        ];
        let (user, password) = (&self.spec.client_id, &self.spec.client_secret);
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        ParsedRequest::of_host(
            Method::POST,
            self.spec.url.clone(),
            HeaderMap::from_iter(headers),
            Some(form.finish()),
            Credential::Basic(user, password),
        )
    }

    fn read(&self, answer: &Response) -> Result<Issued, TokenError> {
        let host = self.host();
        match answer.status {
            200..=299 => Issued::read(&answer.body.0).ok_or_else(|| {
                let why = format!("the answer of {host} has none that can be sent");
                TokenError::Failed(SendError::NotSent(why))
            }),
            // The client did not authenticate, whatever the body says.
            401 => Err(self.refused(error_code(&answer.body.0))),
            400 if error_code(&answer.body.0).is_some() => {
                Err(self.refused(error_code(&answer.body.0)))
            }
            status => {
                let why = format!("{host} answered {status}");
                Err(TokenError::Failed(SendError::NotSent(why)))
            }
        }
    }

    /// A response as the provider would give it to an unauthorized request, without the endpoint's own
    /// texts, which may repeat what it was sent.
    fn refused(&self, code: Option<String>) -> TokenError {
        let code = code.filter(|code| CODES.contains(&code.as_str()));
        let detail = format!(
            "{} refused the account's client credentials{}",
            self.host(),
            code.map_or_else(String::new, |code| format!(": {code}")),
        );
        let problem = json!({"title": "Unauthorized", "status": 401, "detail": detail});
        TokenError::Refused(Response {
            status: 401,
            headers: vec![(
                CONTENT_TYPE.as_str().to_owned(),
                "application/problem+json".to_owned(),
            )],
            body: Body(problem.to_string().into_bytes()),
        })
    }
}

fn error_code(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    Some(answer.get("error")?.as_str()?.to_owned())
}

impl Issued {
    /// `None`: it has no token, or one that no header field can carry.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let answer: Value = serde_json::from_slice(body).ok()?;
        let token = answer.get("access_token")?.as_str()?;
        let is_sendable = token.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        (is_sendable && !token.trim().is_empty()).then(|| Self {
            token: token.into(),
            good_for: answer.get("expires_in").and_then(seconds),
        })
    }
}

/// A number, which some give as text.
fn seconds(value: &Value) -> Option<Duration> {
    let number = value
        .as_f64()
        .or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))?;
    Some(Duration::try_from_secs_f64(number).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsendable_token_is_rejected() {
        let read = |text: &str| Issued::read(text.as_bytes());
        let issued = read(r#"{"access_token": "a-token", "expires_in": "3600"}"#);
        let issued = issued.expect("it is one");
        assert_eq!(issued.token.expose_secret(), "a-token");
        assert_eq!(issued.good_for, Some(Duration::from_secs(3_600)));
        for text in [
            "",
            "a-token",
            "{}",
            r#"{"access_token": 7}"#,
            r#"{"access_token": ""}"#,
            r#"{"access_token": "line\nbreak"}"#,
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
