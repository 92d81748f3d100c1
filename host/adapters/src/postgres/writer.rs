//! The group committer: one task writes for everybody in this process.
//!
//! A durable commit costs a wait for the server's disk, and a statement a round trip, whatever is in
//! it. While the writer is busy, others queue up; it then takes all of them into its next
//! transaction. The more there is to do, the more go together. The queue is bounded: when it is
//! full, callers wait.
//!
//! While the disk has one transaction, the next is written on another connection: so neither the
//! disk nor the server waits for the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use baepo_domain::ports::{CommitError, Mutation, StoreError};
use tokio::sync::{Mutex, Notify, mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use super::errors::is_server_failure;
use super::primary::{Primary, PrimarySession};
use super::readers::closed;
use super::server::NoPrimary;

use super::transaction::{Outcome, RolledBack, Transaction};

/// Callers whose changes wait for the next transaction; more wait to be let in.
const QUEUE_CAPACITY: usize = 1_024;
/// Callers in one transaction: bounds how long the first of them waits for the last.
const MAX_BATCH: usize = 256;
/// Connections that write: on one, while the other waits for the disk. More make the transactions
/// smaller, and nothing faster.
pub const WRITER_SESSIONS: usize = 2;
/// How often a transaction is made again that another one stood in the way of.
const MAX_ATTEMPTS: u32 = 10;

/// The way to the writer.
pub struct WriterHandle {
    queue: mpsc::Sender<Commit>,
    finish: Arc<Notify>,
    transactions: Arc<AtomicU64>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// What one caller wants written, all or nothing.
struct Commit {
    mutations: Vec<Mutation>,
    answer: oneshot::Sender<Outcome>,
}

impl WriterHandle {
    /// Sets the writer to work, on a session that is open already.
    pub fn spawn(primary: Arc<Primary>, session: PrimarySession) -> Self {
        let (queue, receiver) = mpsc::channel(QUEUE_CAPACITY);
        let finish = Arc::new(Notify::new());
        let transactions = Arc::new(AtomicU64::new(0));
        let writer = Writer {
            primary,
            idle: vec![session],
            commits: JoinSet::new(),
            transactions: Arc::clone(&transactions),
        };
        let task = tokio::spawn(writer.run(receiver, Arc::clone(&finish)));
        Self {
            queue,
            finish,
            transactions,
            task: Mutex::new(Some(task)),
        }
    }

    /// Returns when the changes are on disk. They are written even if the caller goes away.
    pub async fn commit(&self, mutations: Vec<Mutation>) -> Result<(), CommitError> {
        let (answer, answered) = oneshot::channel();
        let commit = Commit { mutations, answer };
        self.queue.send(commit).await.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }

    /// How many transactions were committed, with those that were made elsewhere.
    pub fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }

    /// One was made elsewhere.
    pub fn count(&self) {
        self.transactions.fetch_add(1, Ordering::Relaxed);
    }

    /// Lets the writer finish what is in the queue, and waits for it.
    pub async fn finish(&self) {
        let mut task = self.task.lock().await;
        self.finish.notify_one();
        if let Some(task) = task.take() {
            // If it panicked, there is nothing left to wait for.
            let _ = task.await;
        }
    }
}

/// Owns the connections that write.
struct Writer {
    primary: Arc<Primary>,
    /// Open, and with nothing to do.
    idle: Vec<PrimarySession>,
    /// Transactions that wait for the disk. They give their sessions back.
    commits: JoinSet<Option<PrimarySession>>,
    transactions: Arc<AtomicU64>,
}

impl Writer {
    async fn run(mut self, mut queue: mpsc::Receiver<Commit>, finish: Arc<Notify>) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        loop {
            let taken = tokio::select! {
                biased;
                // Lets nobody in any more; what is in the queue still comes out of it.
                () = finish.notified() => {
                    queue.close();
                    continue;
                }
                taken = queue.recv_many(&mut batch, MAX_BATCH) => taken,
            };
            if taken == 0 {
                break;
            }
            let batch = Batch::of(batch.drain(..));
            if let Err(error) = self.write(batch).await
                && is_server_failure(&error)
            {
                // Whoever waits behind them would wait in vain as long again.
                while let Ok(commit) = queue.try_recv() {
                    refuse(commit.answer, &error);
                }
            }
        }
        let last = self.commits.join_all().await;
        for session in last.into_iter().flatten().chain(self.idle) {
            session.close().await;
        }
    }

    /// Writes the changes of these callers, and has each of them answered when they are on disk.
    #[tracing::instrument(name = "store.batch.write", level = "debug", skip_all, fields(callers = batch.callers.len()))]
    async fn write(&mut self, batch: Batch) -> Result<(), Arc<sqlx::Error>> {
        match self.transact(&batch.mutations).await {
            Ok((Some(session), outcomes)) => {
                let (primary, transactions) =
                    (Arc::clone(&self.primary), Arc::clone(&self.transactions));
                let commit = batch.commit(session, outcomes, primary, transactions);
                self.commits.spawn(commit);
                Ok(())
            }
            Ok((None, outcomes)) => {
                batch.answer(outcomes);
                Ok(())
            }
            Err(error) => {
                let error = Arc::new(error);
                batch.refuse(&error);
                Err(error)
            }
        }
    }

    /// A session on which everything is written and not committed, none when there is nothing to
    /// commit, and the outcome for each caller once it is; `Err` when nothing at all was written.
    async fn transact(
        &mut self,
        callers: &[Vec<Mutation>],
    ) -> Result<(Option<PrimarySession>, Vec<Outcome>), sqlx::Error> {
        let mut transaction = Transaction::of(callers);
        let mut tries = 0;
        while !transaction.is_empty() {
            let mut session = self.session_in_transaction().await?;
            match transaction.write(&mut session).await {
                Ok(()) => return Ok((Some(session), transaction.into_outcomes())),
                Err(RolledBack::Replanned) => self.idle.push(session),
                Err(RolledBack::Retry(_)) if tries < MAX_ATTEMPTS => {
                    tries += 1;
                    self.idle.push(session);
                }
                Err(RolledBack::Retry(error) | RolledBack::Failed(error)) => {
                    self.primary.record_error(&session, &error);
                    return Err(error);
                }
            }
        }
        Ok((None, transaction.into_outcomes()))
    }

    /// A session with a transaction that has begun: a new one where the old one is of no use any
    /// more, as after a restart of the server.
    async fn session_in_transaction(&mut self) -> Result<PrimarySession, sqlx::Error> {
        while let Some(done) = self.commits.try_join_next() {
            self.idle.extend(done.ok().flatten());
        }
        if self.commits.len() >= WRITER_SESSIONS {
            let done = self.commits.join_next().await;
            self.idle.extend(done.and_then(Result::ok).flatten());
        }
        if let Some(mut session) = self.idle.pop()
            && self.primary.is_current(&session)
            && session.begin().await.is_ok()
        {
            return Ok(session);
        }
        // What one of them has met, the others have too.
        if !self.idle.is_empty() {
            self.primary.request_check();
            self.idle.clear();
        }
        let mut session = self.primary.session().await?;
        session.commit_durably().await?;
        session.begin().await?;
        Ok(session)
    }
}

/// Callers who are written together.
struct Batch {
    mutations: Vec<Vec<Mutation>>,
    callers: Vec<oneshot::Sender<Outcome>>,
}

impl Batch {
    fn of(commits: impl Iterator<Item = Commit>) -> Self {
        let (mutations, callers) = commits
            .map(|commit| (commit.mutations, commit.answer))
            .unzip();
        Self { mutations, callers }
    }

    /// Gives the session back when all of it is on disk.
    async fn commit(
        self,
        mut session: PrimarySession,
        outcomes: Vec<Outcome>,
        primary: Arc<Primary>,
        transactions: Arc<AtomicU64>,
    ) -> Option<PrimarySession> {
        match session.command("COMMIT").await {
            Ok(()) if primary.is_current(&session) => {
                transactions.fetch_add(1, Ordering::Relaxed);
                self.answer(outcomes);
                Some(session)
            }
            // A server that was replaced has it, and its successor perhaps not.
            Ok(()) => {
                self.refuse(&Arc::new(NoPrimary::Superseded.into()));
                None
            }
            // Perhaps everything was written. So a caller that is told of a failure asks for what
            // can be asked for twice, or reads first.
            Err(error) => {
                primary.record_error(&session, &error);
                self.refuse(&Arc::new(error));
                None
            }
        }
    }

    fn answer(self, outcomes: Vec<Outcome>) {
        for (caller, outcome) in self.callers.into_iter().zip(outcomes) {
            // A caller that has gone away needs no answer.
            let _ = caller.send(outcome);
        }
    }

    fn refuse(self, error: &Arc<sqlx::Error>) {
        for caller in self.callers {
            refuse(caller, error);
        }
    }
}

fn refuse(caller: oneshot::Sender<Outcome>, error: &Arc<sqlx::Error>) {
    let refusal = StoreError(Box::new(Arc::clone(error)));
    let _ = caller.send(Err(refusal.into()));
}
