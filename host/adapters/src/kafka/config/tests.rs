//! What an operator writes, and what is said about it. That each rule is kept is a test of the
//! whole configuration, which reads every section.

use serde_json::json;

use super::super::KafkaBus;
use super::*;

fn read(value: serde_json::Value) -> KafkaConfig {
    serde_json::from_value(value).expect("a config")
}

fn config() -> KafkaConfig {
    KafkaConfig::new(vec!["127.0.0.1:9092".to_owned()])
}

#[test]
fn only_the_brokers_have_no_default() {
    let config = read(json!({}));
    assert_eq!(config, KafkaConfig::default());
    assert_eq!(config.event_topic, "event-topic");
    assert_eq!(config.distribution_topic, "distribution-topic");
    assert_eq!(config.contradictions("bus"), []);
}

#[test]
fn a_value_that_is_not_allowed_is_never_read() {
    for wrong in [
        json!({ "topic": "x" }),
        json!({ "event_topic": "a b" }),
        json!({ "message_timeout_ms": 1_999 }),
        json!({ "message_timeout_ms": 60_001 }),
        json!({ "source": "" }),
        json!({ "security": { "tls": { "x": 1 } } }),
        json!({ "security": { "sasl": { "mechanism": "GSSAPI" } } }),
        json!({ "properties": { "acks": "1" } }),
        json!({ "properties": { "bootstrap.servers": "elsewhere:9092" } }),
        json!({ "properties": { "no.such.property": "1" } }),
        json!({ "properties": { "linger.ms": "soon" } }),
    ] {
        serde_json::from_value::<KafkaConfig>(wrong.clone())
            .expect_err(&format!("{wrong} is refused"));
    }
}

#[test]
fn secrets_are_not_shown() {
    let config = read(json!({
        "security": {
            "protocol": "sasl-tls",
            "sasl": { "mechanism": "SCRAM-SHA-512", "username": "u", "password": "hush" },
        },
        "properties": { "ssl.key.password": "hush-2" },
    }));
    let shown = format!("{config:?}");
    assert!(!shown.contains("hush"), "{shown}");
    assert!(shown.contains("ssl.key.password"), "{shown}");
}

#[test]
fn a_property_that_only_all_together_make_wrong_is_refused_by_name() {
    let mut config = config();
    let properties = &mut config.properties;
    properties.insert("linger.ms".to_owned(), "5".into());
    KafkaBus::new(config.clone()).expect("it can be chosen");
    // The producer would not be idempotent.
    let in_flight = "max.in.flight.requests.per.connection";
    let properties = &mut config.properties;
    properties.insert(in_flight.to_owned(), "6".into());
    let error = KafkaBus::new(config)
        .map(drop)
        .expect_err("librdkafka refuses it");
    assert!(error.to_string().contains("max.in.flight"), "{error}");
}

#[test]
fn a_file_that_is_missing_is_named() {
    let mut config = config();
    config.security.protocol = KafkaProtocol::Tls;
    config.security.tls.ca = Some("/no/such/file.pem".into());
    let error = KafkaBus::new(config).map(drop).expect_err("no such file");
    let shown = error.to_string();
    assert!(
        shown.contains("/no/such/file.pem") || shown.contains("ssl.ca"),
        "{shown}"
    );
}
