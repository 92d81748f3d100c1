//! The bus on brokers that are real, stand-ins, away, strict or broken.

mod contract;
mod kcat;
mod mock;
mod outage;
mod reader;
mod real;
mod secured;

use std::sync::atomic::{AtomicU32, Ordering};

use baepo_domain::model::id::MessageId;
use baepo_domain::model::outbox::Message;
use baepo_test_services::{Kafka, SharedKafka};
use serde_json::json;
use uuid::Uuid;

use super::*;

/// A name that no other test has, also not in an earlier run on the same broker.
fn unique_name(what: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{what}-{}-{number}", std::process::id())
}

/// With topics of the test's own; they are not there yet.
fn config(bootstrap: &str) -> KafkaConfig {
    let mut config = KafkaConfig::new(bootstrap.split(',').map(str::to_owned).collect());
    config.event_topic = unique_name("event-topic");
    config.distribution_topic = unique_name("distribution-topic");
    config
}

fn bus(config: &KafkaConfig) -> KafkaBus {
    KafkaBus::new(config.clone()).expect("a bus")
}

fn row(number: u16, topic: Topic, key: &str) -> OutboxRow {
    OutboxRow {
        sequence: i64::from(number),
        message: Message {
            id: MessageId(Uuid::from_u128(u128::from(number))),
            key: key.to_owned(),
            topic,
            kind: "EventCreated",
            payload: json!({ "number": number, "title": "가을 축제 🎉", "b": 1, "a": [null, 0.5] }),
            created_at: "2026-03-01T09:30:00.123Z".parse().expect("a time"),
        },
        sent_at: None,
    }
}

fn rows(numbers: std::ops::Range<u16>, topic: Topic, key: &str) -> Vec<OutboxRow> {
    numbers.map(|number| row(number, topic, key)).collect()
}

async fn send_all(bus: &dyn Bus, messages: &[OutboxRow]) {
    for (row, result) in messages.iter().zip(bus.send(messages).await) {
        if let Err(error) = result {
            panic!("message {} was not sent: {error}", row.sequence);
        }
    }
}

/// What the one message that was sent met.
async fn send_failure(bus: &KafkaBus, row: &OutboxRow) -> String {
    let results = bus.send(std::slice::from_ref(row)).await;
    let [result] = results.try_into().expect("one result");
    result.expect_err("it is refused").to_string()
}

/// The broker that tests share.
fn shared() -> SharedKafka {
    SharedKafka::get().expect("a broker")
}
