//! Redis: the cache, the budgets and the signals of hosts that work together.
//!
//! Nothing that must not be lost is kept here, and nothing waits for Redis: every call through a
//! [`RedisLink`] ends within a time limit, and while Redis is away calls fail at once.

mod budgets;
mod cache;
mod checkup;
mod config;
mod link;
mod signals;
#[cfg(test)]
mod tests;

pub use self::budgets::RedisBudgets;
pub use self::cache::RedisCache;
pub use self::checkup::check_redis;
pub use self::config::RedisConfig;
pub use self::link::{RedisConfigError, RedisLink, is_redis_address};
pub use self::signals::RedisSignals;
