//! The way to the one task that writes for everybody in this process: group commit, for both stores.
//!
//! A durable commit costs a wait for the disk, whatever is in it. While the writer is busy, callers
//! queue up; it then takes all of them into its next transaction. The more there is to do, the more
//! go together. The queue is bounded: when it is full, callers wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use baepo_domain::ports::{CommitError, StoreError};
use tokio::sync::{Mutex, Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

/// Callers whose work waits for the next transaction; more wait to be let in.
const QUEUE_CAPACITY: usize = 1_024;
/// Callers in one transaction: bounds how long the first of them waits for the last.
const MAX_BATCH: usize = 256;

/// The queue as callers have it. `W` is the work of one caller, `A` the answer to it, and `R` what
/// the writer leaves when it ends.
pub struct CommitQueue<W, A, R> {
    queue: mpsc::Sender<Commit<W, A>>,
    finish: Arc<Notify>,
    writer: Mutex<Option<JoinHandle<R>>>,
}

/// What one caller wants written, all or nothing.
pub struct Commit<W, A> {
    pub work: W,
    pub answer: oneshot::Sender<Result<A, CommitError>>,
}

/// The queue as the writer has it.
pub struct CommitReceiver<W, A> {
    queue: mpsc::Receiver<Commit<W, A>>,
    finish: Arc<Notify>,
}

/// How many transactions were committed.
#[derive(Debug, Clone, Default)]
pub struct CommitCounter(Arc<AtomicU64>);

impl<W, A, R> CommitQueue<W, A, R>
where
    W: Send + 'static,
    A: Send + 'static,
    R: Send + 'static,
{
    /// Starts the writer that `writer` makes of its end of the queue.
    pub fn spawn<F>(writer: impl FnOnce(CommitReceiver<W, A>) -> F) -> Self
    where
        F: Future<Output = R> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(QUEUE_CAPACITY);
        let finish = Arc::new(Notify::new());
        let receiver = CommitReceiver {
            queue: receiver,
            finish: Arc::clone(&finish),
        };
        Self {
            queue: sender,
            finish,
            writer: Mutex::new(Some(tokio::spawn(writer(receiver)))),
        }
    }

    /// Returns when the work is on disk. It is written even if the caller goes away.
    pub async fn commit(&self, work: W) -> Result<A, CommitError> {
        let (answer, answered) = oneshot::channel();
        let commit = Commit { work, answer };
        self.queue.send(commit).await.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }

    /// Lets the writer finish what is in the queue and waits for it. The first caller gets what it
    /// leaves; nobody does if it panicked.
    pub async fn finish(&self) -> Option<R> {
        let mut writer = self.writer.lock().await;
        self.finish.notify_one();
        writer.take()?.await.ok()
    }
}

impl<W, A> CommitReceiver<W, A> {
    /// Waits for callers and takes all that there are, up to the limit. Empty: the queue is closed,
    /// and nobody is left in it.
    pub async fn batch(&mut self) -> Vec<Commit<W, A>> {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        loop {
            tokio::select! {
                biased;
                // Lets nobody in any more; what is in the queue still comes out of it.
                () = self.finish.notified() => self.queue.close(),
                _ = self.queue.recv_many(&mut batch, MAX_BATCH) => return batch,
            }
        }
    }

    /// The next caller, if one waits.
    pub fn try_next(&mut self) -> Option<Commit<W, A>> {
        self.queue.try_recv().ok()
    }
}

impl CommitCounter {
    pub fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The answer to everybody who comes after the store was closed.
pub fn closed() -> StoreError {
    StoreError("the store is closed".into())
}
