//! Access tokens: an hour each, and unknown to the next run of the sandbox.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};

use crate::bounded_store::BoundedStore;
use crate::provider::{CREDENTIAL_PREFIX, Provider};

pub(super) const LIFETIME: SignedDuration = SignedDuration::from_secs(3_600);

/// A token is the provider's name and a number that grows with the time of the start.
#[derive(Debug)]
pub(super) struct Tokens {
    prefix: String,
    expiries: BoundedStore<Timestamp>,
}

impl Tokens {
    pub(super) fn new(provider: Provider, first_id: u64) -> Self {
        Self {
            prefix: format!("{CREDENTIAL_PREFIX}kt-{}-", provider.name()),
            expiries: BoundedStore::starting_at(first_id),
        }
    }

    pub(super) fn issue(&mut self, now: Timestamp) -> String {
        let id = self.expiries.push(now + LIFETIME);
        format!("{}{id}", self.prefix)
    }

    pub(super) fn accept(&self, token: &str, now: Timestamp) -> bool {
        let id = token.strip_prefix(&self.prefix);
        let expiry = id
            .and_then(|id| id.parse().ok())
            .and_then(|id| self.expiries.get(id));
        expiry.is_some_and(|expiry| now < *expiry)
    }
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    authorization(headers, "Bearer ")
}

/// Whether both halves of the Basic credentials are the sandbox's.
pub(super) fn has_sandbox_credentials(headers: &HeaderMap) -> bool {
    let decoded = authorization(headers, "Basic ")
        .and_then(|encoded| BASE64_STANDARD.decode(encoded).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let halves = decoded.as_deref().and_then(|text| text.split_once(':'));
    halves.is_some_and(|(id, secret)| {
        id.starts_with(CREDENTIAL_PREFIX) && secret.starts_with(CREDENTIAL_PREFIX)
    })
}

fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_valid_for_an_hour_at_its_own_provider() {
        let start: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
        let mut tokens = Tokens::new(Provider::GenieTv, 7);
        let token = tokens.issue(start);
        let others = Tokens::new(Provider::UridongneTv, 7).issue(start);

        assert!(token.starts_with("sandbox-kt-"));
        assert!(tokens.accept(&token, start + SignedDuration::from_secs(3_599)));
        assert!(!tokens.accept(&token, start + LIFETIME));
        assert!(!tokens.accept(&others, start));
    }
}
