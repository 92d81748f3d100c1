//! The real services that tests run against: PostgreSQL, Redis, Kafka and an OCI registry, on free ports
//! of this machine, gone when the test is.
//!
//! A test that stops or breaks a service starts its own; every other test uses the address in the
//! environment ([`Postgres::URL_VARIABLE`] and so on), which `cargo xtask test` sets to services that
//! it has started, and keeps to a database, a key prefix or topics of its own.
//!
//! A service that is missing is an error that names the command that installs it, so that no test
//! passes without what it tests. A test that needs a service has `postgres::`, `redis::`, `kafka::`,
//! `oci_registry::` or `services::` in its path: by these names `cargo xtask test --quick` leaves it out.

mod certificate;
#[cfg(feature = "cosign")]
mod cosign;
mod kafka;
mod oci_registry;
mod postgres;
mod process;
mod program;
mod redis;

#[cfg(feature = "cosign")]
pub use self::cosign::{SIGN_PREDICATE, SigningKey};
pub use self::kafka::{Kafka, SaslListener, SharedKafka};
pub use self::oci_registry::OciRegistry;
pub use self::postgres::Postgres;
pub use self::program::find_program;
pub use self::redis::Redis;
