//! Adapters: the domain's ports, spoken to real stores, caches, buses and the operating system.
//!
//! The only crate that names `sqlx` and `moka`. An adapter decides nothing: it keeps, finds and
//! carries, and shows the behaviour that [`baepo_domain::contract`] describes.

mod moka;
mod outbox;
mod rows;
mod sqlite;
mod system;
mod vault;

pub use self::moka::MokaCache;
pub use self::outbox::OutboxBus;
pub use self::sqlite::{OpenError, SqliteStore};
pub use self::system::{SystemClock, os_chance};
pub use self::vault::{KeyFileError, KeyId, KeyringVault};
