//! The task that writes for everybody in this process, on the only connection that writes.
//!
//! The work of each caller has a savepoint of its own in the transaction that it shares with others,
//! so that a conflict is the matter of the one who caused it.

use std::io;
use std::sync::Arc;

use baepo_domain::model::id::DeliveryId;
use baepo_domain::ports::{CommitError, Mutation, StoreError};
use sqlx::error::ErrorKind;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection, raw_sql};

use super::health::Health;
use super::statement::{WriteError, unavailable};
use super::store::Work;
use super::{
    accounts, attempts, audit, deliveries, distributions, due, events, idempotency, journal,
    outbox, releases,
};
use crate::commit_queue::{Commit, CommitCounter, CommitReceiver};

type WriteOutcome = Result<Vec<DeliveryId>, CommitError>;

/// Owns the only connection that writes.
pub struct Writer {
    options: SqliteConnectOptions,
    /// None after a failure, until the next transaction connects again.
    connection: Option<SqliteConnection>,
    health: Arc<Health>,
    counter: CommitCounter,
}

impl Writer {
    pub fn new(
        options: SqliteConnectOptions,
        connection: SqliteConnection,
        health: Arc<Health>,
        counter: CommitCounter,
    ) -> Self {
        let connection = Some(connection);
        Self {
            options,
            connection,
            health,
            counter,
        }
    }

    /// Returns its connection when the queue is closed and everything in it was written.
    pub async fn run(
        mut self,
        mut queue: CommitReceiver<Work, Vec<DeliveryId>>,
    ) -> Option<SqliteConnection> {
        loop {
            let commits = queue.batch().await;
            if commits.is_empty() {
                return self.connection;
            }
            self.write(commits).await;
        }
    }

    /// Writes the changes of these callers in one transaction and answers each of them.
    #[tracing::instrument(name = "store.batch.write", level = "debug", skip_all, fields(callers = commits.len()))]
    async fn write(&mut self, commits: Vec<Commit<Work, Vec<DeliveryId>>>) {
        let commits = commits.into_iter();
        let (work, callers): (Vec<_>, Vec<_>) =
            commits.map(|commit| (commit.work, commit.answer)).unzip();
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
    /// failed, perhaps all: the disk may have had it before it failed. So a caller that gets
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
                Work::ClaimDue(claim) => Ok(due::claim(&mut transaction, *claim).await?),
            });
        }
        transaction.commit().await?;
        self.counter.increment();
        Ok(outcomes)
    }

    /// Closes the file, until there is something to write again.
    async fn disconnect(&mut self) {
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
        Mutation::ReclaimMessages {
            scope,
            lease,
            limit,
        } => outbox::reclaim(connection, *scope, *lease, *limit).await,
        Mutation::MarkSent { sequences, at } => outbox::mark_sent(connection, sequences, *at).await,
        Mutation::AddAudit(entry) => audit::add(connection, entry).await,
        Mutation::PutAccount(account) => accounts::put(connection, account).await,
        Mutation::DeleteAccount { owner, channel } => {
            accounts::delete(connection, owner, channel).await
        }
        Mutation::PutRelease { release, component } => {
            releases::put(connection, release, component.as_deref()).await
        }
        Mutation::DeleteRelease(release) => releases::delete(connection, release).await,
        Mutation::DeleteUnusedComponents => releases::delete_unused_components(connection).await,
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

#[cfg(test)]
mod tests;
