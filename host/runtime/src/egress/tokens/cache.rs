//! The tokens that were obtained, while they are good.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use baepo_domain::model::id::Digest;
use secrecy::SecretString;
use tokio::time::Instant;

use super::endpoint::{Issued, TokenError};

/// Tokens of all accounts that are kept at most: some hundred bytes each.
const MAX_CACHED_TOKENS: usize = 10_000;
/// A token is not used so close to its end that it could run out on the way.
const EXPIRY_SKEW: Duration = Duration::from_secs(60);
/// How long a token is good where its provider does not say.
const DEFAULT_TTL: Duration = Duration::from_secs(300);
/// The longest lifetime that is accepted, so that a token that is not used is dropped.
const MAX_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// Monotonic time: the wall clock could be set back to when a token was good.
pub(crate) type InstantSource = Arc<dyn Fn() -> Instant + Send + Sync>;

/// The tokens of all accounts. Each is fetched by one request at a time; the others wait for it.
pub(crate) struct TokenCache {
    entries: Mutex<HashMap<Digest, Arc<Entry>>>,
    time: InstantSource,
}

/// The last fetch, locked while one is going on.
type Entry = tokio::sync::Mutex<Option<Fetched>>;

struct Fetched {
    at: Instant,
    good_until: Instant,
    outcome: Result<Arc<SecretString>, TokenError>,
}

/// A token to go with one request.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) value: Arc<SecretString>,
    pub(super) source: Source,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// It was there, or another request fetched it.
    Cached,
    /// This request did.
    Fetched,
}

impl TokenCache {
    pub(crate) fn new(time: InstantSource) -> Self {
        Self {
            entries: Mutex::default(),
            time,
        }
    }

    /// The cached token of `key`, unless it is the one that a provider has refused; else the one that
    /// `fetch` returns.
    pub(super) async fn obtain(
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

/// Drops the one that expires first. One that is being fetched stays.
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

    /// What a request that came at `asked_at` may use of it. Requests that waited while it was fetched
    /// share its result, also a failure: a provider that is away is not asked by each of them in turn.
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
