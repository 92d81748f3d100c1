//! What the tables hold and what the domain makes of it, the same for every SQL database.
//!
//! A `…Row` has a field per column, named like the column. Everything that can be wrong with a
//! stored value is found while its column is read; from row to domain nothing can fail. What cannot be
//! read is set aside (`stored`). The SQL itself belongs to each database's adapter.

mod account;
mod attempt;
mod audit;
pub mod columns;
mod delivery;
mod delivery_revision;
mod distribution;
mod error;
mod event;
mod idempotency;
mod journal;
mod outbox;
pub mod packed;
mod release;
mod stored;

pub use self::account::{AccountRow, stored_secrets};
pub use self::attempt::AttemptRow;
pub use self::audit::AuditRow;
pub use self::delivery::DeliveryRow;
pub use self::delivery_revision::DeliveryRevisionRow;
pub use self::distribution::DistributionRow;
pub use self::error::{WriteError, unavailable};
pub use self::event::EventRow;
pub use self::idempotency::IdempotencyRow;
pub use self::journal::EntryRow;
pub use self::outbox::StoredMessageRow;
pub use self::release::ReleaseRow;
pub use self::stored::{StoredRow, Table, UnreadableRows};
