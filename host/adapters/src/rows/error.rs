//! How a database's error is reported.

use baepo_domain::ports::StoreError;

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

/// The domain's error for a database error.
pub fn unavailable(error: sqlx::Error) -> StoreError {
    StoreError(Box::new(error))
}
