//! Carries messages from the outbox to the bus: at least once, in order per key.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::clock::Clock;
use baepo_domain::id::MessageId;
use baepo_domain::ports::{Bus, Change, CommitError, Relay, Store};
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

/// Messages that are sent between two looks at the store.
const BATCH: u32 = 256;
/// Messages that were acknowledged before anybody asked for them are remembered up to here.
const REMEMBERED: usize = 16_384;
/// Without a call to wake up: another process may have written, or the bus may be back.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The relay; [`OutboxRelay::run`] does the work.
pub struct OutboxRelay {
    store: Arc<dyn Store>,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    news: Notify,
    acknowledgements: Mutex<Acknowledgements>,
}

#[derive(Default)]
struct Acknowledgements {
    waiting: HashMap<MessageId, Vec<oneshot::Sender<()>>>,
    known: HashSet<MessageId>,
    in_order: VecDeque<MessageId>,
}

impl OutboxRelay {
    pub fn new(store: Arc<dyn Store>, bus: Arc<dyn Bus>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            bus,
            clock,
            news: Notify::new(),
            acknowledgements: Mutex::default(),
        }
    }

    /// Works until `stopping`; a message that was not marked is sent again after the next start.
    pub async fn run(&self, stopping: CancellationToken) {
        while !stopping.is_cancelled() {
            let more = self.pump().await;
            if !more {
                tokio::select! {
                    () = self.news.notified() => {}
                    () = self.clock.sleep(LOOK_EVERY) => {}
                    () = stopping.cancelled() => {}
                }
            }
        }
    }

    /// Sends a batch; whether there may be more right now.
    async fn pump(&self) -> bool {
        let rows = match self.store.unsent(BATCH).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, "the relay cannot read the outbox; it tries again");
                return false;
            }
        };
        let mut sent = Vec::with_capacity(rows.len());
        let mut complete = !rows.is_empty();
        for row in &rows {
            // Whatever comes behind a message that cannot be sent waits: order is kept.
            if let Err(error) = self.bus.send(row).await {
                tracing::warn!(%error, sequence = row.sequence, "the bus did not take a message; the relay tries again");
                complete = false;
                break;
            }
            sent.push(row.sequence);
            self.acknowledge(row.message.id);
        }
        self.mark(sent).await && complete
    }

    async fn mark(&self, sequences: Vec<i64>) -> bool {
        if sequences.is_empty() {
            return true;
        }
        let change = Change::MarkSent {
            sequences,
            at: self.clock.now(),
        };
        match self.store.commit(vec![change]).await {
            Ok(()) => true,
            Err(CommitError::Conflict(_)) => true,
            Err(CommitError::Store(error)) => {
                tracing::warn!(%error, "sent messages could not be marked; they are sent again");
                false
            }
        }
    }

    fn acknowledge(&self, id: MessageId) {
        let mut state = self
            .acknowledgements
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for waiter in state.waiting.remove(&id).unwrap_or_default() {
            // Whoever waited may have given up.
            let _ = waiter.send(());
        }
        if state.known.insert(id) {
            state.in_order.push_back(id);
        }
        if state.in_order.len() > REMEMBERED
            && let Some(oldest) = state.in_order.pop_front()
        {
            state.known.remove(&oldest);
        }
    }

    /// `None`: it is acknowledged already.
    fn wait_for(&self, id: MessageId) -> Option<oneshot::Receiver<()>> {
        let mut state = self
            .acknowledgements
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if state.known.contains(&id) {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        let waiters = state.waiting.entry(id).or_default();
        waiters.retain(|waiter| !waiter.is_closed());
        waiters.push(sender);
        Some(receiver)
    }
}

#[async_trait]
impl Relay for OutboxRelay {
    fn wake(&self) {
        self.news.notify_one();
    }

    async fn acknowledged(&self, message: MessageId, within: Duration) -> bool {
        let Some(acknowledged) = self.wait_for(message) else {
            return true;
        };
        self.wake();
        tokio::select! {
            acknowledged = acknowledged => acknowledged.is_ok(),
            () = self.clock.sleep(within) => false,
        }
    }
}
