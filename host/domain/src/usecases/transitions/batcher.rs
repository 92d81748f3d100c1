//! Transitions of one distribution that are requested at once, as when its providers are equally fast,
//! are made in one transaction by the task that has the turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures::channel::oneshot;
use futures::lock::{Mutex as Turn, MutexGuard};
use jiff::Timestamp;

use crate::model::delivery::{Delivery, InvalidTransition};
use crate::model::id::{DeliveryId, DistributionId, EventId};
use crate::ports::{Mutation, StoreError};

/// A transition of a delivery, given the time.
pub type Transition =
    Arc<dyn Fn(Delivery, Timestamp) -> Result<Delivery, InvalidTransition> + Send + Sync>;

/// Which delivery, and what it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryRef {
    pub delivery: DeliveryId,
    pub distribution: DistributionId,
    pub event: EventId,
}

/// A transition, and the mutations that go before it in the same transaction.
pub(super) struct TransitionRequest {
    pub(super) delivery: DeliveryId,
    pub(super) to: Transition,
    pub(super) first: Vec<Mutation>,
}

/// The delivery after its transition; `None` when that was not possible any more.
pub(super) type TransitionResult = Result<Option<Delivery>, StoreError>;

/// One batch per distribution within this process. Correctness depends on revisions, here and between
/// hosts, and not on batches.
#[derive(Default)]
pub struct TransitionBatcher {
    by_distribution: Mutex<HashMap<DistributionId, Weak<Batch>>>,
}

/// Transitions of one distribution that wait for their turn.
#[derive(Default)]
pub(super) struct Batch {
    turn: Turn<()>,
    pending: Mutex<Vec<PendingTransition>>,
}

/// A transition that a caller waits for.
pub(super) struct PendingTransition {
    pub request: TransitionRequest,
    answer: oneshot::Sender<TransitionResult>,
}

impl PendingTransition {
    pub(super) fn answer(self, answer: TransitionResult) {
        // The caller may have gone away.
        let _ = self.answer.send(answer);
    }
}

impl TransitionBatcher {
    pub(super) fn of(&self, distribution: DistributionId) -> Arc<Batch> {
        let mut batcher = self
            .by_distribution
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(batch) = batcher.get(&distribution).and_then(Weak::upgrade) {
            return batch;
        }
        // Swept now and then, so that past distributions take no room.
        if batcher.len() >= 1_024 {
            batcher.retain(|_, batch| batch.strong_count() > 0);
        }
        let batch = Arc::new(Batch::default());
        batcher.insert(distribution, Arc::downgrade(&batch));
        batch
    }
}

impl Batch {
    /// Adds a request. It is answered by the task that has the turn, which may be the caller's.
    pub(super) fn join(&self, request: TransitionRequest) -> oneshot::Receiver<TransitionResult> {
        let (answer, answered) = oneshot::channel();
        self.pending().push(PendingTransition { request, answer });
        answered
    }

    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Everything that waits now. The task that has the turn must answer all of it.
    pub(super) fn take(&self) -> Vec<PendingTransition> {
        std::mem::take(&mut *self.pending())
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, Vec<PendingTransition>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
