//! Against a real Redis: one for all tests, or one of its own for a test that breaks it.

mod budgets;
mod checkup;
mod contract;
mod keys;
mod outage;
mod signals;
mod tls;

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use baepo_test_services::Redis;

use super::{RedisConfig, RedisLink};
use crate::system::{SystemClock, os_chance};
use crate::tcp_switch::TcpSwitch;

/// A Redis that may not be broken, for as long as this is held.
struct Shared {
    url: String,
    _redis: Option<Arc<Redis>>,
}

impl Shared {
    /// The one in the environment, or one for all tests of this process that run now.
    fn redis() -> Self {
        static RUNNING: Mutex<Weak<Redis>> = Mutex::new(Weak::new());
        if let Ok(url) = std::env::var(Redis::URL_VARIABLE) {
            return Self { url, _redis: None };
        }
        let mut running = RUNNING.lock().unwrap();
        let redis = running.upgrade().unwrap_or_else(|| {
            let redis = Arc::new(Redis::start().expect("redis"));
            *running = Arc::downgrade(&redis);
            redis
        });
        Self {
            url: redis.url(),
            _redis: Some(redis),
        }
    }

    /// A link that shares no key with another.
    fn link(&self) -> RedisLink {
        link(&self.url, relaxed_config())
    }
}

/// On a busy machine nothing fails that does not have to.
fn relaxed_config() -> RedisConfig {
    let mut random = [0; 8];
    os_chance().fill(&mut random);
    RedisConfig {
        prefix: Some(format!("baepo-test:{}:", hex::encode(random))),
        time_limit: Duration::from_secs(20),
        connect_limit: Duration::from_secs(20),
        ..RedisConfig::default()
    }
}

fn link(url: &str, config: RedisConfig) -> RedisLink {
    RedisLink::open(url, config, Arc::new(SystemClock)).expect("a link")
}

/// An ACL user that no other test has.
fn user_of(config: &RedisConfig) -> String {
    config.own("user").replace(':', "-")
}

/// The same address with a user and a password.
fn with_user(url: &str, user: &str, password: &str) -> String {
    url.replace("://", &format!("://{user}:{password}@"))
}

/// The address of a Redis behind a switch.
fn switch_url(tcp_switch: &TcpSwitch) -> String {
    format!("redis://127.0.0.1:{}", tcp_switch.port())
}

/// What Redis answers to a command of an operator; only that it is no error counts.
async fn order(url: &str, command: &[&str]) {
    let client = redis::Client::open(url).expect("an address");
    let mut connection = client
        .get_multiplexed_async_connection()
        .await
        .expect("redis");
    let mut order = redis::cmd(command[0]);
    order.arg(&command[1..]);
    order.exec_async(&mut connection).await.expect("done");
}
