//! What the tables hold, what the domain makes of it, and how it is read: the same for every SQL
//! database.
//!
//! A `…Row` has a field per column, named like the column. Everything that can be wrong with a
//! stored value is found while its column is read; from row to domain nothing can fail. What cannot be
//! read is set aside (`stored`). A file has the reads of its table and the port that they serve; each database's
//! adapter has the statements that write.

pub mod account;
pub mod attempt;
pub mod audit;
pub mod columns;
pub mod delivery;
pub mod delivery_revision;
pub mod distribution;
mod error;
pub mod event;
pub mod idempotency;
pub mod journal;
pub mod outbox;
pub mod packed;
pub mod release;
mod row;
mod select;
mod store;
mod stored;

pub use self::account::stored_secrets;
pub use self::error::{WriteError, unavailable};
pub(crate) use self::row::row;
pub use self::select::{Read, Select};
pub use self::store::{SqlDatabase, SqlRow, SqlStore};
pub use self::stored::UnreadableRows;

/// The reads that find their rows by an index.
#[cfg(test)]
pub const INDEXED_READS: [Select; 28] = [
    account::BY_CHANNEL,
    account::OF_OWNER,
    account::TO_RENEW,
    attempt::BY_ID,
    attempt::OF_DISTRIBUTION,
    audit::OF_ALL,
    audit::OF_OWNER,
    delivery::BY_ID,
    delivery::OF_DISTRIBUTION,
    delivery::RECLAIMABLE_BEFORE,
    delivery::RECLAIMABLE_ALL_BUT,
    delivery::ORPHANED,
    delivery::NEXT_DUE,
    delivery_revision::OF_DELIVERY,
    distribution::BY_ID,
    event::BY_ID,
    event::OF_OWNER,
    event::UNFINISHED_BEFORE,
    event::UNFINISHED_ALL_BUT,
    event::SCHEDULED,
    event::NEXT_SCHEDULED,
    idempotency::BY_KEY,
    journal::OLD,
    journal::OF_ATTEMPT,
    outbox::UNSENT,
    outbox::BY_ID,
    outbox::AFTER,
    release::COMPONENT,
];
