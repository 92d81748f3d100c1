//! What does not fit together, each value being allowed by itself.

use baepo_runtime::RuntimeConfig;

use super::keys::Keys;
use super::{BusUrl, CacheUrl, Config, Role, StoreUrl};

/// Values that cannot stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The keys that it is about; the operator most probably corrects the first that was given.
    pub keys: Vec<String>,
    pub text: String,
}

impl Config {
    /// All that does not fit together.
    #[must_use]
    pub fn contradictions(&self) -> Vec<Contradiction> {
        [
            self.of_the_role(),
            self.of_times(),
            self.of_the_bus(),
            self.of_the_cache(),
            self.of_the_runtime(),
        ]
        .concat()
    }

    fn of_the_role(&self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        let role = self.server.role;
        if role == Role::All {
            return found;
        }
        if self.store.url == StoreUrl::Sqlite {
            let text = format!(
                "server.role is {role}, which needs a store that hosts can share: \
                 store.url = \"postgres://…\""
            );
            found.push(contradiction(&["server.role", "store.url"], text));
        }
        if role != Role::Event {
            return found;
        }
        if self.distribution.url.is_none() {
            let text = "server.role is event, which needs distribution.url: the address of the \
                        distribution service";
            found.push(contradiction(&["server.role", "distribution.url"], text));
        }
        if self.server.jwks.is_some() && self.distribution.token_file.is_none() {
            let text = "with server.jwks this process cannot sign a token for the distribution \
                        service: give it one with distribution.token_file";
            let keys = ["server.jwks", "distribution.token_file", "server.role"];
            found.push(contradiction(&keys, text));
        }
        found
    }

    fn of_times(&self) -> Vec<Contradiction> {
        let (publish, distribution) = (&self.publish, &self.distribution);
        let mut found = vec![
            below(
                ("publish.answer_within_ms", publish.answer_within_ms),
                ("distribution.slow_call_ms", distribution.slow_call_ms),
                "an answer in time would count as slow",
            ),
            below(
                ("distribution.slow_call_ms", distribution.slow_call_ms),
                ("distribution.time_limit_ms", distribution.time_limit_ms),
                "no call would ever count as slow",
            ),
            not_above(
                ("retry.base_ms", self.retry.base_ms),
                ("retry.cap_ms", self.retry.cap_ms),
                "the first wait would be longer than the longest",
            ),
        ];
        if let StoreUrl::Postgres(_) = self.store.url {
            found.push(below(
                (
                    "store.statement_timeout_ms",
                    self.store.statement_timeout_ms,
                ),
                ("publish.lease_ms", publish.lease_ms),
                "a lease would run out while it is renewed",
            ));
        }
        if let BusUrl::Kafka(_) = self.bus.url {
            found.push(below(
                ("bus.message_timeout_ms", self.bus.message_timeout_ms.into()),
                ("publish.acknowledgement_ms", publish.acknowledgement_ms),
                "a publish would not learn that Kafka did not take its message",
            ));
        }
        found.into_iter().flatten().collect()
    }

    fn of_the_bus(&self) -> Vec<Contradiction> {
        let security = &self.bus.security;
        let (tls, sasl) = (&security.tls, &security.sasl);
        let protocol = security.protocol.as_str();
        let mut found = Vec::new();
        let mut wrong = |keys: &[&str], text: String| found.push(contradiction(keys, text));
        let tls_keys = [
            ("bus.security.tls.ca", tls.ca.is_some()),
            ("bus.security.tls.certificate", tls.certificate.is_some()),
            ("bus.security.tls.key", tls.key.is_some()),
        ];
        let sasl_keys = [
            ("bus.security.sasl.username", sasl.username.is_some()),
            ("bus.security.sasl.password", sasl.password.is_some()),
        ];
        for (key, given) in tls_keys {
            if given && !security.protocol.has_tls() {
                let text = format!("{key} is given, but bus.security.protocol is {protocol}");
                wrong(&[key, "bus.security.protocol"], text);
            }
        }
        for (key, given) in sasl_keys {
            if given != security.protocol.has_sasl() {
                let is = if given {
                    "is given, but"
                } else {
                    "is missing, and"
                };
                let text = format!("{key} {is} bus.security.protocol is {protocol}");
                wrong(&[key, "bus.security.protocol"], text);
            }
        }
        if tls.certificate.is_some() != tls.key.is_some() {
            let keys = ["bus.security.tls.certificate", "bus.security.tls.key"];
            let text = format!("{} must be given together", keys.join(" and "));
            wrong(&keys, text);
        }
        found
    }

    fn of_the_cache(&self) -> Vec<Contradiction> {
        let plain = match &self.cache.url {
            CacheUrl::Redis(url) => url.expose().scheme() == "redis",
            CacheUrl::Memory => false,
        };
        if !plain || self.cache.root_certificate.is_none() {
            return Vec::new();
        }
        let text = "cache.root_certificate is given, but cache.url speaks no TLS: write rediss://";
        vec![contradiction(
            &["cache.url", "cache.root_certificate"],
            text,
        )]
    }

    /// The runtime itself knows; the keys are those that it names.
    fn of_the_runtime(&self) -> Vec<Contradiction> {
        let Some(problem) = self.runtime.problem() else {
            return Vec::new();
        };
        let keys = Keys::of::<RuntimeConfig>();
        let named = problem
            .split_whitespace()
            .filter(|word| keys.get(word).is_some());
        vec![Contradiction {
            keys: named.map(|key| format!("runtime.{key}")).collect(),
            text: format!("runtime: {problem}"),
        }]
    }
}

fn below(left: (&str, u64), right: (&str, u64), why: &str) -> Option<Contradiction> {
    (left.1 >= right.1).then(|| compared(left, "must be below", right, why))
}

fn not_above(left: (&str, u64), right: (&str, u64), why: &str) -> Option<Contradiction> {
    (left.1 > right.1).then(|| compared(left, "must not be above", right, why))
}

fn compared(left: (&str, u64), order: &str, right: (&str, u64), why: &str) -> Contradiction {
    let ((left, value), (right, limit)) = (left, right);
    let text = format!("{left} is {value} and {order} {right}, which is {limit}: {why}");
    contradiction(&[left, right], text)
}

fn contradiction(keys: &[&str], text: impl Into<String>) -> Contradiction {
    Contradiction {
        keys: keys.iter().map(ToString::to_string).collect(),
        text: text.into(),
    }
}
