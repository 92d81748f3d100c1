//! The store in one SQLite file: for one process, and as durable as its disk.
//!
//! Write-ahead log with `synchronous=FULL`: what is committed survives a power cut. Reads have
//! connections of their own and never wait for writes; all writes go through one [`writer`].
//! Parameters are `$1`, `$2`, … as PostgreSQL has them, and INSERT and UPDATE of a table number
//! theirs alike, so that one list of values serves both.

mod accounts;
mod attempts;
mod audit;
mod checkup;
mod deliveries;
mod delivery_revisions;
mod distributions;
mod due;
mod events;
mod health;
mod idempotency;
mod journal;
mod open;
mod outbox;
mod releases;
mod statement;
mod store;
mod writer;

pub use self::checkup::check_sqlite;
pub use self::open::OpenError;
pub use self::store::SqliteStore;

#[cfg(test)]
mod migration_tests;
#[cfg(test)]
mod tests;
