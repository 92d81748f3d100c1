//! Deliveries of one distribution that move at once, as they do when their providers are equally
//! fast: they meet, and whoever has the turn moves all of them in one transaction.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures::channel::oneshot;
use futures::lock::{Mutex as Turn, MutexGuard};

use super::Asked;
use crate::delivery::Delivery;
use crate::id::DistributionId;
use crate::ports::StoreError;

/// What became of a move: `None` when it was not possible any more.
pub(super) type Answer = Result<Option<Delivery>, StoreError>;

/// One meeting per distribution within this process. Correctness does not depend on it: revisions
/// do that, here and between hosts.
#[derive(Default)]
pub struct Meetings {
    by_distribution: Mutex<HashMap<DistributionId, Weak<Meeting>>>,
}

/// Where moves of one distribution wait for their turn.
#[derive(Default)]
pub(super) struct Meeting {
    turn: Turn<()>,
    waiting: Mutex<Vec<Waiting>>,
}

/// A move that somebody waits for.
pub(super) struct Waiting {
    pub asked: Asked,
    answer: oneshot::Sender<Answer>,
}

impl Waiting {
    pub(super) fn answer(self, answer: Answer) {
        // Whoever waited may have gone away.
        let _ = self.answer.send(answer);
    }
}

impl Meetings {
    pub(super) fn of(&self, distribution: DistributionId) -> Arc<Meeting> {
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
        let meeting = Arc::new(Meeting::default());
        meetings.insert(distribution, Arc::downgrade(&meeting));
        meeting
    }
}

impl Meeting {
    /// Waits until it was done along with somebody else's, or for the turn to do it.
    pub(super) fn join(&self, asked: Asked) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        self.waiting().push(Waiting { asked, answer });
        answered
    }

    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Everything that waits now; whoever has the turn answers it.
    pub(super) fn take(&self) -> Vec<Waiting> {
        std::mem::take(&mut *self.waiting())
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
