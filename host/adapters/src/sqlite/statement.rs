//! Running one statement.

use baepo_domain::ports::StoreError;
use sqlx::query::{Query, QueryAs};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{FromRow, Sqlite, SqliteConnection, SqlitePool};

/// Why a change was not made.
#[derive(Debug)]
pub enum WriteError {
    /// The row is not, or no longer, what the change takes it for.
    Conflict(&'static str),
    Database(sqlx::Error),
}

impl From<sqlx::Error> for WriteError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Runs a statement that writes exactly one row, unless somebody else was faster: then it writes
/// none, or would be the second where there can be one, which is a conflict over `what`.
pub async fn write_one(
    connection: &mut SqliteConnection,
    what: &'static str,
    statement: Query<'_, Sqlite, SqliteArguments>,
) -> Result<(), WriteError> {
    match statement.execute(connection).await {
        Ok(done) if done.rows_affected() > 0 => Ok(()),
        Ok(_) => Err(WriteError::Conflict(what)),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
            Err(WriteError::Conflict(what))
        }
        Err(error) => Err(error.into()),
    }
}

/// The row that is looked for, if it is there.
pub async fn read_one<R, T>(
    readers: &SqlitePool,
    statement: QueryAs<'_, Sqlite, R, SqliteArguments>,
) -> Result<Option<T>, StoreError>
where
    R: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    T: From<R>,
{
    let row = statement
        .fetch_optional(readers)
        .await
        .map_err(unavailable)?;
    Ok(row.map(T::from))
}

/// Every row that is looked for, in the statement's order.
pub async fn read_all<R, T>(
    readers: &SqlitePool,
    statement: QueryAs<'_, Sqlite, R, SqliteArguments>,
) -> Result<Vec<T>, StoreError>
where
    R: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    T: From<R>,
{
    let rows = statement.fetch_all(readers).await.map_err(unavailable)?;
    Ok(rows.into_iter().map(T::from).collect())
}

/// What the domain is told of a database error.
pub fn unavailable(error: sqlx::Error) -> StoreError {
    StoreError(Box::new(error))
}
