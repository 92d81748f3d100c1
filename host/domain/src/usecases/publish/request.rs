//! What the caller of a publish asks for.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::model::id::{ChannelId, Digest, EventId, IdempotencyKey, OwnerId};
use crate::model::idempotency::IdempotencyRecord;

/// What the caller asks for.
#[derive(Debug, Clone)]
pub struct PublishRequest {
    pub owner: OwnerId,
    pub event: EventId,
    /// None: the draft's own selection.
    pub channels: Option<Vec<ChannelId>>,
    pub key: Option<IdempotencyKey>,
    pub trigger: Trigger,
}

/// What makes a publish begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Somebody asks for it. What was scheduled for later is dropped.
    Caller,
    /// Its time has come: only while the event's schedule says so.
    Schedule,
}

impl PublishRequest {
    /// What a repeat with the same key must be equal in.
    pub(super) fn fingerprint(&self) -> Digest {
        let channels = self.channels.as_ref().map(|channels| {
            let sorted: BTreeSet<&ChannelId> = channels.iter().collect();
            sorted
                .into_iter()
                .map(ChannelId::as_str)
                .collect::<Vec<_>>()
                .join(",")
        });
        Digest::of(format!("publish {} {channels:?}", self.event).as_bytes())
    }

    pub(super) fn record(&self, now: Timestamp) -> Option<IdempotencyRecord> {
        Some(IdempotencyRecord {
            owner: self.owner.clone(),
            key: self.key.clone()?,
            fingerprint: self.fingerprint(),
            event: self.event,
            answer: None,
            created_at: now,
        })
    }
}
