//! What an operator watches of a store.

use super::store_error::StoreError;

/// Known without asking the database.
pub trait StoreHealth: Send + Sync {
    /// Whether writes are taken; `Err` says why not. Reads and commits fail then.
    fn accepts_writes(&self) -> Result<(), StoreError>;
    /// How many rows were met since the store was opened that are there and cannot be read.
    fn unreadable_rows(&self) -> usize;
    /// How many transactions this process has committed since it opened the store: with many
    /// callers at once far fewer than commits were asked for.
    fn commits(&self) -> u64;
}
