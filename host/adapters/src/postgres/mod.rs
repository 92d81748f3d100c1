//! The store in PostgreSQL: shared by many hosts, and as durable as its server.
//!
//! All writes of a process go through one [`writer`], which writes what many callers want with one
//! statement per kind of row ([`bulk`]); [`readers`] have connections of their own. INSERT and
//! UPDATE of a table number their parameters alike, so that one list of values serves both.
//!
//! A commit is made when the server says so. A server that is away, or takes no writes, is an error
//! within seconds, and it or its successor is found again without help: see [`primary`].

mod accounts;
mod attempts;
mod audit;
mod bulk;
mod checkup;
mod columns;
mod config;
mod deliveries;
mod delivery_revisions;
mod distributions;
mod due;
mod errors;
mod events;
mod idempotency;
mod journal;
mod mutations;
mod open;
mod outbox;
mod primary;
mod readers;
mod releases;
mod schema;
mod server;
mod session;
mod signals;
mod statement;
mod store;
mod transaction;
mod writer;

pub use self::checkup::check_postgres;
pub use self::config::{PostgresConfig, is_postgres_address, redacted};
pub use self::open::OpenError;
pub use self::signals::PostgresSignals;
pub use self::store::PostgresStore;

#[cfg(test)]
mod concurrency_tests;
#[cfg(test)]
mod failover_tests;
#[cfg(test)]
mod migration_tests;
#[cfg(test)]
mod outage_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
