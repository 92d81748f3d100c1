//! Answers to publishes: what callers get, and what is stored of them for repeats.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::delivery::DeliveryStatus;
use crate::model::delivery::result::DeliveryResult;
use crate::model::draft::DraftField;
use crate::model::event::EventStatus;
use crate::model::id::{ChannelId, DistributionId, EventId};
use crate::model::offer_end::OfferEnd;
use crate::model::text::Localized;
use crate::ports::StoreError;

/// The answer, as it is stored for repeats with the same key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    pub event: EventId,
    pub status: EventStatus,
    pub distribution: DistributionId,
    pub results: Vec<DeliveryResult>,
    pub ending: PublishOutcome,
}

/// How far the publish got before it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PublishOutcome {
    /// Distributed; the results say how.
    Distributed,
    /// Every channel failed; publishing again retries.
    AllFailed,
    /// A part of the system is down; it goes on by itself.
    Underway {
        why: Localized,
        retry_after: Duration,
    },
}

impl PublishOutcome {
    /// Of channels that were distributed to.
    #[must_use]
    pub fn of(results: &[DeliveryResult]) -> Self {
        let failed = |result: &DeliveryResult| result.status == DeliveryStatus::Failed;
        if !results.is_empty() && results.iter().all(failed) {
            Self::AllFailed
        } else {
            Self::Distributed
        }
    }
}

/// An answer, and whose it is.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishResponse {
    pub publication: Publication,
    pub origin: Origin,
}

/// Which request an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    ThisRequest,
    /// An earlier one with the same key; this one did nothing.
    EarlierRequest,
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("no such event")]
    NotFound,
    #[error("the event is not complete")]
    NotReady(Vec<DraftField>),
    #[error("no such channel is installed")]
    UnknownChannels(Vec<ChannelId>),
    /// There is something to send, and nothing is sent any more.
    #[error("the offer has ended")]
    OfferEnded(OfferEnd),
    /// It was moved or cancelled, or has begun elsewhere.
    #[error("no publish of this event is due")]
    NotScheduled,
    #[error("a publish of this event is running")]
    Running,
    #[error("the idempotency key was used for another request")]
    KeyReused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is known of an earlier request with the same key.
pub(super) enum PriorPublish {
    None,
    /// It has no answer yet, or was cut off.
    Running,
    /// Its answer is given again.
    Final(Publication),
    /// It failed and said that it can be tried again: so it is, and this answer is replaced.
    Failed(Value),
    /// Its answer was not the last word.
    Open(InterimPublication),
}

/// An answer that was not the last word.
pub(super) struct InterimPublication {
    pub publication: Publication,
    /// As it is stored.
    pub answer: Value,
}
