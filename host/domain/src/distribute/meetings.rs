//! Deliveries of one distribution that settle at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::id::DistributionId;

/// One at a time per distribution within this process, so that deliveries that settle at once do
/// not have to retry their transaction. Correctness does not depend on it: revisions do that.
#[derive(Debug, Default)]
pub struct Meetings {
    by_distribution: Mutex<HashMap<DistributionId, Weak<futures::lock::Mutex<()>>>>,
}

impl Meetings {
    pub(super) async fn of(
        &self,
        distribution: DistributionId,
    ) -> futures::lock::OwnedMutexGuard<()> {
        self.meeting(distribution).lock_owned().await
    }

    fn meeting(&self, distribution: DistributionId) -> Arc<futures::lock::Mutex<()>> {
        let mut meetings = self
            .by_distribution
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(meeting) = meetings.get(&distribution).and_then(Weak::upgrade) {
            return meeting;
        }
        // Swept now and then, so that past distributions take no room.
        if meetings.len() >= 1_024 {
            meetings.retain(|_, meeting| meeting.strong_count() > 0);
        }
        let meeting = Arc::new(futures::lock::Mutex::new(()));
        meetings.insert(distribution, Arc::downgrade(&meeting));
        meeting
    }
}
