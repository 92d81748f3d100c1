//! Waits for acknowledgements of messages, including those that came before the wait.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use baepo_domain::model::id::MessageId;
use tokio::sync::oneshot;

/// The most acknowledgements that are remembered for later waits.
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
    /// Completes the waits for the message, and those that begin later.
    pub fn acknowledge(&self, id: MessageId) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for waiter in state.waiting.remove(&id).unwrap_or_default() {
            // The waiter may have given up.
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

    /// A wait for the message; `None` when it is acknowledged already.
    pub fn subscribe(&self, id: MessageId) -> Option<oneshot::Receiver<()>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.known.contains(&id) {
            return None;
        }
        // Waits for other messages that were given up are removed now and then.
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
