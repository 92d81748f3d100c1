//! What an operator writes, and what is said about it.

use serde_json::json;

use super::super::KafkaBus;
use super::*;

fn read(value: serde_json::Value) -> KafkaConfig {
    serde_json::from_value(value).expect("a config")
}

#[test]
fn only_brokers_are_required() {
    let config = read(json!({ "brokers": ["127.0.0.1:9092"] }));
    assert_eq!(config.event_topic, "event-topic");
    assert_eq!(config.distribution_topic, "distribution-topic");
    assert_eq!(config.message_timeout_ms, 8_000);
    assert_eq!(config.source, "/baepo");
    assert_eq!(config.problem(), None);
    serde_json::from_value::<KafkaConfig>(json!({})).expect_err("no brokers");
}

#[test]
fn unknown_keys_are_refused_at_every_level() {
    let brokers = ["127.0.0.1:9092"];
    let login = json!({ "mechanism": "PLAIN", "username": "u", "password": "p" });
    for wrong in [
        json!({ "brokers": brokers, "topic": "x" }),
        json!({ "brokers": brokers, "security": { "protocol": "plaintext", "tls": {} } }),
        json!({ "brokers": brokers, "security": { "protocol": "tls", "login": login } }),
        json!({ "brokers": brokers, "security": { "protocol": "tls", "tls": { "x": 1 } } }),
    ] {
        serde_json::from_value::<KafkaConfig>(wrong.clone())
            .expect_err(&format!("{wrong} is refused"));
    }
}

#[test]
fn secrets_are_not_shown() {
    let config = read(json!({
        "brokers": ["127.0.0.1:9092"],
        "security": {
            "protocol": "sasl-tls",
            "login": { "mechanism": "SCRAM-SHA-512", "username": "u", "password": "hush" },
        },
        "properties": { "ssl.key.password": "hush-2" },
    }));
    let shown = format!("{config:?}");
    assert!(!shown.contains("hush"), "{shown}");
    assert!(shown.contains("ssl.key.password"), "{shown}");
}

#[test]
fn problems_are_named() {
    let good = read(json!({ "brokers": ["127.0.0.1:9092"] }));
    let with = |change: &dyn Fn(&mut KafkaConfig)| {
        let mut config = good.clone();
        change(&mut config);
        config.problem().expect("a problem")
    };
    for (part, problem) in [
        ("brokers", with(&|config| config.brokers.clear())),
        (
            "\"kafka\"",
            with(&|config| config.brokers = vec!["kafka".to_owned()]),
        ),
        (
            "event_topic",
            with(&|config| config.event_topic = "a b".to_owned()),
        ),
        (
            "message_timeout_ms",
            with(&|config| config.message_timeout_ms = 10),
        ),
        (
            "certificate",
            with(&|config| {
                let certificate = Some("c.pem".into());
                let tls = KafkaTls {
                    certificate,
                    ..KafkaTls::default()
                };
                config.security = KafkaSecurity::Tls { tls };
            }),
        ),
    ] {
        assert!(problem.contains(part), "{problem}");
    }
}

#[test]
fn reserved_properties_are_refused() {
    let with = |property: &str, value: &str| {
        let mut config = read(json!({ "brokers": ["127.0.0.1:9092"] }));
        let properties = &mut config.properties;
        properties.insert(property.to_owned(), value.to_owned());
        KafkaBus::new(config).map(drop)
    };
    with("linger.ms", "5").expect("it can be chosen");
    let reserved = KafkaConfigError::Reserved("acks".to_owned());
    assert_eq!(with("acks", "1"), Err(reserved));
    let wrong = with("no.such.property", "hush").expect_err("librdkafka refuses it");
    let shown = wrong.to_string();
    assert!(shown.contains("no.such.property"), "{shown}");
    assert!(!shown.contains("hush"), "{shown}");
    // The producer would not be idempotent.
    with("max.in.flight.requests.per.connection", "6").expect_err("librdkafka refuses it");
}

#[test]
fn a_file_that_is_missing_is_named() {
    let mut config = read(json!({ "brokers": ["127.0.0.1:9092"] }));
    let tls = KafkaTls {
        ca: Some("/no/such/file.pem".into()),
        ..KafkaTls::default()
    };
    config.security = KafkaSecurity::Tls { tls };
    let error = KafkaBus::new(config).map(drop).expect_err("no such file");
    let shown = error.to_string();
    assert!(
        shown.contains("/no/such/file.pem") || shown.contains("ssl.ca"),
        "{shown}"
    );
}
