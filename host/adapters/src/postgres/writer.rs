//! The task that writes for everybody in this process.
//!
//! While the disk has one transaction, the next is written on another connection: so neither the
//! disk nor the server waits for the other.

use std::sync::Arc;

use baepo_domain::ports::{Mutation, StoreError};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::errors::is_server_failure;
use super::primary::{Primary, PrimarySession};
use super::server::NoPrimary;
use super::transaction::{Outcome, RolledBack, Transaction};
use crate::commit_queue::{Commit, CommitCounter, CommitReceiver};

/// Connections that write: on one, while the other waits for the disk. More make the transactions
/// smaller, and nothing faster.
pub const WRITER_SESSIONS: usize = 2;
/// How often a transaction is made again that another one stood in the way of.
const MAX_ATTEMPTS: u32 = 10;

type Queue = CommitReceiver<Vec<Mutation>, ()>;

/// Owns the connections that write.
pub struct Writer {
    primary: Arc<Primary>,
    /// Open, and with nothing to do.
    idle: Vec<PrimarySession>,
    /// Transactions that wait for the disk. They give their sessions back.
    commits: JoinSet<Option<PrimarySession>>,
    counter: CommitCounter,
}

impl Writer {
    /// Writes on a session that is open already, and on more as they are needed.
    pub fn new(primary: Arc<Primary>, session: PrimarySession, counter: CommitCounter) -> Self {
        Self {
            primary,
            idle: vec![session],
            commits: JoinSet::new(),
            counter,
        }
    }

    /// Returns when the queue is closed and everything in it was written.
    pub async fn run(mut self, mut queue: Queue) {
        loop {
            let commits = queue.batch().await;
            if commits.is_empty() {
                break;
            }
            let batch = Batch::of(commits);
            if let Err(error) = self.write(batch).await
                && is_server_failure(&error)
            {
                // Those queued behind them would wait in vain for as long again.
                while let Some(commit) = queue.try_next() {
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
                let (primary, counter) = (Arc::clone(&self.primary), self.counter.clone());
                let commit = batch.commit(session, outcomes, primary, counter);
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
    fn of(commits: Vec<Commit<Vec<Mutation>, ()>>) -> Self {
        let commits = commits.into_iter();
        let (mutations, callers) = commits.map(|commit| (commit.work, commit.answer)).unzip();
        Self { mutations, callers }
    }

    /// Gives the session back when all of it is on disk.
    async fn commit(
        self,
        mut session: PrimarySession,
        outcomes: Vec<Outcome>,
        primary: Arc<Primary>,
        counter: CommitCounter,
    ) -> Option<PrimarySession> {
        match session.command("COMMIT").await {
            Ok(()) if primary.is_current(&session) => {
                counter.increment();
                self.answer(outcomes);
                Some(session)
            }
            // A server that was replaced has it, and its successor perhaps not.
            Ok(()) => {
                self.refuse(&Arc::new(NoPrimary::Superseded.into()));
                None
            }
            // Perhaps everything was written. So a caller that gets an error reads what
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
