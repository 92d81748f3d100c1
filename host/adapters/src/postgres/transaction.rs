//! One transaction for many callers.
//!
//! The quick way: the callers' changes are sorted into sets, a statement writes each, and when every
//! row was as its caller took it, all of it is committed. Where a row was not, its caller is told so
//! and the others are written again without it. What cannot be sorted, or what the database refuses,
//! is made change by change under a savepoint for each caller, so that a mistake is the matter of
//! the one who made it.

use baepo_domain::ports::{Change, CommitError};

use super::changes::apply;
use super::session::Session;
use super::sets::{Caller, Late, Rows, Sets};
use super::statement::{WriteError, is_callers_own, is_passing, unavailable};

pub type Outcome = Result<(), CommitError>;

/// How the callers of one transaction are written, and what is known of their outcomes.
pub struct Transaction<'a> {
    callers: &'a [Vec<Change>],
    /// In sets.
    together: Vec<Caller>,
    /// Each under a savepoint, behind the sets.
    alone: Vec<Caller>,
    outcomes: Vec<Outcome>,
}

/// Why a transaction was undone.
pub enum Undone {
    /// It goes otherwise: the plan has been changed.
    Replanned,
    /// Another transaction stood in the way.
    Again(sqlx::Error),
    /// It may still be open; only a new connection certainly has none.
    Failed(sqlx::Error),
}

impl<'a> Transaction<'a> {
    pub fn of(callers: &'a [Vec<Change>]) -> Self {
        let mut rows = Rows::default();
        let (together, alone) =
            (0..callers.len()).partition(|caller| rows.take_in(&callers[*caller]));
        Self {
            callers,
            together,
            alone,
            outcomes: callers.iter().map(|_| Ok(())).collect(),
        }
    }

    /// Whether there is nothing to be written, or no more.
    pub fn is_empty(&self) -> bool {
        let planned = self.together.iter().chain(&self.alone);
        planned
            .map(|caller| &self.callers[*caller])
            .all(Vec::is_empty)
    }

    pub fn into_outcomes(self) -> Vec<Outcome> {
        self.outcomes
    }

    /// Writes, on a session that has begun. When it is undone, the session is as it was before it
    /// began, unless it failed.
    pub async fn write(&mut self, session: &mut Session) -> Result<(), Undone> {
        match self.write_all(session).await {
            Err(undone @ (Undone::Replanned | Undone::Again(_))) => {
                let rollback = session.command("ROLLBACK").await;
                rollback.map_err(Undone::Failed)?;
                Err(undone)
            }
            done => done,
        }
    }

    async fn write_all(&mut self, session: &mut Session) -> Result<(), Undone> {
        self.write_together(session).await?;
        for caller in self.alone.clone() {
            self.outcomes[caller] = self.write_alone(session, caller).await?;
        }
        Ok(())
    }

    async fn write_together(&mut self, session: &mut Session) -> Result<(), Undone> {
        let changes = |caller: &Caller| (*caller, self.callers[*caller].as_slice());
        let sets = Sets::of(self.together.iter().map(changes));
        let mut late = Late::new();
        match sets.write(session, &mut late).await {
            Ok(()) if late.is_empty() => return Ok(()),
            Err(WriteError::Database(error)) if !is_callers_own(&error) => {
                return Err(undone(error));
            }
            // Whose the mistake is, is found out by looking at each; of who is late it may be
            // the consequence.
            Err(_) if late.is_empty() => {
                self.alone.append(&mut self.together);
                self.alone.sort_unstable();
            }
            Ok(()) | Err(_) => {
                // What is found first is what the caller is told.
                for (caller, what) in late.into_iter().rev() {
                    self.outcomes[caller] = Err(CommitError::Conflict(what));
                }
                self.together
                    .retain(|caller| self.outcomes[*caller].is_ok());
            }
        }
        Err(Undone::Replanned)
    }

    async fn write_alone(&self, session: &mut Session, caller: Caller) -> Result<Outcome, Undone> {
        session.command("SAVEPOINT caller").await.map_err(undone)?;
        for change in &self.callers[caller] {
            let refusal = match apply(session, change).await {
                Ok(()) => continue,
                Err(WriteError::Conflict(what)) => CommitError::Conflict(what),
                Err(WriteError::Database(error)) if is_callers_own(&error) => {
                    unavailable(error).into()
                }
                Err(WriteError::Database(error)) => return Err(undone(error)),
            };
            let back = "ROLLBACK TO SAVEPOINT caller";
            session.command(back).await.map_err(undone)?;
            return Ok(Err(refusal));
        }
        let keep = "RELEASE SAVEPOINT caller";
        session.command(keep).await.map_err(undone)?;
        Ok(Ok(()))
    }
}

fn undone(error: sqlx::Error) -> Undone {
    if is_passing(&error) {
        Undone::Again(error)
    } else {
        Undone::Failed(error)
    }
}
