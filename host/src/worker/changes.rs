//! Tells waiting requests and the timers that a delivery moved.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use baepo_domain::Timestamp;
use baepo_domain::delivery::Delivery;
use baepo_domain::id::DistributionId;
use baepo_domain::ports::Observer;
use tokio::sync::{Notify, broadcast};

/// Moves that a slow listener may fall behind before it has to read the store again.
const BACKLOG: usize = 64;

/// Moves of deliveries, by distribution. Costs nothing where nobody listens.
#[derive(Debug, Default)]
pub struct Changes {
    listeners: Mutex<HashMap<DistributionId, broadcast::Sender<Delivery>>>,
    alarm: Alarm,
}

/// Wakes the timers when something is due before they would look.
#[derive(Debug)]
pub struct Alarm {
    /// When they look next, in Unix milliseconds.
    next_look: AtomicI64,
    earlier: Notify,
}

impl Default for Alarm {
    fn default() -> Self {
        let next_look = AtomicI64::new(i64::MAX);
        Self {
            next_look,
            earlier: Notify::new(),
        }
    }
}

impl Alarm {
    /// The timers look at that time, or when they are woken.
    pub fn set(&self, next_look: Timestamp) {
        self.next_look
            .store(next_look.as_millisecond(), Ordering::Release);
    }

    /// Completes when something is due before the next look.
    pub async fn earlier(&self) {
        self.earlier.notified().await;
    }

    fn due(&self, time: Timestamp) {
        if time.as_millisecond() < self.next_look.load(Ordering::Acquire) {
            self.earlier.notify_one();
        }
    }
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

    /// What the timers wait for.
    pub fn alarm(&self) -> &Alarm {
        &self.alarm
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
        if let Some(due_at) = delivery.due_at {
            self.alarm.due(due_at);
        }
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
