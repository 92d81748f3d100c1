//! What does not fit together across sections, each value being allowed by itself. What contradicts
//! within one part's options, that part's own type knows.

use std::time::Duration;

use baepo_domain::model::options::Contradiction;

use super::address::{BusUrl, CacheUrl, StoreUrl};
use super::sections::Config;
use super::server::Role;

impl Config {
    /// All that does not fit together.
    #[must_use]
    pub fn contradictions(&self) -> Vec<Contradiction> {
        [
            self.of_the_role(),
            self.of_times(),
            self.of_the_cache(),
            self.retry.contradictions("retry"),
            self.bus.kafka.contradictions("bus"),
            self.distribution.http.contradictions("distribution"),
            self.runtime.contradictions("runtime"),
            self.egress.contradictions("egress"),
            self.signatures.contradictions("signatures"),
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
            found.push(Contradiction::new(&["server.role", "store.url"], text));
        }
        if role != Role::Event {
            return found;
        }
        if self.distribution.url.is_none() {
            let text = "server.role is event, which needs distribution.url: the address of the \
                        distribution service";
            found.push(Contradiction::new(
                &["server.role", "distribution.url"],
                text,
            ));
        }
        if self.server.jwks.is_some() && self.distribution.token_file.is_none() {
            let text = "with server.jwks this process cannot sign a token for the distribution \
                        service: give it one with distribution.token_file";
            let keys = ["server.jwks", "distribution.token_file", "server.role"];
            found.push(Contradiction::new(&keys, text));
        }
        found
    }

    fn of_times(&self) -> Vec<Contradiction> {
        let (publish, ms) = (&self.publish, Duration::from_millis);
        let mut found = vec![Contradiction::unless_below(
            ("publish.answer_within_ms", ms(publish.answer_within_ms)),
            (
                "distribution.slow_call_ms",
                self.distribution.http.slow_call,
            ),
            "an answer in time would count as slow",
        )];
        if let StoreUrl::Postgres(_) = self.store.url {
            let statement_timeout = self.store.postgres.statement_timeout;
            found.push(Contradiction::unless_below(
                ("store.statement_timeout_ms", statement_timeout),
                ("publish.lease_ms", ms(publish.lease_ms)),
                "a lease would run out while it is renewed",
            ));
        }
        if let BusUrl::Kafka(_) = self.bus.url {
            let message_timeout = ms(self.bus.kafka.message_timeout_ms.into());
            found.push(Contradiction::unless_below(
                ("bus.message_timeout_ms", message_timeout),
                ("publish.acknowledgement_ms", publish.limits.acknowledgement),
                "a publish would not learn that Kafka did not take its message",
            ));
        }
        found.into_iter().flatten().collect()
    }

    fn of_the_cache(&self) -> Vec<Contradiction> {
        let is_plain = match &self.cache.url {
            CacheUrl::Redis(url) => url.expose().scheme() == "redis",
            CacheUrl::Memory => false,
        };
        if !is_plain || self.cache.redis.root_certificate.is_none() {
            return Vec::new();
        }
        let text = "cache.root_certificate is given, but cache.url speaks no TLS: write rediss://";
        let keys = ["cache.url", "cache.root_certificate"];
        vec![Contradiction::new(&keys, text)]
    }
}
