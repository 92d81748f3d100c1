//! Requests that carry an `Idempotency-Key` (IETF draft), and the answers they were given.

use jiff::Timestamp;
use serde_json::Value;

use crate::model::id::{Digest, EventId, IdempotencyKey, OwnerId};

/// What is kept for one key of one owner.
#[derive(Debug, Clone, PartialEq)]
pub struct IdempotencyRecord {
    pub owner: OwnerId,
    pub key: IdempotencyKey,
    /// Of the request: a repeat must ask for the same.
    pub fingerprint: Digest,
    pub event: EventId,
    /// None while the first request runs.
    pub answer: Option<Value>,
    pub created_at: Timestamp,
}
