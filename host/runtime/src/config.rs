//! What an operator decides about the runtime: the section `[runtime]` of the configuration.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use baepo_domain::model::options::{self, Contradiction, Number};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::admission::worker::limits::WorkerLimits;
use crate::limits::Limits;

/// The runtime's options. One that is left out has the default given here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuntimeConfig {
    /// Attempts that run at the same time, over all channels; the others wait. Below
    /// `pool_instances`: what is left is for `check` and `preview`, which never wait behind
    /// attempts. Default 480.
    #[serde(deserialize_with = "options::count::<1, 100_000, _, _>")]
    pub concurrency: u32,
    /// Instances that the pool has room for. Address space is reserved for all of them at start,
    /// about 130 MiB each and none of it resident before it is used. Default 512.
    #[serde(deserialize_with = "options::count::<2, 100_000, _, _>")]
    pub pool_instances: u32,
    /// What a channel gets that declares nothing.
    #[serde(deserialize_with = "over_defaults")]
    pub default_limits: Limits,
    /// The most that a channel may declare. Its memory and table elements are also the size of a
    /// slot in the pool.
    #[serde(deserialize_with = "over_maximums")]
    pub maximum_limits: Limits,
    /// How long a request to a provider may take that asks for no time, in ms. Default 15,000.
    #[serde(deserialize_with = "options::ms::<1, 600_000, _, _>")]
    pub request_time_ms: u64,
    /// The longest time that a request may ask for, in ms. Default 60,000.
    #[serde(deserialize_with = "options::ms::<1, 600_000, _, _>")]
    pub longest_request_time_ms: u64,
    /// The longest sleep in which a component keeps its instance, in ms; a longer one ends it, and
    /// a fresh instance goes on from the journal. Default 5,000.
    #[serde(deserialize_with = "options::ms::<0, 600_000, _, _>")]
    pub short_sleep_ms: u64,
    /// The longest sleep of a component, in ms; one that is to be longer ends then. Not below a day,
    /// so that no component wakes in the night that was to sleep until the morning. Default
    /// 2,592,000,000, 30 days.
    #[serde(deserialize_with = "options::ms::<86_400_000, 31_622_400_000, _, _>")]
    pub longest_sleep_ms: u64,
    /// The largest component that is looked at, in bytes. Default 32 MiB.
    #[serde(deserialize_with = "options::bytes::<1_024, 1_073_741_824, _, _>")]
    pub component_bytes: u64,
    /// The processes that verify and compile components.
    pub worker: WorkerLimits,
    /// A folder for compiled components, made with mode 0700. `None`, the default: every start
    /// compiles them again.
    #[serde(
        deserialize_with = "options::path",
        skip_serializing_if = "Option::is_none"
    )]
    pub cache_dir: Option<PathBuf>,
    /// The key that vouches for the folder's files, made with mode 0600 where it is missing.
    /// Default: beside `cache_dir`, with `.key` appended.
    #[serde(
        deserialize_with = "options::path",
        skip_serializing_if = "Option::is_none"
    )]
    pub cache_key: Option<PathBuf>,
    /// How often a running component makes room for others and looks at its time, in ms.
    /// Default 10.
    #[serde(deserialize_with = "options::ms::<1, 1_000, _, _>")]
    pub epoch_tick_ms: u64,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self {
            concurrency: 480,
            pool_instances: 512,
            default_limits: Limits::DEFAULT,
            maximum_limits: Limits::MAXIMUM,
            request_time_ms: 15_000,
            longest_request_time_ms: 60_000,
            short_sleep_ms: 5_000,
            longest_sleep_ms: 30 * 24 * 3_600 * 1_000,
            component_bytes: 32 << 20,
            worker: WorkerLimits::default(),
            cache_dir: None,
            cache_key: None,
            epoch_tick_ms: 10,
        }
    }
}

impl RuntimeConfig {
    /// What does not fit together, as the options of `section`.
    #[must_use]
    pub fn contradictions(&self, section: &str) -> Vec<Contradiction> {
        let wrong = |keys: [&str; 2], text: String| {
            let keys = keys.map(|key| format!("{section}.{key}"));
            let text = format!("{section}: {text}");
            Contradiction {
                keys: keys.into(),
                text,
            }
        };
        let mut found = Vec::new();
        for (name, ..) in self.maximum_limits.exceeded(&self.default_limits) {
            let [default, maximum] = LIMITS.map(|limits| format!("{limits}.{name}"));
            let text = format!("{default} is above {maximum}");
            found.push(wrong([&default, &maximum], text));
        }
        if self.concurrency == 0 || self.concurrency >= self.pool_instances {
            let text = "concurrency must be at least 1 and below pool_instances";
            found.push(wrong(["concurrency", "pool_instances"], text.to_owned()));
        }
        if self.request_time_ms > self.longest_request_time_ms {
            let keys = ["request_time_ms", "longest_request_time_ms"];
            let text = "request_time_ms is above longest_request_time_ms";
            found.push(wrong(keys, text.to_owned()));
        }
        found
    }

    /// How often a running component makes room for others.
    pub(crate) fn epoch_tick(&self) -> Duration {
        Duration::from_millis(self.epoch_tick_ms)
    }
}

/// The options that hold limits: what a channel has, and the most that it may declare.
const LIMITS: [&str; 2] = ["default_limits", "maximum_limits"];

fn over_defaults<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Limits, D::Error> {
    deserializer.deserialize_struct("Limits", &Over::FIELDS, Over(Limits::DEFAULT))
}

fn over_maximums<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Limits, D::Error> {
    deserializer.deserialize_struct("Limits", &Over::FIELDS, Over(Limits::MAXIMUM))
}

/// Reads limits; one that is left out stays as it is here. A derived `Deserialize` would know one
/// default only.
struct Over(Limits);

impl Over {
    const FIELDS: [&'static str; 11] = [
        "fuel",
        "active_time_ms",
        "memory_bytes",
        "table_elements",
        "instances",
        "host_calls",
        "log_bytes",
        "request_bytes",
        "response_bytes",
        "concurrency",
        "requests_per_second",
    ];
}

impl<'de> Visitor<'de> for Over {
    type Value = Limits;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("limits by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Limits, A::Error> {
        const GIB: u64 = 1 << 30;
        let Self(mut limits) = self;
        while let Some(name) = map.next_key::<String>()? {
            let map = &mut map;
            match name.as_str() {
                "fuel" => limits.fuel = Number::of::<1, 1_000_000_000_000_000>("").next(map)?,
                "active_time_ms" => {
                    limits.active_time_ms = Number::of::<1, 86_400_000>("ms").next(map)?;
                }
                "memory_bytes" => {
                    limits.memory_bytes = Number::of::<65_536, { 4 * GIB }>("bytes").next(map)?;
                }
                "table_elements" => {
                    limits.table_elements = Number::of::<1, 10_000_000>("").next(map)?;
                }
                "instances" => limits.instances = Number::of::<1, 10_000>("").next(map)?,
                "host_calls" => limits.host_calls = Number::of::<1, 10_000_000>("").next(map)?,
                "log_bytes" => limits.log_bytes = Number::of::<0, GIB>("bytes").next(map)?,
                "request_bytes" => {
                    limits.request_bytes = Number::of::<1, GIB>("bytes").next(map)?;
                }
                "response_bytes" => {
                    limits.response_bytes = Number::of::<1, GIB>("bytes").next(map)?;
                }
                "concurrency" => limits.concurrency = Number::of::<1, 100_000>("").next(map)?,
                "requests_per_second" => {
                    limits.requests_per_second = Number::of::<1, 1_000_000>("").next(map)?;
                }
                unknown => return Err(A::Error::unknown_field(unknown, &Self::FIELDS)),
            }
        }
        Ok(limits)
    }
}
