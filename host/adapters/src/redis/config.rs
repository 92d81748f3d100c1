//! How a Redis is used: options of `[cache]`.

use std::path::PathBuf;
use std::time::Duration;

use baepo_domain::model::options;
use serde::{Deserialize, Deserializer};

/// What an operator decides about Redis, beside its address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedisConfig {
    /// Stands in front of every key and of the name of the pub/sub channel, so that several
    /// installations can share a Redis. Default: none, see [`RedisConfig::own`] and
    /// [`RedisConfig::shared`].
    #[serde(deserialize_with = "prefix")]
    pub prefix: Option<String>,
    /// How long a call may take, making the connection included. Default 200 ms.
    #[serde(rename = "time_limit_ms")]
    #[serde(deserialize_with = "options::duration::<10, 5_000, _>")]
    pub time_limit: Duration,
    /// How long making a connection may take, which goes on when the call that needed it has
    /// given up. Default 2 s.
    #[serde(rename = "connect_limit_ms")]
    #[serde(deserialize_with = "options::duration::<10, 60_000, _>")]
    pub connect_limit: Duration,
    /// Calls that fail in a row before the breaker opens. Default 3.
    #[serde(deserialize_with = "options::count::<1, 1_000, _, _>")]
    pub failures_to_open: u32,
    /// How long it stays open: calls fail at once, and then one may try. Default 1 s.
    #[serde(rename = "open_ms")]
    #[serde(deserialize_with = "options::duration::<10, 600_000, _>")]
    pub open_for: Duration,
    /// A PEM file of the authorities that vouch for Redis where TLS is spoken (`rediss://`).
    /// Default: none, those that the machine trusts.
    #[serde(deserialize_with = "options::path")]
    pub root_certificate: Option<PathBuf>,
}

/// In front of the names that are Baepo's own.
const OWN_PREFIX: &str = "baepo:";

impl Default for RedisConfig {
    /// A dead Redis costs a request 200 ms at most, three times, and then once a second.
    fn default() -> Self {
        Self {
            prefix: None,
            time_limit: Duration::from_millis(200),
            connect_limit: Duration::from_secs(2),
            failures_to_open: 3,
            open_for: Duration::from_secs(1),
            root_certificate: None,
        }
    }
}

impl RedisConfig {
    /// A name that only Baepo uses: a budget, the channel of the signals. It has a prefix by
    /// default too.
    #[must_use]
    pub fn own(&self, name: &str) -> String {
        let prefix = self.prefix.as_deref().unwrap_or(OWN_PREFIX);
        format!("{prefix}{name}")
    }

    /// A key that other services read and write too, such as `purpose:{userId}`: it stands as it
    /// is, unless a prefix was given.
    #[must_use]
    pub fn shared(&self, key: &str) -> String {
        let prefix = self.prefix.as_deref().unwrap_or_default();
        format!("{prefix}{key}")
    }

    /// Every key under which the value of [`RedisConfig::shared`] may stand. Versions up to 0.1
    /// wrote it with [`OWN_PREFIX`] by default; that copy must not outlive a deletion.
    #[must_use]
    pub(super) fn every_shared(&self, key: &str) -> Vec<String> {
        let old = self.prefix.is_none().then(|| self.own(key));
        std::iter::once(self.shared(key)).chain(old).collect()
    }
}

fn prefix<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let allowed = "at most 64 visible characters of ASCII";
    options::text(deserializer, allowed, |text| {
        let holds = text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic());
        holds.then(|| Some(text.to_owned()))
    })
}
