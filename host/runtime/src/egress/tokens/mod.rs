//! Tokens that the host obtains with an account's secrets, and keeps while they are good: OAuth 2
//! client credentials (RFC 6749, 4.4).
//!
//! A component names a token as it names a secret. It never sees one, and neither does the journal:
//! all of this happens behind it. `endpoint` is the exchange with the token's issuer, `cache` keeps
//! what it issued.

mod cache;
mod endpoint;

use std::collections::BTreeMap;

use baepo_domain::model::journal::Response;
use baepo_domain::model::manifest::TokenSpec;
use secrecy::SecretString;

use self::cache::{Source, Token};
use self::endpoint::{TokenClient, TokenError};
use super::error::{SendError, redacted};
use super::exchange::RequestContext;
use super::request::ParsedRequest;

pub(super) use self::cache::{InstantSource, TokenCache};
pub(super) use self::endpoint::Issued;

/// Sends a request with the tokens that it names. Where the provider no longer takes one from the
/// cache, a new one is fetched and the request sent once more, whatever it is: a 401 has done
/// nothing.
pub(super) async fn send(
    cache: &TokenCache,
    context: &RequestContext<'_>,
    request: ParsedRequest<'_>,
) -> Result<Response, SendError> {
    let specs = specs_named_by(&request, context.policy.tokens);
    if specs.is_empty() {
        return context.send(request).await;
    }
    let tokens = Tokens { cache, context };
    match tokens.send_with_refetch(&specs, request).await {
        Ok(response) | Err(TokenError::Refused(response)) => Ok(response),
        Err(TokenError::Failed(error)) => Err(error),
    }
}

fn specs_named_by<'a>(request: &ParsedRequest<'_>, tokens: &'a [TokenSpec]) -> Vec<&'a TokenSpec> {
    let credentials = request.credentials.iter();
    let names: Vec<&str> = credentials.flat_map(|named| named.secrets()).collect();
    let tokens = tokens.iter();
    tokens
        .filter(|spec| names.contains(&spec.name.as_str()))
        .collect()
}

/// The tokens of one request, by the names that it has for them.
type ResolvedTokens<'a> = Vec<(&'a TokenSpec, Token)>;

/// Sends one request with tokens.
struct Tokens<'a> {
    cache: &'a TokenCache,
    context: &'a RequestContext<'a>,
}

impl Tokens<'_> {
    async fn send_with_refetch(
        &self,
        specs: &[&TokenSpec],
        request: ParsedRequest<'_>,
    ) -> Result<Response, TokenError> {
        let mut resolved = ResolvedTokens::new();
        for spec in specs {
            resolved.push((spec, self.token(spec, None).await?));
        }
        let response = self.send_with(&resolved, request.again()).await?;
        let is_cached = |(_, token): &(_, Token)| token.source == Source::Cached;
        if response.status != 401 || !resolved.iter().any(is_cached) {
            return Ok(response);
        }
        let mut refetched = ResolvedTokens::new();
        for (spec, refused) in &resolved {
            refetched.push((spec, self.token(spec, Some(refused)).await?));
        }
        let response = self.send_with(&refetched, request).await;
        // A late response may still repeat the refused token.
        Ok(redacted(response, &self.secrets_with(&resolved))?)
    }

    async fn send_with(
        &self,
        resolved: &ResolvedTokens<'_>,
        request: ParsedRequest<'_>,
    ) -> Result<Response, SendError> {
        let secrets = self.secrets_with(resolved);
        let response = self.context.with_secrets(&secrets).send(request).await;
        redacted(response, &secrets)
    }

    fn secrets_with(&self, resolved: &ResolvedTokens<'_>) -> BTreeMap<String, SecretString> {
        let mut secrets = self.context.policy.secrets.clone();
        let tokens = resolved.iter();
        secrets.extend(
            tokens.map(|(spec, token)| (spec.name.clone(), SecretString::clone(&token.value))),
        );
        secrets
    }

    async fn token(&self, spec: &TokenSpec, refused: Option<&Token>) -> Result<Token, TokenError> {
        let client = TokenClient::of(spec, self.context.policy.secrets).map_err(SendError::from)?;
        let fetching = self
            .cache
            .obtain(client.key(), refused, client.fetch(self.context));
        let token = self.context.within_deadline(client.host(), fetching).await;
        token.map_err(|why| match why {
            TokenError::Failed(error) => TokenError::Failed(not_sent(spec, error)),
            refused @ TokenError::Refused(_) => refused,
        })
    }
}

/// However the token's request ended, the request that needs the token was not sent.
fn not_sent(spec: &TokenSpec, error: SendError) -> SendError {
    match error {
        denied @ SendError::Denied(_) => denied,
        error => SendError::NotSent(format!("no token {:?}: {error}", spec.name)),
    }
}
