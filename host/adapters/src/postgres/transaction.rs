//! One transaction for many callers.
//!
//! The quick way: the callers' changes are sorted into sets, a statement writes each, and when every
//! row was as its caller took it, all of it is committed. Where a row was not, its caller gets a conflict
//! and the others are written again without it. What cannot be sorted, or what the database refuses,
//! is made change by change under a savepoint for each caller, so that a mistake is the matter of
//! the one who made it.

use baepo_domain::ports::{CommitError, Mutation};

use super::bulk::{BulkWrite, Caller, Conflicts, DistinctRows};
use super::errors::{is_caller_error, is_transient};
use super::mutations::apply;
use super::session::Session;
use super::statement::{WriteError, unavailable};

pub type Outcome = Result<(), CommitError>;

/// How the callers of one transaction are written, and what is known of their outcomes.
pub struct Transaction<'a> {
    callers: &'a [Vec<Mutation>],
    /// In sets.
    bulk_callers: Vec<Caller>,
    /// Each under a savepoint, behind the sets.
    single_callers: Vec<Caller>,
    outcomes: Vec<Outcome>,
}

/// Why a transaction was undone.
pub enum RolledBack {
    /// It goes otherwise: the plan has been changed.
    Replanned,
    /// Another transaction stood in the way.
    Retry(sqlx::Error),
    /// It may still be open; only a new connection certainly has none.
    Failed(sqlx::Error),
}

impl<'a> Transaction<'a> {
    pub fn of(callers: &'a [Vec<Mutation>]) -> Self {
        let mut rows = DistinctRows::default();
        let (bulk_callers, single_callers) =
            (0..callers.len()).partition(|caller| rows.try_add(&callers[*caller]));
        Self {
            callers,
            bulk_callers,
            single_callers,
            outcomes: callers.iter().map(|_| Ok(())).collect(),
        }
    }

    /// Whether there is nothing to be written, or no more.
    pub fn is_empty(&self) -> bool {
        let planned = self.bulk_callers.iter().chain(&self.single_callers);
        planned
            .map(|caller| &self.callers[*caller])
            .all(Vec::is_empty)
    }

    pub fn into_outcomes(self) -> Vec<Outcome> {
        self.outcomes
    }

    /// Writes, on a session that has begun. When it is undone, the session is as it was before it
    /// began, unless it failed.
    pub async fn write(&mut self, session: &mut Session) -> Result<(), RolledBack> {
        match self.write_all(session).await {
            Err(rolled_back @ (RolledBack::Replanned | RolledBack::Retry(_))) => {
                let rollback = session.command("ROLLBACK").await;
                rollback.map_err(RolledBack::Failed)?;
                Err(rolled_back)
            }
            done => done,
        }
    }

    async fn write_all(&mut self, session: &mut Session) -> Result<(), RolledBack> {
        self.write_bulk(session).await?;
        for caller in self.single_callers.clone() {
            self.outcomes[caller] = self.write_single(session, caller).await?;
        }
        Ok(())
    }

    async fn write_bulk(&mut self, session: &mut Session) -> Result<(), RolledBack> {
        let mutations = |caller: &Caller| (*caller, self.callers[*caller].as_slice());
        let bulk = BulkWrite::of(self.bulk_callers.iter().map(mutations));
        let mut conflicts = Conflicts::new();
        match bulk.write(session, &mut conflicts).await {
            Ok(()) if conflicts.is_empty() => return Ok(()),
            Err(WriteError::Database(error)) if !is_caller_error(&error) => {
                return Err(rolled_back(error));
            }
            // Whose the mistake is, is found out by looking at each; of who is late it may be
            // the consequence.
            Err(_) if conflicts.is_empty() => {
                self.single_callers.append(&mut self.bulk_callers);
                self.single_callers.sort_unstable();
            }
            Ok(()) | Err(_) => {
                // The first conflict found is the one reported.
                for (caller, what) in conflicts.into_iter().rev() {
                    self.outcomes[caller] = Err(CommitError::Conflict(what));
                }
                self.bulk_callers
                    .retain(|caller| self.outcomes[*caller].is_ok());
            }
        }
        Err(RolledBack::Replanned)
    }

    async fn write_single(
        &self,
        session: &mut Session,
        caller: Caller,
    ) -> Result<Outcome, RolledBack> {
        session
            .command("SAVEPOINT caller")
            .await
            .map_err(rolled_back)?;
        for mutation in &self.callers[caller] {
            let refusal = match apply(session, mutation).await {
                Ok(()) => continue,
                Err(WriteError::Conflict(what)) => CommitError::Conflict(what),
                Err(WriteError::Database(error)) if is_caller_error(&error) => {
                    unavailable(error).into()
                }
                Err(WriteError::Database(error)) => return Err(rolled_back(error)),
            };
            let back = "ROLLBACK TO SAVEPOINT caller";
            session.command(back).await.map_err(rolled_back)?;
            return Ok(Err(refusal));
        }
        let keep = "RELEASE SAVEPOINT caller";
        session.command(keep).await.map_err(rolled_back)?;
        Ok(Ok(()))
    }
}

fn rolled_back(error: sqlx::Error) -> RolledBack {
    if is_transient(&error) {
        RolledBack::Retry(error)
    } else {
        RolledBack::Failed(error)
    }
}
