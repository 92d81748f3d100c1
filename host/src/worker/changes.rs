//! Tells waiting requests and the timers that a delivery moved, here or on another host.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use baepo_domain::Timestamp;
use baepo_domain::delivery::Delivery;
use baepo_domain::id::{DeliveryId, DistributionId};
use baepo_domain::ports::{Observer, Signal, Signals, StoreError};
use baepo_domain::text::detail;
use tokio::sync::{Notify, broadcast};

/// Moves that a slow listener may fall behind before it has to read the store again.
const BACKLOG: usize = 64;

/// Moves of deliveries, by distribution. Costs nothing where nobody listens.
#[derive(Default)]
pub struct Changes {
    listeners: Mutex<HashMap<DistributionId, broadcast::Sender<Moved>>>,
    alarm: Alarm,
    /// Ways to the other hosts on the same store.
    others: Vec<Arc<dyn Signals>>,
}

/// What a listener hears.
#[derive(Debug, Clone)]
pub enum Moved {
    Here(Box<Delivery>),
    /// Deliveries may have moved on another host: the store knows.
    Elsewhere,
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
    /// Tells other hosts too.
    #[must_use]
    pub fn shared(others: Vec<Arc<dyn Signals>>) -> Self {
        Self {
            others,
            ..Self::default()
        }
    }

    /// Every move from now on. Read the store after subscribing, so that none falls in between.
    pub fn subscribe(&self, distribution: DistributionId) -> broadcast::Receiver<Moved> {
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

    /// Another host told this.
    pub fn heard(&self, signal: Signal) {
        let listeners = self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let tell = |sender: &broadcast::Sender<Moved>| {
            // The last listener may have gone just now.
            let _ = sender.send(Moved::Elsewhere);
        };
        match signal {
            Signal::Moved(distribution) => {
                listeners.get(&distribution).into_iter().for_each(tell);
            }
            Signal::Missed => listeners.values().for_each(tell),
            Signal::Releases => {}
        }
    }
}

impl Observer for Changes {
    fn moved(&self, delivery: &Delivery) {
        // Its owner reads the rest.
        if let Some(detail) = delivery.message.as_deref().and_then(detail) {
            tracing::warn!(
                delivery = %delivery.id, channel = %delivery.channel, status = %delivery.status,
                detail, "something is the matter with a delivery"
            );
        }
        if let Some(due_at) = delivery.due_at {
            self.alarm.due(due_at);
        }
        for others in &self.others {
            others.tell(Signal::Moved(delivery.distribution));
        }
        let listeners = self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = listeners.get(&delivery.distribution) {
            // The last listener may have gone just now.
            let _ = sender.send(Moved::Here(Box::new(delivery.clone())));
        }
    }

    fn waits_for_store(&self, delivery: DeliveryId, error: &StoreError) {
        tracing::warn!(
            %delivery, %error,
            "what an attempt did cannot be written for a while; it waits until it can"
        );
    }
}
