//! Running one statement.

use std::sync::Arc;

use baepo_domain::ports::StoreError;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, SqliteConnection, SqlitePool, query_as_with};

use super::health::Health;
use crate::rows::{Read, SqlRow, UnreadableRows};
pub use crate::rows::{WriteError, unavailable};

/// Connections that read.
pub struct Readers {
    pub pool: SqlitePool,
    pub health: Arc<Health>,
    pub unreadable_rows: UnreadableRows,
}

impl Readers {
    /// The rows of a read, in its order.
    pub async fn rows<R: SqlRow>(&self, read: Read) -> Result<Vec<R>, StoreError> {
        let sql = read.select.sql;
        let arguments = read.arguments::<Sqlite>().map_err(unavailable)?;
        let statement = query_as_with(sql, arguments);
        statement.fetch_all(self.pool()?).await.map_err(unavailable)
    }

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
