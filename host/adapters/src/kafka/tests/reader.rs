//! What a consumer receives.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};
use rdkafka::{Offset, TopicPartitionList};

use super::contract::{Reader, ReceivedMessage};
use super::*;

/// Reads the topics of a config from their beginnings.
pub struct KafkaReader<'a>(pub &'a KafkaConfig);

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
