//! The publishing of one event to its channels.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::id::{DistributionId, EventId, OwnerId};

/// One per event. Its row is where deliveries that settle at once meet, so that exactly one of
/// them is the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    pub id: DistributionId,
    pub event: EventId,
    pub owner: OwnerId,
    pub created_at: Timestamp,
    /// When all deliveries were settled; none while one is open again.
    pub completed_at: Option<Timestamp>,
    /// 0: not stored yet.
    pub revision: i64,
}

impl Distribution {
    /// A distribution that has not begun.
    #[must_use]
    pub fn new(id: DistributionId, event: EventId, owner: OwnerId, now: Timestamp) -> Self {
        Self {
            id,
            event,
            owner,
            created_at: now,
            completed_at: None,
            revision: 0,
        }
    }

    /// All deliveries are settled.
    #[must_use]
    pub fn complete(self, now: Timestamp) -> Self {
        Self {
            completed_at: Some(now),
            ..self
        }
    }

    /// A delivery is open again, or new.
    #[must_use]
    pub fn reopen(self) -> Self {
        Self {
            completed_at: None,
            ..self
        }
    }
}
