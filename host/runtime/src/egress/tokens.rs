//! Tokens that the host obtains with an account's secrets, and keeps while they are good: OAuth 2
//! client credentials (RFC 6749, 4.4).
//!
//! A component names a token as it names a secret. It never sees one, and neither does the journal:
//! all of this happens behind it. `endpoint` is the exchange with who gives tokens out.

mod endpoint;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use baepo_domain::model::id::Digest;
use baepo_domain::model::manifest::TokenSpec;
use secrecy::SecretString;
use tokio::time::Instant;

use self::endpoint::TokenClient;
use super::exchange::RequestContext;
use super::parsed_request::ParsedRequest;
use super::redaction::Redaction;
use super::{IncomingResponse, SendError};

pub(super) use self::endpoint::Issued;

/// Tokens of all accounts that are kept at most: some hundred bytes each.
const MAX_CACHED_TOKENS: usize = 10_000;
/// A token is not used so close to its end that it could run out on the way.
const EXPIRY_SKEW: Duration = Duration::from_secs(60);
/// How long a token is good where its provider does not say.
const DEFAULT_TTL: Duration = Duration::from_secs(300);
/// The longest that a provider is believed, so that a token that nobody uses is forgotten.
const MAX_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// Tells the time. Not the wall's, which could be set back to when a token was good.
pub(super) type InstantSource = Arc<dyn Fn() -> Instant + Send + Sync>;

/// The tokens of all accounts. Each is fetched by one request at a time; the others wait for it.
pub(super) struct TokenCache {
    entries: Mutex<HashMap<Digest, Arc<Entry>>>,
    time: InstantSource,
}

/// What came of the last time, locked by whoever fetches.
type Entry = tokio::sync::Mutex<Option<Fetched>>;

struct Fetched {
    at: Instant,
    good_until: Instant,
    outcome: Result<Arc<SecretString>, TokenError>,
}

/// A token to go with one request.
#[derive(Debug, Clone)]
struct Token {
    value: Arc<SecretString>,
    source: Source,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// It was there, or another request fetched it.
    Cached,
    /// This request did.
    Fetched,
}

/// Why there is no token.
#[derive(Debug, Clone)]
enum TokenError {
    /// What the component gets for an answer.
    Refused(IncomingResponse),
    Failed(SendError),
}

impl From<SendError> for TokenError {
    fn from(error: SendError) -> Self {
        Self::Failed(error)
    }
}

impl TokenCache {
    pub(super) fn new(time: InstantSource) -> Self {
        Self {
            entries: Mutex::default(),
            time,
        }
    }

    /// The token that is kept under `key`, unless it is the one that a provider has refused; what
    /// `fetch` gives where there is none.
    async fn obtain(
        &self,
        key: Digest,
        refused: Option<&Token>,
        fetch: impl Future<Output = Result<Issued, TokenError>>,
    ) -> Result<Token, TokenError> {
        let asked_at = (self.time)();
        let entry = self.entry(key);
        let mut last = entry.lock().await;
        let now = (self.time)();
        let known = last.as_ref();
        if let Some(known) = known.and_then(|fetched| fetched.reuse(asked_at, now, refused)) {
            return known;
        }
        let issued = fetch.await;
        let fetched = last.insert(Fetched::of(issued, (self.time)()));
        let value = fetched.outcome.clone()?;
        Ok(Token {
            value,
            source: Source::Fetched,
        })
    }

    fn entry(&self, key: Digest) -> Arc<Entry> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_CACHED_TOKENS && !entries.contains_key(&key) {
            drop_oldest(&mut entries);
        }
        Arc::clone(entries.entry(key).or_default())
    }
}

/// The one that ends first. What is being fetched right now stays.
fn drop_oldest(entries: &mut HashMap<Digest, Arc<Entry>>) {
    let end = |entry: &Entry| {
        let last = entry.try_lock().ok()?;
        Some(last.as_ref().map(|fetched| fetched.good_until))
    };
    let oldest = entries
        .iter()
        .filter_map(|(key, entry)| Some((end(entry)?, *key)))
        .min_by_key(|(end, _)| *end);
    if let Some((_, key)) = oldest {
        entries.remove(&key);
    }
}

impl Fetched {
    fn of(issued: Result<Issued, TokenError>, at: Instant) -> Self {
        let (outcome, good_for) = match issued {
            Ok(issued) => {
                let lifetime = issued.good_for.unwrap_or(DEFAULT_TTL).min(MAX_TTL);
                let good_for = lifetime.saturating_sub(EXPIRY_SKEW);
                (Ok(Arc::new(issued.token)), good_for)
            }
            Err(why) => (Err(why), Duration::ZERO),
        };
        Self {
            at,
            good_until: at + good_for,
            outcome,
        }
    }

    /// What it is to a request that came at `asked_at`. Who waited while it was fetched takes what
    /// came of it, whatever that is: a provider that is away is not asked by each of them in turn.
    fn reuse(
        &self,
        asked_at: Instant,
        now: Instant,
        refused: Option<&Token>,
    ) -> Option<Result<Token, TokenError>> {
        let waited_for = self.at > asked_at;
        let is_refused = |value| refused.is_some_and(|token| Arc::ptr_eq(&token.value, value));
        match &self.outcome {
            Ok(value) if is_refused(value) => None,
            Ok(value) if waited_for || now < self.good_until => Some(Ok(Token {
                value: Arc::clone(value),
                source: Source::Cached,
            })),
            Err(why) if waited_for => Some(Err(why.clone())),
            Ok(_) | Err(_) => None,
        }
    }
}

/// The tokens of one request, by the names that it has for them.
type ResolvedTokens<'a> = Vec<(&'a TokenSpec, Token)>;

impl RequestContext<'_> {
    /// Sends a request with the tokens that it names. Where the provider no longer takes one that
    /// was kept, a fresh one is fetched and the request sent once more, whatever it is: a 401 has
    /// done nothing.
    pub(super) async fn with_tokens(
        &self,
        parsed_request: ParsedRequest,
    ) -> Result<IncomingResponse, SendError> {
        let specs = self.specs_named_by(&parsed_request);
        if specs.is_empty() {
            return self.send(parsed_request).await;
        }
        match self.send_with_refetch(&specs, parsed_request).await {
            Ok(answer) | Err(TokenError::Refused(answer)) => Ok(answer),
            Err(TokenError::Failed(error)) => Err(error),
        }
    }

    fn specs_named_by(&self, parsed_request: &ParsedRequest) -> Vec<&TokenSpec> {
        let names: Vec<&str> = parsed_request
            .credentials
            .iter()
            .flat_map(super::Credential::secrets)
            .collect();
        let tokens = self.policy.tokens.iter();
        tokens
            .filter(|spec| names.contains(&spec.name.as_str()))
            .collect()
    }

    async fn send_with_refetch(
        &self,
        specs: &[&TokenSpec],
        parsed_request: ParsedRequest,
    ) -> Result<IncomingResponse, TokenError> {
        let mut resolved = ResolvedTokens::new();
        for spec in specs {
            resolved.push((spec, self.token(spec, None).await?));
        }
        let answer = self.send_with(&resolved, parsed_request.clone()).await?;
        let is_cached = |(_, token): &(_, Token)| token.source == Source::Cached;
        if answer.status != 401 || !resolved.iter().any(is_cached) {
            return Ok(answer);
        }
        let mut refetched = ResolvedTokens::new();
        for (spec, refused) in &resolved {
            refetched.push((spec, self.token(spec, Some(refused)).await?));
        }
        let answer = self.send_with(&refetched, parsed_request).await;
        // Whatever comes back late may still say the old one.
        Ok(Redaction::of(&self.secrets_with(&resolved)).result(answer)?)
    }

    async fn send_with(
        &self,
        resolved: &ResolvedTokens<'_>,
        parsed_request: ParsedRequest,
    ) -> Result<IncomingResponse, SendError> {
        let secrets = self.secrets_with(resolved);
        let answer = self.with_secrets(&secrets).send(parsed_request).await;
        Redaction::of(&secrets).result(answer)
    }

    fn secrets_with(&self, resolved: &ResolvedTokens<'_>) -> BTreeMap<String, SecretString> {
        let mut secrets = self.policy.secrets.clone();
        let tokens = resolved.iter();
        secrets.extend(
            tokens.map(|(spec, token)| (spec.name.clone(), SecretString::clone(&token.value))),
        );
        secrets
    }

    async fn token(&self, spec: &TokenSpec, refused: Option<&Token>) -> Result<Token, TokenError> {
        let client = TokenClient::of(spec, self.policy.secrets).map_err(SendError::from)?;
        let tokens = &self.inner.tokens;
        let fetching = tokens.obtain(client.key(), refused, client.fetch(self));
        let token = self.within_deadline(client.host(), fetching).await;
        token.map_err(|why| match why {
            TokenError::Failed(error) => TokenError::Failed(not_sent(spec, error)),
            refused @ TokenError::Refused(_) => refused,
        })
    }
}

/// Whatever became of the question for a token, the request that needs it has not left.
fn not_sent(spec: &TokenSpec, error: SendError) -> SendError {
    match error {
        denied @ SendError::Denied(_) => denied,
        error => SendError::NotSent(format!("no token {:?}: {error}", spec.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued(token: &str, seconds: u64) -> Result<Issued, TokenError> {
        Ok(Issued {
            token: token.into(),
            good_for: Some(Duration::from_secs(seconds)),
        })
    }

    #[tokio::test]
    async fn the_token_expiring_first_is_evicted() {
        let tokens = TokenCache::new(Arc::new(Instant::now));
        let key = |number: usize| Digest::of(&number.to_le_bytes());
        for number in 0..=MAX_CACHED_TOKENS {
            let seconds = if number == 7 { 100 } else { 1_000 };
            let fetch = std::future::ready(issued("token", seconds));
            tokens
                .obtain(key(number), None, fetch)
                .await
                .expect("there is one");
        }
        let entries = tokens.entries.lock().expect("no panic");
        assert_eq!(entries.len(), MAX_CACHED_TOKENS);
        assert!(!entries.contains_key(&key(7)) && entries.contains_key(&key(MAX_CACHED_TOKENS)));
    }

    #[test]
    fn a_token_is_cached_until_a_minute_before_its_expiry_and_for_a_day_at_most() {
        let now = Instant::now();
        let good_for = |issued| Fetched::of(issued, now).good_until - now;
        assert_eq!(good_for(issued("", 3_600)), Duration::from_secs(3_540));
        assert_eq!(good_for(issued("", 30)), Duration::ZERO);
        assert_eq!(good_for(issued("", u64::MAX)), MAX_TTL - EXPIRY_SKEW);
        let without_ttl = Issued {
            token: "".into(),
            good_for: None,
        };
        assert_eq!(good_for(Ok(without_ttl)), DEFAULT_TTL - EXPIRY_SKEW);
    }
}
