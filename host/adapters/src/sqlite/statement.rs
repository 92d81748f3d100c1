//! Running one statement.

use std::sync::Arc;

use baepo_domain::ports::StoreError;
use sqlx::query::{Query, QueryAs, QueryScalar};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{FromRow, Sqlite, SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::health::Health;
use crate::rows::columns::Id;
use crate::rows::{StoredRow, Table, UnreadableRows};
pub use crate::rows::{WriteError, unavailable};

/// Connections that read.
pub struct Readers {
    pub pool: SqlitePool,
    pub health: Arc<Health>,
    pub unreadable_rows: UnreadableRows,
}

impl Readers {
    /// As long as they read what the writer writes.
    pub fn pool(&self) -> Result<&SqlitePool, StoreError> {
        let same = self.health.check_identity();
        same.map_err(|error| StoreError(error.into()))?;
        Ok(&self.pool)
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
    readers: &Readers,
    statement: QueryAs<'_, Sqlite, StoredRow<R>, SqliteArguments>,
) -> Result<Option<T>, StoreError>
where
    R: for<'r> FromRow<'r, SqliteRow> + Table + Send + Unpin,
    T: From<R>,
{
    let row = statement
        .fetch_optional(readers.pool()?)
        .await
        .map_err(unavailable)?;
    let row = row
        .map(|stored| readers.unreadable_rows.one(stored))
        .transpose()?;
    Ok(row.map(T::from))
}

/// Every row that is looked for and can be read, in the statement's order.
pub async fn read_all<R, T>(
    readers: &Readers,
    statement: QueryAs<'_, Sqlite, StoredRow<R>, SqliteArguments>,
) -> Result<Vec<T>, StoreError>
where
    R: for<'r> FromRow<'r, SqliteRow> + Table + Send + Unpin,
    T: From<R>,
{
    let rows = statement.fetch_all(readers.pool()?).await;
    Ok(readers.unreadable_rows.readable(rows.map_err(unavailable)?))
}

/// Every row that is looked for, or none where one of them cannot be read.
pub async fn read_every<R, T>(
    readers: &Readers,
    statement: QueryAs<'_, Sqlite, StoredRow<R>, SqliteArguments>,
) -> Result<Vec<T>, StoreError>
where
    R: for<'r> FromRow<'r, SqliteRow> + Table + Send + Unpin,
    T: From<R>,
{
    let rows = statement.fetch_all(readers.pool()?).await;
    readers.unreadable_rows.every(rows.map_err(unavailable)?)
}

/// The ids that are looked for, in the statement's order.
pub async fn read_ids<T>(
    readers: &Readers,
    statement: QueryScalar<'_, Sqlite, Id, SqliteArguments>,
    named: fn(Uuid) -> T,
) -> Result<Vec<T>, StoreError> {
    let ids = statement
        .fetch_all(readers.pool()?)
        .await
        .map_err(unavailable)?;
    Ok(ids.into_iter().map(|id| named(id.0)).collect())
}
