//! Redis: the cache, the budgets and the signals of hosts that work together.
//!
//! Nothing that must not be lost is kept here, and nothing waits for Redis: every call through a
//! [`RedisLink`] ends within a time limit, and while Redis is away calls fail at once.

mod budgets;
mod cache;
mod checkup;
mod link;
mod signals;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use self::budgets::RedisBudgets;
pub use self::cache::RedisCache;
pub use self::checkup::check_redis;
pub use self::link::{RedisLink, RedisUrlError};
pub use self::signals::RedisSignals;

/// What an operator decides about Redis, beside its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisConfig {
    /// In front of every key and of the name of the pub/sub channel, so that several
    /// installations can share a Redis.
    pub prefix: String,
    /// How long a call may take, making the connection included.
    pub time_limit: Duration,
    /// How long making a connection may take, which goes on when the call that needed it has
    /// given up.
    pub connect_limit: Duration,
    /// Calls that fail in a row before Redis is left alone.
    pub failures_to_rest: u32,
    /// How long it is left alone: calls fail at once, and then one may try.
    pub rest: Duration,
    /// Who vouches for Redis where TLS is spoken (`rediss://`), as PEM; the system's authorities
    /// when there are none.
    pub root_certificate: Option<Vec<u8>>,
}

impl Default for RedisConfig {
    /// A dead Redis costs a request 200 ms at most, three times, and then once a second.
    fn default() -> Self {
        Self {
            prefix: "baepo:".to_owned(),
            time_limit: Duration::from_millis(200),
            connect_limit: Duration::from_secs(2),
            failures_to_rest: 3,
            rest: Duration::from_secs(1),
            root_certificate: None,
        }
    }
}
