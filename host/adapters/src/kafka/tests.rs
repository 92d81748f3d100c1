//! The bus on brokers that are real, stand-ins, away, strict or broken.

mod contract;
mod kcat;
mod mock;
mod outage;
mod real;
mod secured;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use baepo_test_services::{Kafka, SharedKafka};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::json;

use self::contract::{Reader, ReceivedMessage, row, rows, send_all};
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

/// Reads the topics of a config from their beginnings.
struct KafkaReader<'a>(&'a KafkaConfig);

impl Reader for KafkaReader<'_> {
    fn read(&self, topic: Topic, messages: usize) -> Vec<ReceivedMessage> {
        let topic = match topic {
            Topic::Event => &self.0.event_topic,
            Topic::Distribution => &self.0.distribution_topic,
        };
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", self.0.bootstrap())
            .set("group.id", unique_name("reader"))
            .set("enable.auto.commit", "false")
            .create()
            .expect("a consumer");
        let within = Duration::from_secs(20);
        let metadata = consumer.fetch_metadata(Some(topic), within);
        let metadata = metadata.expect("what the broker says of the topic");
        let mut partitions = TopicPartitionList::new();
        for partition in metadata.topics()[0].partitions() {
            let from = Offset::Beginning;
            let added = partitions.add_partition_offset(topic, partition.id(), from);
            added.expect("a partition");
        }
        consumer.assign(&partitions).expect("the partitions");
        let begin = Instant::now();
        let mut received = Vec::new();
        while received.len() < messages && begin.elapsed() < within {
            if let Some(message) = consumer.poll(Duration::from_millis(100)) {
                received.push(read(&message.expect("a message")));
            }
        }
        received
    }
}

fn read(message: &BorrowedMessage<'_>) -> ReceivedMessage {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let headers = message.headers().expect("headers").iter();
    ReceivedMessage {
        key: text(message.key().expect("a key")),
        headers: headers
            .map(|header| {
                let value = header.value.expect("a value");
                (header.key.to_owned(), text(value))
            })
            .collect(),
        payload: message.payload().expect("a payload").to_vec(),
    }
}
