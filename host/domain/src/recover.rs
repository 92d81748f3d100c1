//! What a start, or another host, does with what a process left behind that is gone.

use std::sync::Arc;

use jiff::Timestamp;

use crate::distribute::Deliverer;
use crate::id::HolderId;
use crate::ports::{Abandoned, StoreError};

/// Whether other hosts work on the same store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// No other process can be alive: what somebody else has was left behind.
    Alone,
    /// Others may be alive: what somebody has is theirs until the lease runs out.
    Shared,
}

impl Sharing {
    /// The claims that nobody works on any more.
    #[must_use]
    pub fn abandoned(self, holder: HolderId, now: Timestamp) -> Abandoned {
        match self {
            Self::Alone => Abandoned::NotOf(holder),
            Self::Shared => Abandoned::Before(now),
        }
    }
}

/// Deliveries that are taken over between two looks at the store.
const BATCH: u32 = 256;

/// Makes every delivery due at once whose claim nobody works on any more; the journal says where
/// its attempt goes on. Returns how many there were.
///
/// # Errors
/// When the store cannot answer; calling again goes on.
pub async fn recover(deliverer: &Arc<Deliverer>) -> Result<usize, StoreError> {
    let mut recovered = 0;
    loop {
        let claims = deliverer.abandoned_claims();
        let abandoned = deliverer.store.abandoned(claims, BATCH).await?;
        if abandoned.is_empty() {
            return Ok(recovered);
        }
        recovered += abandoned.len();
        for delivery in abandoned {
            deliverer.abandon(delivery, claims).await?;
        }
    }
}
