//! Writing with one statement, and what its errors mean.

use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::{Query, QueryAs};

use super::session::Session;
use crate::rows::Select;
pub use crate::rows::{WriteError, unavailable};

/// A read that is answered only where something can be written.
///
/// A server that was demoted goes on answering reads, and nothing in an answer shows that it is old. So
/// every read also asks for the right to lock rows, of none: PostgreSQL refuses that in a transaction
/// that is read-only, before it reads anything. A round trip for each read would cost more.
pub fn on_primary(select: Select) -> String {
    let Select { table, sql } = select;
    format!("{sql} OFFSET (SELECT 0 FROM {table} WHERE false FOR KEY SHARE)")
}

/// The places, from 0, of the rows that a statement was given and did not write, because they are
/// not, or no longer, what it takes them for.
pub type UnmatchedRows = Vec<usize>;

/// A statement that returns the `position`s, from 1, of the rows that it wrote; those of new rows
/// return nothing, for they are written or fail.
pub type Put<'q> = QueryAs<'q, Postgres, (i64,), PgArguments>;

/// Writes new rows. One that is there already is an error of the database's.
pub async fn insert(
    session: &mut Session,
    statement: Put<'_>,
) -> Result<UnmatchedRows, sqlx::Error> {
    session.fetch(statement).await?;
    Ok(UnmatchedRows::new())
}

/// Writes those of `count` rows that are as the statement takes them.
pub async fn update(
    session: &mut Session,
    statement: Put<'_>,
    count: usize,
) -> Result<UnmatchedRows, sqlx::Error> {
    let written = session.fetch(statement).await?;
    if written.len() == count {
        return Ok(UnmatchedRows::new());
    }
    let mut missed = vec![true; count];
    for (position,) in written {
        let position = usize::try_from(position - 1).unwrap_or(usize::MAX);
        if let Some(missed) = missed.get_mut(position) {
            *missed = false;
        }
    }
    Ok((0..count).filter(|position| missed[*position]).collect())
}

/// Runs a statement that writes exactly one row, unless somebody else was faster: then it writes
/// none, or would be the second where there can be one, which is a conflict over `what`.
pub async fn write_one(
    session: &mut Session,
    what: &'static str,
    statement: Query<'_, Postgres, PgArguments>,
) -> Result<(), WriteError> {
    let written = session.execute(statement).await;
    let missed = |written| {
        if written == 0 {
            vec![0]
        } else {
            UnmatchedRows::new()
        }
    };
    one(what, written.map(missed))
}

/// For one row alone: that it was not written is a conflict over `what`.
pub fn one(
    what: &'static str,
    written: Result<UnmatchedRows, sqlx::Error>,
) -> Result<(), WriteError> {
    match written {
        Ok(missed) if missed.is_empty() => Ok(()),
        Ok(_) => Err(WriteError::Conflict(what)),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
            Err(WriteError::Conflict(what))
        }
        Err(error) => Err(error.into()),
    }
}
