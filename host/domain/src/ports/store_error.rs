//! Why a store gave no answer.

/// The store cannot answer now.
#[derive(Debug, thiserror::Error)]
#[error("the store is not available: {0}")]
pub struct StoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// A row that exists and cannot be read: a newer Baepo has written it, or somebody by hand. The
/// adapter has logged it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the row {row} of {table} cannot be read: {why}")]
pub struct Unreadable {
    pub table: &'static str,
    /// Its key.
    pub row: String,
    pub why: String,
}

impl From<Unreadable> for StoreError {
    fn from(unreadable: Unreadable) -> Self {
        Self(Box::new(unreadable))
    }
}

impl StoreError {
    /// The row, if the store answers and only this row cannot be read: a retry does not help.
    #[must_use]
    pub fn unreadable(&self) -> Option<&Unreadable> {
        self.0.downcast_ref()
    }

    /// `None` for a row that cannot be read.
    ///
    /// # Errors
    /// The others.
    pub fn skip_unreadable<T>(result: Result<T, Self>) -> Result<Option<T>, Self> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.unreadable().is_some() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A row is missing that is worked on. Rows are never deleted: the store has lost it, or is another
    /// one than before, and nothing may be concluded from that.
    #[must_use]
    pub fn missing(what: &str, id: impl std::fmt::Display) -> Self {
        Self(format!("the {what} {id} is missing, and must be there").into())
    }
}
