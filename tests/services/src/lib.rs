//! The real services that tests run against: PostgreSQL, Redis and Kafka, each in a folder of its
//! own, on free ports of this machine, gone when the test is.
//!
//! A service is started by whoever needs one that it may stop and break; everybody else takes the
//! address in the environment ([`Postgres::URL_VARIABLE`] and so on), which `cargo xtask test` sets
//! to services that it has started, and keeps to a database, a key prefix or topics of its own.

mod kafka;
mod postgres;
mod process;
mod redis;

pub use self::kafka::{Kafka, SaslListener, SharedKafka};
pub use self::postgres::Postgres;
pub use self::redis::Redis;
