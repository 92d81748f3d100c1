//! One typed configuration, parsed once.
//!
//! Each section is the own type of the part that it is for, with each option's rule beside its field: see
//! [`baepo_domain::model::options`]. Here are only the sections that are put together from several parts, what reads them,
//! and what must fit together across them.

mod address;
mod aliases;
mod contradictions;
mod environment;
mod example;
mod file;
mod given;
mod keys;
mod load;
mod probe;
mod problem;
mod publish;
mod sections;
mod server;
mod services;

pub use self::address::{BusUrl, CacheUrl, InvalidAddress, KafkaServers, PrivateUrl, StoreUrl};
pub use self::load::{Flags, Loaded};
pub use self::problem::{ConfigError, Place, Problem};
pub use self::publish::PublishConfig;
pub use self::sections::Config;
pub use self::server::{Role, ServerConfig};
pub use self::services::{BusConfig, CacheConfig, DistributionConfig, StoreConfig};

#[cfg(test)]
mod tests;
