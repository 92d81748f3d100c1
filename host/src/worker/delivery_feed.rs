//! Passes changes of deliveries, here or on another host, to waiting requests and to the timers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use baepo_domain::Timestamp;
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::id::{DeliveryId, DistributionId};
use baepo_domain::model::reason::Reason;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::{DeliveryObserver, Signal, Signals, StoreError};
use tokio::sync::{Notify, broadcast};

/// Changes that a slow subscriber may lag behind before it has to read the store again.
const BACKLOG: usize = 64;

/// Changes of deliveries, by distribution. Costs nothing without subscribers.
#[derive(Default)]
pub struct DeliveryFeed {
    subscribers: Mutex<HashMap<DistributionId, broadcast::Sender<Moved>>>,
    early_wake: EarlyWake,
    /// Ways to the other hosts on the same store.
    peers: Vec<Arc<dyn Signals>>,
}

/// A change, as a subscriber gets it.
#[derive(Debug, Clone)]
pub enum Moved {
    Local(Box<Delivery>),
    /// Deliveries may have changed on another host: read the store.
    Remote,
}

/// Wakes the timers when a delivery is due before their next round.
#[derive(Debug)]
pub struct EarlyWake {
    /// Their next round, in Unix milliseconds.
    next_poll: AtomicI64,
    due_sooner: Notify,
}

impl Default for EarlyWake {
    fn default() -> Self {
        let next_poll = AtomicI64::new(i64::MAX);
        Self {
            next_poll,
            due_sooner: Notify::new(),
        }
    }
}

impl EarlyWake {
    /// Sets when the next round is.
    pub fn set(&self, next_poll: Timestamp) {
        self.next_poll
            .store(next_poll.as_millisecond(), Ordering::Release);
    }

    /// Completes when a delivery is due before the next round.
    pub async fn due_sooner(&self) {
        self.due_sooner.notified().await;
    }

    fn due(&self, time: Timestamp) {
        if time.as_millisecond() < self.next_poll.load(Ordering::Acquire) {
            self.due_sooner.notify_one();
        }
    }
}

impl DeliveryFeed {
    /// A feed that passes local changes to other hosts, too.
    #[must_use]
    pub fn with_peers(peers: Vec<Arc<dyn Signals>>) -> Self {
        Self {
            peers,
            ..Self::default()
        }
    }

    /// Every change from now on. Read the store after subscribing, so that none is missed in between.
    pub fn subscribe(&self, distribution: DistributionId) -> broadcast::Receiver<Moved> {
        let mut subscribers = self
            .subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let new = || broadcast::channel(BACKLOG).0;
        subscribers
            .entry(distribution)
            .or_insert_with(new)
            .subscribe()
    }

    /// Wakes the timers.
    pub fn early_wake(&self) -> &EarlyWake {
        &self.early_wake
    }

    /// To be called after a subscriber was dropped.
    pub fn remove_if_unsubscribed(&self, distribution: DistributionId) {
        let mut subscribers = self
            .subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if subscribers
            .get(&distribution)
            .is_some_and(|sender| sender.receiver_count() == 0)
        {
            subscribers.remove(&distribution);
        }
    }

    /// A signal of another host.
    pub fn on_signal(&self, signal: Signal) {
        let subscribers = self
            .subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let broadcast = |sender: &broadcast::Sender<Moved>| {
            // The last subscriber may have gone just now.
            let _ = sender.send(Moved::Remote);
        };
        match signal {
            Signal::Moved(distribution) => {
                subscribers
                    .get(&distribution)
                    .into_iter()
                    .for_each(broadcast);
            }
            Signal::Missed => subscribers.values().for_each(broadcast),
            Signal::Releases => {}
        }
    }
}

impl DeliveryObserver for DeliveryFeed {
    fn moved(&self, delivery: &Delivery) {
        // Its owner reads the rest.
        let message = delivery.message.as_ref().map(Reason::text);
        if let Some(detail) = message.as_ref().and_then(Localized::detail) {
            tracing::warn!(
                delivery = %delivery.id, channel = %delivery.channel, status = %delivery.status,
                detail, "a delivery reports a problem"
            );
        }
        if let Some(due_at) = delivery.due_at {
            self.early_wake.due(due_at);
        }
        for peers in &self.peers {
            peers.broadcast(Signal::Moved(delivery.distribution));
        }
        let subscribers = self
            .subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = subscribers.get(&delivery.distribution) {
            // The last subscriber may have gone just now.
            let _ = sender.send(Moved::Local(Box::new(delivery.clone())));
        }
    }

    fn store_unavailable(&self, delivery: DeliveryId, error: &StoreError) {
        tracing::warn!(
            %delivery, %error,
            "an attempt's journal cannot be written; waiting for the store"
        );
    }
}
