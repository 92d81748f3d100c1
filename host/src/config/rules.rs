//! What is allowed for each key by itself; what must fit together is in `contradictions`.

use std::net::SocketAddr;

use url::Url;

use super::keys::{Key, Kind};
use super::{BusUrl, CacheUrl, StoreUrl};

/// What a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    Number {
        low: i64,
        high: i64,
        unit: &'static str,
    },
    Text {
        allowed: &'static str,
        holds: fn(&str) -> bool,
    },
    /// Text that may hold a password.
    Private {
        allowed: &'static str,
        holds: fn(&str) -> bool,
    },
    Entries {
        allowed: &'static str,
        holds: fn(&str, &str) -> bool,
    },
    Choice(&'static [&'static str]),
}

use Rule::{Entries, Private, Text};

const PATH: Rule = Text {
    allowed: "a path",
    holds: is_something,
};
const TOPIC: Rule = Text {
    allowed: "1 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-'",
    holds: is_topic,
};

const RULES: &[(&str, Rule)] = &[
    (
        "server.listen",
        Text {
            allowed: "an address and a port, such as 127.0.0.1:8080",
            holds: |text| text.parse::<SocketAddr>().is_ok(),
        },
    ),
    ("server.data", PATH),
    ("server.channels", PATH),
    ("server.jwks", PATH),
    ("server.token_key", PATH),
    ("server.vault_key", PATH),
    ("server.max_listeners", count(1, 100_000)),
    ("server.listeners_per_owner", count(1, 100_000)),
    ("server.max_connections", count(1, 1_000_000)),
    ("server.header_ms", ms(100, 600_000)),
    ("server.idle_ms", ms(100, 3_600_000)),
    ("server.body_ms", ms(100, 3_600_000)),
    ("server.drain_ms", ms(0, 3_600_000)),
    (
        "store.url",
        Private {
            allowed: "sqlite: or postgres://USER:PASSWORD@HOST:PORT/DATABASE",
            holds: |text| text.parse::<StoreUrl>().is_ok(),
        },
    ),
    ("store.max_connections", count(2, 1_000)),
    ("store.statement_timeout_ms", ms(100, 600_000)),
    ("store.acquire_timeout_ms", ms(100, 60_000)),
    (
        "cache.url",
        Private {
            allowed: "memory:, redis://USER:PASSWORD@HOST:PORT/NUMBER, or the same with rediss://",
            holds: |text| text.parse::<CacheUrl>().is_ok(),
        },
    ),
    ("cache.bytes", bytes(65_536, 1 << 40)),
    ("cache.time_limit_ms", ms(10, 5_000)),
    ("cache.connect_limit_ms", ms(10, 60_000)),
    ("cache.failures_to_rest", count(1, 1_000)),
    ("cache.rest_ms", ms(10, 600_000)),
    (
        "cache.prefix",
        Text {
            allowed: "at most 64 visible characters of ASCII",
            holds: |text| text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic()),
        },
    ),
    ("cache.root_certificate", PATH),
    (
        "bus.url",
        Private {
            allowed: "outbox: or kafka://HOST:PORT,HOST:PORT",
            holds: |text| text.parse::<BusUrl>().is_ok(),
        },
    ),
    ("bus.event_topic", TOPIC),
    ("bus.distribution_topic", TOPIC),
    (
        "bus.client_id",
        Text {
            allowed: "1 to 200 visible characters of ASCII",
            holds: |text| {
                (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
            },
        },
    ),
    (
        "bus.source",
        Text {
            allowed: "a URI reference, such as /baepo or https://events.example",
            holds: is_uri_reference,
        },
    ),
    ("bus.message_timeout_ms", ms(1_000, 60_000)),
    ("bus.security.tls.ca", PATH),
    ("bus.security.tls.certificate", PATH),
    ("bus.security.tls.key", PATH),
    (
        "bus.security.sasl.username",
        Text {
            allowed: "a name",
            holds: is_something,
        },
    ),
    (
        "bus.security.sasl.password",
        Private {
            allowed: "a text",
            holds: is_something,
        },
    ),
    (
        "bus.properties",
        Entries {
            allowed: "texts by the names of librdkafka's properties, such as \"linger.ms\" = \"5\"",
            holds: |name, value| is_something(name) && is_something(value),
        },
    ),
    (
        "distribution.url",
        Private {
            allowed: "http://HOST:PORT or https://HOST:PORT, without user, password and query",
            holds: is_service,
        },
    ),
    ("distribution.token_file", PATH),
    ("distribution.time_limit_ms", ms(2, 70_000)),
    ("distribution.slow_call_ms", ms(1, 69_999)),
    ("distribution.failures_to_open", count(1, 10_000)),
    ("distribution.open_ms", ms(100, 3_600_000)),
    ("publish.answer_within_ms", ms(1, 65_000)),
    ("publish.acknowledgement_ms", ms(100, 60_000)),
    ("publish.lease_ms", ms(1_000, 600_000)),
    (
        "publish.journal_days",
        Rule::Number {
            low: 1,
            high: 3_650,
            unit: "days",
        },
    ),
    ("publish.repeat_waits_ms", ms(0, 60_000)),
    ("publish.max_running", count(1, 100_000)),
    ("publish.running_per_owner", count(1, 100_000)),
    ("retry.max_attempts", count(1, 1_000)),
    ("retry.base_ms", ms(1, 3_600_000)),
    ("retry.cap_ms", ms(1, 86_400_000)),
    ("retry.longest_asked_ms", ms(1_000, 2_592_000_000)),
    ("breaker.failures_to_open", count(1, 10_000)),
    ("breaker.open_ms", ms(100, 3_600_000)),
    ("runtime.concurrency", count(1, 100_000)),
    ("runtime.pool_instances", count(2, 100_000)),
    ("runtime.request_time_ms", ms(1, 600_000)),
    ("runtime.longest_request_time_ms", ms(1, 600_000)),
    ("runtime.short_sleep_ms", ms(0, 600_000)),
    ("runtime.longest_sleep_ms", ms(86_400_000, 31_622_400_000)),
    ("runtime.component_bytes", bytes(1_024, 1 << 30)),
    ("runtime.compile_concurrency", count(1, 1_024)),
    ("runtime.cache_dir", PATH),
    ("runtime.cache_key", PATH),
    ("runtime.epoch_tick_ms", ms(1, 1_000)),
    (
        "egress.rewrite",
        Entries {
            allowed: "addresses by origins, such as \
                      \"https://api.example\" = \"http://127.0.0.1:8081\"",
            holds: |origin, to| Url::parse(origin).is_ok() && Url::parse(to).is_ok(),
        },
    ),
];

/// The same for what a channel gets and for the most that it may declare.
const LIMITS: [(&str, Rule); 11] = [
    ("fuel", count(1, 1_000_000_000_000_000)),
    ("active_time_ms", ms(1, 86_400_000)),
    ("memory_bytes", bytes(65_536, 1 << 32)),
    ("table_elements", count(1, 10_000_000)),
    ("instances", count(1, 10_000)),
    ("host_calls", count(1, 10_000_000)),
    ("log_bytes", bytes(0, 1 << 30)),
    ("request_bytes", bytes(1, 1 << 30)),
    ("response_bytes", bytes(1, 1 << 30)),
    ("concurrency", count(1, 100_000)),
    ("requests_per_second", count(1, 1_000_000)),
];
const LIMITED: [&str; 2] = ["runtime.default_limits.", "runtime.maximum_limits."];

impl Rule {
    /// The rule of a key; every key has one.
    #[must_use]
    pub fn of(key: &Key) -> Option<Self> {
        if let Kind::Choice(choices) = key.kind {
            return Some(Self::Choice(choices));
        }
        let limit = LIMITED
            .iter()
            .find_map(|section| key.path.strip_prefix(section));
        let (rules, name) = match limit {
            Some(limit) => (&LIMITS[..], limit),
            None => (RULES, key.path.as_str()),
        };
        let rule = rules.iter().find(|(path, _)| *path == name);
        rule.map(|(_, rule)| *rule)
    }

    /// Whether that value may stand there.
    #[must_use]
    pub fn admits(&self, value: &toml::Value) -> bool {
        match self {
            Self::Number { low, high, .. } => value
                .as_integer()
                .is_some_and(|number| (*low..=*high).contains(&number)),
            Text { holds, .. } | Private { holds, .. } => value.as_str().is_some_and(holds),
            Entries { .. } => value
                .as_table()
                .is_some_and(|entries| self.refused(entries).is_empty()),
            Self::Choice(choices) => value
                .as_str()
                .is_some_and(|choice| choices.contains(&choice)),
        }
    }

    /// What may stand there, in words.
    #[must_use]
    pub fn allowed(&self) -> String {
        match self {
            Self::Number {
                low,
                high,
                unit: "",
            } => format!("{low} to {high}"),
            Self::Number { low, high, unit } => format!("{low} to {high} ({unit})"),
            Text { allowed, .. } | Private { allowed, .. } | Entries { allowed, .. } => {
                (*allowed).to_owned()
            }
            Self::Choice(choices) => match choices {
                [others @ .., last] if !others.is_empty() => {
                    format!("{} or {last}", others.join(", "))
                }
                _ => choices.concat(),
            },
        }
    }

    /// A value as it may be shown: never a password.
    #[must_use]
    pub fn shown(&self, value: &toml::Value) -> String {
        match (self, value) {
            (Private { .. }, toml::Value::String(text)) => format!("\"{}\"", without_secret(text)),
            (Private { .. }, _) => "no text".to_owned(),
            (Entries { .. }, toml::Value::Table(entries)) => {
                format!("wrong at {}", self.refused(entries).join(", "))
            }
            (_, toml::Value::String(text)) => format!("{:?}", shortened(text)),
            (_, value) => shortened(&value.to_string()),
        }
    }

    /// The names of entries that may not stand there.
    fn refused(&self, entries: &toml::Table) -> Vec<String> {
        let Entries { holds, .. } = self else {
            return Vec::new();
        };
        let refused = entries
            .iter()
            .filter(|(name, value)| !value.as_str().is_some_and(|value| holds(name, value)));
        refused
            .map(|(name, _)| format!("{:?}", shortened(name)))
            .collect()
    }
}

const fn ms(low: i64, high: i64) -> Rule {
    let unit = "ms";
    Rule::Number { low, high, unit }
}

const fn bytes(low: i64, high: i64) -> Rule {
    let unit = "bytes";
    Rule::Number { low, high, unit }
}

const fn count(low: i64, high: i64) -> Rule {
    let unit = "";
    Rule::Number { low, high, unit }
}

fn is_something(text: &str) -> bool {
    !text.is_empty()
}

fn is_topic(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=249).contains(&name.len()) && name.bytes().all(allowed) && name != "." && name != ".."
}

fn is_uri_reference(text: &str) -> bool {
    let base = Url::parse("http://localhost").ok();
    let reference = Url::options().base_url(base.as_ref()).parse(text);
    is_something(text) && text.bytes().all(|byte| byte.is_ascii_graphic()) && reference.is_ok()
}

fn is_service(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        matches!(url.scheme(), "http" | "https") && url.host().is_some() && bare
    })
}

/// Only the scheme of an address that may hold a password; nothing of another text.
fn without_secret(text: &str) -> String {
    match text.split_once(':') {
        Some((scheme, _)) if is_scheme(scheme) => format!("{scheme}:…"),
        _ => "…".to_owned(),
    }
}

fn is_scheme(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    is_something(text) && text.bytes().all(allowed)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
