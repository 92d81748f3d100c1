//! A POST that creates something, and the key that makes a repeat harmless.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use axum::extract::{FromRequest, Request};
use axum::response::IntoResponse;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::Problem;
use crate::bounded_store::CAPACITY;
use crate::lag::ReadLag;

const KEY_HEADER: &str = "idempotency-key";
const KEY_CHARACTERS: usize = 255;
const KEYS_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug)]
pub(super) struct Creation {
    /// The path and the key: a key of one resource says nothing about another.
    key: String,
    body: Bytes,
    pub(super) lag: ReadLag,
}

impl Creation {
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        parse(&self.body)
    }

    fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.body.hash(&mut hasher);
        hasher.finish()
    }
}

impl<S: Send + Sync> FromRequest<S> for Creation {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let path = request.uri().path().to_owned();
        let lag = ReadLag::of(request.extensions());
        let header = request.headers().get(KEY_HEADER);
        let key = header.and_then(|value| value.to_str().ok());
        let usable = key.filter(|key| (1..=KEY_CHARACTERS).contains(&key.len()));
        let Some(key) = usable.map(str::to_owned) else {
            let detail = format!("a key of 1 to {KEY_CHARACTERS} characters is needed");
            return Err(Problem::invalid("Idempotency-Key", detail).into_response());
        };
        let body = Bytes::from_request(request, state)
            .await
            .map_err(IntoResponse::into_response)?;
        Ok(Self {
            key: format!("{path} {key}"),
            body,
            lag,
        })
    }
}

/// Fields that are not known are passed over; the problem names the one that cannot be read.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        Problem::invalid(&field, error.into_inner().to_string())
    })
}

pub(super) fn required<T>(field: &str, value: Option<T>) -> Result<T, Problem> {
    value.ok_or_else(|| Problem::invalid(field, "is required"))
}

/// A text that is there, and not longer than so many characters.
pub(super) fn text(field: &str, value: Option<String>, limit: usize) -> Result<String, Problem> {
    let value = required(field, value)?;
    let length = value.chars().count();
    if value.trim().is_empty() || length > limit {
        let detail = format!("needs 1 to {limit} characters, has {length}");
        return Err(Problem::invalid(field, detail));
    }
    Ok(value)
}

/// What was answered to which key. Only what was accepted uses its key up.
#[derive(Debug, Default)]
pub(super) struct ReplayCache {
    known: HashMap<String, StoredResponse>,
    /// In the order in which they came, which is that in which they are forgotten.
    order: VecDeque<(Timestamp, String)>,
}

#[derive(Debug)]
struct StoredResponse {
    fingerprint: u64,
    body: Value,
}

impl ReplayCache {
    pub(super) fn first(
        &mut self,
        creation: &Creation,
        now: Timestamp,
    ) -> Result<Option<Value>, Problem> {
        self.forget_before(now);
        match self.known.get(&creation.key) {
            None => Ok(None),
            Some(first) if first.fingerprint == creation.fingerprint() => {
                Ok(Some(first.body.clone()))
            }
            Some(_) => Err(Problem::key_reused()),
        }
    }

    pub(super) fn keep(&mut self, creation: &Creation, body: Value, now: Timestamp) {
        let fingerprint = creation.fingerprint();
        let first = StoredResponse { fingerprint, body };
        self.known.insert(creation.key.clone(), first);
        self.order.push_back((now, creation.key.clone()));
    }

    fn forget_before(&mut self, now: Timestamp) {
        let is_over = |(at, _): &(Timestamp, String)| now.duration_since(*at) >= KEYS_LIFETIME;
        while self.order.front().is_some_and(is_over) || self.order.len() >= CAPACITY {
            let Some((_, key)) = self.order.pop_front() else {
                break;
            };
            self.known.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn creation(key: &str, body: &'static str) -> Creation {
        Creation {
            key: key.to_owned(),
            body: Bytes::from_static(body.as_bytes()),
            lag: ReadLag::default(),
        }
    }

    #[test]
    fn the_first_response_is_replayed_for_a_day() {
        let start: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
        let mut replay_cache = ReplayCache::default();
        let first = creation("k", "{}");
        assert_eq!(replay_cache.first(&first, start), Ok(None));
        replay_cache.keep(&first, json!({ "id": 1 }), start);

        let almost = start + SignedDuration::from_secs(24 * 3_600 - 1);
        assert_eq!(
            replay_cache.first(&first, almost),
            Ok(Some(json!({ "id": 1 })))
        );
        assert_eq!(
            replay_cache.first(&creation("k", "[]"), almost),
            Err(Problem::key_reused())
        );
        let next_day = start + KEYS_LIFETIME;
        assert_eq!(replay_cache.first(&first, next_day), Ok(None));
    }
}
