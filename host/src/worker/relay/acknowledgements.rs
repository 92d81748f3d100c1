//! Who waits for which message, and which were acknowledged before anybody waited.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use baepo_domain::model::id::MessageId;
use tokio::sync::oneshot;

/// Messages that were acknowledged before anybody asked for them are remembered up to here.
const MAX_REMEMBERED: usize = 16_384;

/// The messages that the bus has acknowledged to this process.
#[derive(Default)]
pub struct Acknowledgements(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: HashMap<MessageId, Vec<oneshot::Sender<()>>>,
    known: HashSet<MessageId>,
    insertion_order: VecDeque<MessageId>,
}

impl Acknowledgements {
    /// Tells those who wait, and those who come later.
    pub fn acknowledge(&self, id: MessageId) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for waiter in state.waiting.remove(&id).unwrap_or_default() {
            // Whoever waited may have given up.
            let _ = waiter.send(());
        }
        if state.known.insert(id) {
            state.insertion_order.push_back(id);
        }
        if state.insertion_order.len() > MAX_REMEMBERED
            && let Some(oldest) = state.insertion_order.pop_front()
        {
            state.known.remove(&oldest);
        }
    }

    /// `None`: it is acknowledged already.
    pub fn subscribe(&self, id: MessageId) -> Option<oneshot::Receiver<()>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.known.contains(&id) {
            return None;
        }
        // Those who gave up on others are swept now and then.
        if state.waiting.len() >= MAX_REMEMBERED {
            state.waiting.retain(|_, waiters| {
                waiters.retain(|waiter| !waiter.is_closed());
                !waiters.is_empty()
            });
        }
        let (sender, receiver) = oneshot::channel();
        let waiters = state.waiting.entry(id).or_default();
        waiters.retain(|waiter| !waiter.is_closed());
        waiters.push(sender);
        Some(receiver)
    }
}
