//! Reading a configuration, as an operator sees it.

use std::ffi::OsString;

use baepo_domain::model::options::Secret;

use super::example;
use super::keys::Keys;
use super::*;

mod aliases;
mod rules;

fn read(text: &str, environment: &[(&str, &str)], flags: &Flags) -> Result<Config, String> {
    load(text, environment, flags).map(|loaded| loaded.config)
}

fn load(text: &str, environment: &[(&str, &str)], flags: &Flags) -> Result<Loaded, String> {
    let environment = environment
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Config::read("baepo.toml", text, environment, flags).map_err(|error| error.to_string())
}

fn from_file(text: &str) -> Result<Config, String> {
    read(text, &[], &Flags::default())
}

fn from_environment(environment: &[(&str, &str)]) -> Result<Config, String> {
    read("", environment, &Flags::default())
}

#[test]
fn nothing_given_is_the_defaults() {
    assert_eq!(from_file(""), Ok(Config::default()));
    assert_eq!(Config::default().contradictions(), []);
}

#[test]
fn a_wrong_value_is_reported_with_its_place_and_what_is_allowed() {
    for (text, expected) in [
        (
            "[publish]\nlease_ms = 10",
            "baepo.toml:2: publish.lease_ms is 10, allowed is 1000 to 600000 (ms): how long work \
             that nobody renews is kept for the host that does it",
        ),
        (
            "[publish]\nlease_ms = \"soon\"",
            "baepo.toml:2: publish.lease_ms is \"soon\", allowed is 1000 to 600000 (ms): how long \
             work that nobody renews is kept for the host that does it",
        ),
        (
            "[publish]\nlease_ms = 99999999999999999999",
            "baepo.toml:2: publish.lease_ms is 100000000000000000000.0, allowed is 1000 to 600000 (ms): how long \
             work that nobody renews is kept for the host that does it",
        ),
        (
            "server.role = \"everything\"",
            "baepo.toml:1: server.role is \"everything\", allowed is all, event or distribution: \
             what this process does: everything, take events and call a distribution service, or \
             be one of any number of distribution services",
        ),
        (
            "[server]\n\nlisten = \"localhost\"",
            "baepo.toml:3: server.listen is \"localhost\", allowed is an address and a port, such \
             as 127.0.0.1:8080: where the API listens",
        ),
        (
            "[retry]\nmax_atempts = 3",
            "baepo.toml:2: there is no retry.max_atempts; the nearest that there is: \
             retry.max_attempts",
        ),
        (
            "[servr]\nlisten = \"127.0.0.1:0\"",
            "baepo.toml:1: there is no servr; the nearest that there is: server",
        ),
        (
            "store = \"sqlite:\"",
            "baepo.toml:1: store is a section: write [store] and its keys below it",
        ),
        (
            "[egress.rewrite]\n\"https://api.example\" = \"http://127.0.0.1:1\"\nnowhere = 5",
            "baepo.toml:1: egress.rewrite is wrong at \"nowhere\", allowed is addresses by origins, \
             such as \"https://api.example\" = \"http://127.0.0.1:8081\": where requests of \
             components go instead: to local stand-ins of providers",
        ),
        (
            "[retry]\nmax_attempts = 3\nmax_attempts = 4",
            "baepo.toml:3: duplicate key",
        ),
    ] {
        assert_eq!(from_file(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn all_wrong_values_are_reported_at_once() {
    let text = "[publish]\nlease_ms = 10\n[bus]\nurl = \"kafka://a\"\ntopic = \"x\"\n";
    let environment = [("BAEPO_STORE__POOL", "3"), ("BAEPO_RETRY__BASE_MS", "0")];
    let error = read(text, &environment, &Flags::default()).unwrap_err();
    insta::assert_snapshot!(error, @r#"
    5 things in the configuration are wrong:
      baepo.toml:2: publish.lease_ms is 10, allowed is 1000 to 600000 (ms): how long work that nobody renews is kept for the host that does it
      baepo.toml:4: bus.url is "kafka:…", allowed is outbox: or kafka://HOST:PORT,HOST:PORT: where EventCreated and DistributionCompleted go
      baepo.toml:5: there is no bus.topic; the nearest that there is: bus.event_topic
      environment variable BAEPO_RETRY__BASE_MS: retry.base_ms is 0, allowed is 1 to 3600000 (ms): how long the wait before the second attempt is
      environment variable BAEPO_STORE__POOL: there is no such key; the nearest that there is: BAEPO_STORE__URL
    "#);
}

#[test]
fn a_contradiction_is_reported_where_it_was_given() {
    let postgres = "[store]\nurl = \"postgres://localhost/baepo\"\n";
    for (text, expected) in [
        (
            "[server]\nrole = \"distribution\"".to_owned(),
            "baepo.toml:2: server.role is distribution, which needs a store that hosts can share: \
             store.url = \"postgres://…\"",
        ),
        (
            format!("{postgres}[server]\nrole = \"event\""),
            "baepo.toml:4: server.role is event, which needs distribution.url: the address of the \
             distribution service",
        ),
        (
            "[distribution]\nslow_call_ms = 60000".to_owned(),
            "baepo.toml:2: publish.answer_within_ms is 65000 and must be below \
             distribution.slow_call_ms, which is 60000: an answer in time would count as slow",
        ),
        (
            "[distribution]\ntime_limit_ms = 66000".to_owned(),
            "baepo.toml:2: distribution.slow_call_ms is 66000 and must be below \
             distribution.time_limit_ms, which is 66000: no call would ever count as slow",
        ),
        (
            "[bus]\nurl = \"kafka://localhost:9092\"\nmessage_timeout_ms = 10000".to_owned(),
            "baepo.toml:3: bus.message_timeout_ms is 10000 and must be below \
             publish.acknowledgement_ms, which is 10000: a publish would not learn that Kafka did \
             not take its message",
        ),
        (
            format!("{postgres}[publish]\nlease_ms = 5000"),
            "baepo.toml:4: store.statement_timeout_ms is 5000 and must be below \
             publish.lease_ms, which is 5000: a lease would run out while it is renewed",
        ),
        (
            "[retry]\nbase_ms = 700000".to_owned(),
            "baepo.toml:2: retry.base_ms is 700000 and must not be above retry.cap_ms, which is \
             600000: the first wait would be longer than the longest",
        ),
        (
            "[bus.security.sasl]\nusername = \"baepo\"".to_owned(),
            "baepo.toml:2: bus.security.sasl.username is given, but bus.security.protocol is \
             plaintext",
        ),
        (
            "[bus.security]\nprotocol = \"tls\"\ntls.key = \"key.pem\"".to_owned(),
            "baepo.toml:3: bus.security.tls.certificate and bus.security.tls.key must be given \
             together",
        ),
        (
            "[cache]\nurl = \"redis://localhost\"\nroot_certificate = \"ca.pem\"".to_owned(),
            "baepo.toml:2: cache.root_certificate is given, but cache.url speaks no TLS: write \
             rediss://",
        ),
        (
            "[egress.rewrite]\n\"https://a.example\" = \"http://b:1\"\n\
             \"https://a.example/x\" = \"http://c:1\""
                .to_owned(),
            "baepo.toml:1: egress.rewrite: https://a.example is there twice",
        ),
        (
            "[runtime]\nconcurrency = 600".to_owned(),
            "baepo.toml:2: runtime: concurrency must be at least 1 and below pool_instances",
        ),
        (
            "[runtime.default_limits]\nfuel = 30000000000".to_owned(),
            "baepo.toml:2: runtime: default_limits.fuel is above maximum_limits.fuel",
        ),
    ] {
        assert_eq!(from_file(&text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn a_refused_value_is_not_also_a_contradiction() {
    let error = from_file("[distribution]\nslow_call_ms = 900000").unwrap_err();
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[test]
fn a_flag_holds_against_the_environment_and_that_against_the_file() {
    let text = "[server]\nlisten = \"127.0.0.1:1\"\ndata = \"a\"\ndrain_ms = 5";
    let environment = [
        ("BAEPO_SERVER__LISTEN", "127.0.0.1:2"),
        ("BAEPO_SERVER__DATA", "b"),
    ];
    let flags = Flags {
        listen: Some(([127, 0, 0, 1], 3).into()),
        ..Flags::default()
    };
    let server = read(text, &environment, &flags).unwrap().server;
    assert_eq!(server.listen.port(), 3);
    assert_eq!(server.data.to_str(), Some("b"));
    assert_eq!(server.drain_ms, 5);
}

#[test]
fn the_environment_has_every_kind_of_value() {
    let config = from_environment(&[
        ("BAEPO_STORE__URL", "postgres://baepo:hunter2@db/baepo"),
        ("BAEPO_STORE__MAX_CONNECTIONS", "1_0"),
        ("BAEPO_SERVER__ROLE", "distribution"),
        ("BAEPO_BUS__URL", "kafka://a:9092,b:9092"),
        (
            "BAEPO_BUS__PROPERTIES",
            "linger.ms=5, compression.type=snappy",
        ),
        ("BAEPO_BUS__SECURITY__PROTOCOL", "sasl-tls"),
        ("BAEPO_BUS__SECURITY__SASL__USERNAME", "baepo"),
        ("BAEPO_BUS__SECURITY__SASL__PASSWORD", "12345"),
        (
            "BAEPO_EGRESS__REWRITE",
            r#"{"https://a.example" = "http://b:1/,"}"#,
        ),
        ("BAEPO_RUNTIME__DEFAULT_LIMITS__FUEL", "7"),
        ("BAEPO_SERVER__JWKS", ""),
        ("BAEPO_TEST_POSTGRES", "not ours"),
        ("HOME", "/root"),
    ]);
    let config = config.unwrap();
    assert_eq!(config.store.postgres.max_connections, 10);
    assert_eq!(config.server.role, Role::Distribution);
    assert_eq!(
        config.bus.kafka.properties["compression.type"].expose(),
        "snappy"
    );
    let sasl = &config.bus.kafka.security.sasl;
    assert_eq!(sasl.password.as_ref().map(Secret::expose), Some("12345"));
    assert_eq!(config.egress.rewrite.len(), 1);
    assert_eq!(config.runtime.default_limits.fuel, 7);
    assert_eq!(config.server.jwks, None);
    let BusUrl::Kafka(servers) = &config.bus.url else {
        panic!("{:?}", config.bus.url)
    };
    assert_eq!(servers.as_slice(), ["a:9092", "b:9092"]);
    let kafka = config.bus.kafka().map(|kafka| kafka.brokers);
    assert_eq!(kafka, Some(servers.as_slice().to_vec()));
    assert_eq!(Config::default().bus.kafka(), None);
}

#[test]
fn a_variable_that_is_wrong_is_named() {
    for (name, value, expected) in [
        (
            "BAEPO_PUBLISH__LEASE_MS",
            "10",
            "environment variable BAEPO_PUBLISH__LEASE_MS: publish.lease_ms is 10, allowed is 1000 \
             to 600000 (ms): how long work that nobody renews is kept for the host that does it",
        ),
        (
            "BAEPO_PUBLISH__LEASE",
            "10",
            "environment variable BAEPO_PUBLISH__LEASE: there is no such key; the nearest that \
             there is: BAEPO_PUBLISH__LEASE_MS",
        ),
        (
            "BAEPO_BUS__PROPERTIES",
            "linger.ms",
            "environment variable BAEPO_BUS__PROPERTIES: must be name=value,name=value or a table \
             of TOML: {\"name\" = \"value\"}",
        ),
        (
            "BAEPO_SERVER__ROLE",
            "event ",
            "environment variable BAEPO_SERVER__ROLE: server.role is \"event \", allowed is all, \
             event or distribution: what this process does: everything, take events and call a \
             distribution service, or be one of any number of distribution services",
        ),
    ] {
        assert_eq!(from_environment(&[(name, value)]), Err(expected.to_owned()));
    }
    let flags = Flags {
        role: Some(Role::Distribution),
        ..Flags::default()
    };
    let error = read("", &[], &flags).unwrap_err();
    assert!(
        error.starts_with("--role: server.role is distribution"),
        "{error}"
    );
}

#[test]
fn no_secret_is_ever_printed() {
    for text in [
        "[store]\nurl = \"postgres://baepo:hunter2\"",
        "[store]\nurl = \"postgre://baepo:hunter2@db/baepo\"",
        "[store]\nurl = \"postgres://baepo:hunter2@db/baepo",
        "[store]\nurl = \"postgres://baepo:hunter2@db/baepo\"\nrole = 1",
        "[cache]\nurl = \"redis://:hunter2@:6379\"",
        "[bus]\nurl = \"kafka://baepo:hunter2@a:9092\"",
        "[bus.security.sasl]\npassword = \"hunter2\"",
        "[bus.security.sasl]\npassword = [\"hunter2\"]",
        "[bus.properties]\n\"ssl.key.password\" = [\"hunter2\"]",
        "[distribution]\nurl = \"http://baepo:hunter2@service\"",
    ] {
        let error = from_file(text).expect_err(text);
        assert!(!error.contains("hunter2"), "{error}");
    }
    let config = from_environment(&[
        (
            "BAEPO_STORE__URL",
            "postgres://baepo:hunter2@db:1/baepo?password=hunter2",
        ),
        ("BAEPO_BUS__SECURITY__PROTOCOL", "sasl-tls"),
        ("BAEPO_BUS__SECURITY__SASL__USERNAME", "baepo"),
        ("BAEPO_BUS__SECURITY__SASL__PASSWORD", "hunter2"),
        ("BAEPO_BUS__PROPERTIES", "ssl.key.password=hunter2"),
    ]);
    let config = config.unwrap();
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    let StoreUrl::Postgres(url) = config.store.url else {
        panic!("a PostgreSQL store")
    };
    assert_eq!(url.to_string(), "postgres://db:1/baepo");
}

#[test]
fn the_example_is_the_defaults() {
    assert_eq!(from_file(example::TEXT), Ok(Config::default()));
}

/// The example with every option set.
fn whole_example() -> toml::Table {
    let lines = example::TEXT.lines().map(|line| {
        let option = line.strip_prefix('#');
        let option = option.filter(|rest| !rest.is_empty() && !rest.starts_with(' '));
        option.unwrap_or(line)
    });
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    text.parse().expect("the example's options are TOML")
}

fn value_at<'t>(table: &'t toml::Table, path: &str) -> Option<&'t toml::Value> {
    match path.split_once('.') {
        Some((section, rest)) => value_at(table.get(section)?.as_table()?, rest),
        None => table.get(path),
    }
}

#[test]
fn the_example_has_every_key_with_its_default_and_what_is_allowed() {
    let (example, explanations) = (whole_example(), example::explanations());
    let keys = Keys::of::<Config>();
    for key in keys.iter() {
        let path = &key.path;
        let value = value_at(&example, path).unwrap_or_else(|| panic!("{path} is missing"));
        let explanation = explanations.iter().find(|known| known.path == *path);
        let comment = &explanation.expect("a comment").comment;
        let allowed = format!("Allowed: {}", key.allowed);
        assert!(
            comment.contains(&allowed),
            "{path}: {allowed:?} is not in {comment:?}"
        );
        assert!(example::sentence(path).is_some(), "{path}");
        let mut document = toml::Table::new();
        key.set(&mut document, value.clone());
        let config: Config = document
            .try_into()
            .unwrap_or_else(|_| panic!("{path} is {value}"));
        let is_default = config == Config::default();
        assert_eq!(
            is_default,
            !comment.contains("Default: none"),
            "{path}: {comment}"
        );
    }
    assert_eq!(toml_keys(&example), keys.iter().count());
}

/// How many keys a document has, entries not counted one by one.
fn toml_keys(document: &toml::Table) -> usize {
    let sections = document.values().filter_map(toml::Value::as_table);
    let below: usize = sections.map(toml_keys).sum();
    let values = document.values().filter(|value| !value.is_table()).count();
    below + values
}
