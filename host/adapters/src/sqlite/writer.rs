//! The group committer: one connection writes for everybody.
//!
//! A durable commit costs a wait for the disk, whatever is in it. While the writer waits, others
//! queue up; it then takes all of them into its next transaction, each under a savepoint of its
//! own, so that a conflict is the matter of the one who caused it. The more there is to do, the
//! more go together. The queue is bounded: when it is full, callers wait.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use baepo_domain::model::id::DeliveryId;
use baepo_domain::ports::{ClaimDue, CommitError, Mutation, StoreError};
use sqlx::error::ErrorKind;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection, raw_sql};
use tokio::sync::{Mutex, Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::health::Health;
use super::statement::{WriteError, unavailable};
use super::{
    accounts, attempts, audit, deliveries, distributions, due, events, idempotency, journal,
    outbox, releases,
};

/// Callers whose changes wait for the next transaction; more wait to be let in.
const QUEUE_CAPACITY: usize = 1_024;
/// Callers in one transaction: bounds how long the first of them waits for the last.
const MAX_BATCH: usize = 256;

/// The way to the writer.
pub struct WriterHandle {
    queue: mpsc::Sender<Commit>,
    finish: Arc<Notify>,
    transactions: Arc<AtomicU64>,
    task: Mutex<Option<JoinHandle<Writer>>>,
}

/// What one caller wants written, all or nothing.
struct Commit {
    work: Work,
    answer: oneshot::Sender<WriteOutcome>,
}

enum Work {
    Mutations(Vec<Mutation>),
    Take(ClaimDue),
}

/// The deliveries that were taken.
type WriteOutcome = Result<Vec<DeliveryId>, CommitError>;

impl WriterHandle {
    /// Sets the writer to work.
    pub fn spawn(writer: Writer) -> Self {
        let (queue, receiver) = mpsc::channel(QUEUE_CAPACITY);
        let finish = Arc::new(Notify::new());
        let transactions = Arc::clone(&writer.transactions);
        let task = tokio::spawn(writer.run(receiver, Arc::clone(&finish)));
        let task = Mutex::new(Some(task));
        Self {
            queue,
            finish,
            transactions,
            task,
        }
    }

    /// Returns when the changes are on disk. They are written even if the caller goes away.
    pub async fn commit(&self, mutations: Vec<Mutation>) -> Result<(), CommitError> {
        self.write(Work::Mutations(mutations)).await.map(drop)
    }

    /// Returns when the takings are on disk.
    pub async fn take_due(&self, due: ClaimDue) -> Result<Vec<DeliveryId>, StoreError> {
        match self.write(Work::Take(due)).await {
            Ok(taken) => Ok(taken),
            Err(CommitError::Store(error)) => Err(error),
            // There is nothing that it could conflict with.
            Err(CommitError::Conflict(_)) => Ok(Vec::new()),
        }
    }

    async fn write(&self, work: Work) -> WriteOutcome {
        let (answer, answered) = oneshot::channel();
        let commit = Commit { work, answer };
        self.queue.send(commit).await.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }

    pub fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }

    /// Lets the writer finish what is in the queue, and gives it back to the first who asks.
    pub async fn finish(&self) -> Option<Writer> {
        let mut task = self.task.lock().await;
        self.finish.notify_one();
        task.take()?.await.ok()
    }
}

/// Owns the only connection that writes.
pub struct Writer {
    options: SqliteConnectOptions,
    /// None after a failure, until the next transaction connects again.
    connection: Option<SqliteConnection>,
    health: Arc<Health>,
    transactions: Arc<AtomicU64>,
}

impl Writer {
    pub fn new(
        options: SqliteConnectOptions,
        connection: SqliteConnection,
        health: Arc<Health>,
    ) -> Self {
        let connection = Some(connection);
        Self {
            options,
            connection,
            health,
            transactions: Arc::default(),
        }
    }

    async fn run(mut self, mut queue: mpsc::Receiver<Commit>, finish: Arc<Notify>) -> Self {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        loop {
            tokio::select! {
                biased;
                // Lets nobody in any more; what is in the queue still comes out of it.
                () = finish.notified() => queue.close(),
                taken = queue.recv_many(&mut batch, MAX_BATCH) => match taken {
                    0 => return self,
                    _ => self.write(batch.drain(..)).await,
                },
            }
        }
    }

    /// Writes the changes of these callers in one transaction and answers each of them.
    #[tracing::instrument(name = "store.batch.write", level = "debug", skip_all, fields(callers = batch.len()))]
    async fn write(&mut self, batch: impl ExactSizeIterator<Item = Commit>) {
        let (work, callers): (Vec<_>, Vec<_>) =
            batch.map(|commit| (commit.work, commit.answer)).unzip();
        // A caller that has gone away needs no answer.
        match self.transact(&work).await {
            Ok(outcomes) => {
                self.health.written();
                for (caller, outcome) in callers.into_iter().zip(outcomes) {
                    let _ = caller.send(outcome);
                }
            }
            Err(error) => {
                self.health.failed(&error);
                let error = Arc::new(error);
                for caller in callers {
                    let _ = caller.send(Err(StoreError(Box::new(Arc::clone(&error))).into()));
                }
                // A full disk or a read error may have ended the transaction already, or not: only a
                // new connection certainly has none.
                self.disconnect().await;
            }
        }
    }

    /// The outcome for each caller; `Err` when nothing at all was written – or, if it is COMMIT that
    /// failed, perhaps all: the disk may have had it before it failed. So a caller that is told of
    /// a failure asks for what can be asked for twice, or reads first.
    async fn transact(&mut self, batch: &[Work]) -> Result<Vec<WriteOutcome>, sqlx::Error> {
        self.health.check_identity().map_err(io::Error::other)?;
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(SqliteConnection::connect_with(&self.options).await?),
        };
        // The write lock from the start: taken later, it could be refused in the middle.
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        if self.health.is_failing() {
            // It stands in the file's first page, which is written though nothing else may be: only
            // then is it known that something can.
            raw_sql("PRAGMA user_version = 0")
                .execute(&mut *transaction)
                .await?;
        }
        let mut outcomes = Vec::with_capacity(batch.len());
        for work in batch {
            outcomes.push(match work {
                Work::Mutations(mutations) => apply_all(&mut transaction, mutations).await?,
                Work::Take(due) => Ok(due::take(&mut transaction, *due).await?),
            });
        }
        transaction.commit().await?;
        self.transactions.fetch_add(1, Ordering::Relaxed);
        Ok(outcomes)
    }

    /// Lets go of the file, until there is something to write again.
    pub async fn disconnect(&mut self) {
        if let Some(connection) = self.connection.take() {
            // What it had not committed is rolled back, now or by the next who opens the file.
            let _ = connection.close().await;
        }
    }
}

/// Makes one caller's changes under a savepoint. The outer `Err` is the whole transaction's.
async fn apply_all(
    transaction: &mut SqliteConnection,
    mutations: &[Mutation],
) -> Result<WriteOutcome, sqlx::Error> {
    let mut savepoint = transaction.begin().await?;
    for mutation in mutations {
        let refusal = match apply(&mut savepoint, mutation).await {
            Ok(()) => continue,
            Err(WriteError::Conflict(what)) => CommitError::Conflict(what),
            Err(WriteError::Database(error)) if is_caller_error(&error) => {
                unavailable(error).into()
            }
            Err(WriteError::Database(error)) => return Err(error),
        };
        savepoint.rollback().await?;
        return Ok(Err(refusal));
    }
    savepoint.commit().await?;
    Ok(Ok(Vec::new()))
}

async fn apply(connection: &mut SqliteConnection, mutation: &Mutation) -> Result<(), WriteError> {
    match mutation {
        Mutation::PutEvent(event) => events::put(connection, event).await,
        Mutation::PutDistribution(distribution) => {
            distributions::put(connection, distribution).await
        }
        Mutation::PutDelivery(delivery) => deliveries::put(connection, delivery).await,
        Mutation::PutAttempt(attempt) => attempts::put(connection, attempt).await,
        Mutation::AppendEntries {
            attempt,
            delivery,
            holder,
            entries,
        } => journal::append(connection, *attempt, *delivery, *holder, entries).await,
        Mutation::ForgetJournals(attempts) => journal::forget(connection, attempts).await,
        Mutation::RenewLeases { deliveries, lease } => {
            deliveries::renew(connection, deliveries, *lease).await
        }
        Mutation::RenewMessages { sequences, lease } => {
            outbox::renew(connection, sequences, *lease).await
        }
        Mutation::RenewPublish { event, lease } => events::renew(connection, *event, *lease).await,
        Mutation::PutIdempotency(record) => idempotency::put(connection, record).await,
        Mutation::ReplaceAnswer { record, earlier } => {
            idempotency::replace(connection, record, earlier).await
        }
        Mutation::AddMessage { message, lease } => outbox::add(connection, message, *lease).await,
        Mutation::TakeMessages {
            claims,
            lease,
            limit,
        } => outbox::take(connection, *claims, *lease, *limit).await,
        Mutation::MarkSent { sequences, at } => outbox::mark_sent(connection, sequences, *at).await,
        Mutation::AddAudit(entry) => audit::add(connection, entry).await,
        Mutation::PutAccount(account) => accounts::put(connection, account).await,
        Mutation::DeleteAccount { owner, channel } => {
            accounts::delete(connection, owner, channel).await
        }
        Mutation::PutRelease { release, component } => {
            releases::put(connection, release, component.as_deref()).await
        }
    }
}

/// The error is about these very changes, such as a row that refers to one that is not there, and
/// nobody else's changes would meet it.
fn is_caller_error(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Encode(_) => true,
        sqlx::Error::Database(error) => !matches!(error.kind(), ErrorKind::Other),
        _ => false,
    }
}

fn closed() -> StoreError {
    StoreError("the store is closed".into())
}

#[cfg(test)]
mod tests;
