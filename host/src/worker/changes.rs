//! Tells waiting requests that a delivery moved.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use baepo_domain::delivery::Delivery;
use baepo_domain::id::DistributionId;
use baepo_domain::ports::Observer;
use tokio::sync::broadcast;

/// Moves that a slow listener may fall behind before it has to read the store again.
const BACKLOG: usize = 64;

/// Moves of deliveries, by distribution. Costs nothing where nobody listens.
#[derive(Debug, Default)]
pub struct Changes {
    listeners: Mutex<HashMap<DistributionId, broadcast::Sender<Delivery>>>,
}

impl Changes {
    /// Every move from now on. Read the store after subscribing, so that none falls in between.
    pub fn subscribe(&self, distribution: DistributionId) -> broadcast::Receiver<Delivery> {
        let mut listeners = self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let new = || broadcast::channel(BACKLOG).0;
        listeners
            .entry(distribution)
            .or_insert_with(new)
            .subscribe()
    }

    /// Call after a listener has gone.
    pub fn forget_if_unheard(&self, distribution: DistributionId) {
        let mut listeners = self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if listeners
            .get(&distribution)
            .is_some_and(|sender| sender.receiver_count() == 0)
        {
            listeners.remove(&distribution);
        }
    }
}

impl Observer for Changes {
    fn moved(&self, delivery: &Delivery) {
        let listeners = self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = listeners.get(&delivery.distribution) {
            // The last listener may have gone just now.
            let _ = sender.send(delivery.clone());
        }
    }
}
