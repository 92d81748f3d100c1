//! The behaviour that every bus must show. Each takes a bus whose topics are there and empty, and
//! what reads them.

use std::collections::BTreeMap;

use baepo_domain::model::outbox::{OutboxRow, Topic};
use baepo_domain::ports::Bus;

use super::{row, rows, send_all};

/// A message as a consumer has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMessage {
    pub key: String,
    pub headers: BTreeMap<String, String>,
    pub payload: Vec<u8>,
}

/// A consumer of the bus.
pub trait Reader {
    /// So many messages of a topic from its beginning, or fewer when no more come for long. Those
    /// of a key are in order.
    fn read(&self, topic: Topic, messages: usize) -> Vec<ReceivedMessage>;
}

pub async fn a_slice_arrives_in_order_per_key(bus: &dyn Bus, reader: &dyn Reader) {
    let keys = ["event-1", "event-2", "event-3"];
    let slice: Vec<OutboxRow> = (0..240_u16)
        .map(|number| row(number, Topic::Event, keys[usize::from(number % 3)]))
        .collect();
    send_all(bus, &slice).await;
    let received = reader.read(Topic::Event, slice.len());
    for key in keys {
        assert_eq!(payloads_of(key, &received), sent_to(key, &slice));
    }
    assert_eq!(received.len(), slice.len());
}

pub async fn slices_that_are_sent_at_once_arrive_each_in_order(bus: &dyn Bus, reader: &dyn Reader) {
    let one = rows(0..100, Topic::Event, "event-1");
    let other = rows(100..200, Topic::Event, "event-2");
    futures::future::join(send_all(bus, &one), send_all(bus, &other)).await;
    let received = reader.read(Topic::Event, 200);
    assert_eq!(payloads_of("event-1", &received), sent_to("event-1", &one));
    assert_eq!(
        payloads_of("event-2", &received),
        sent_to("event-2", &other)
    );
}

pub async fn slices_sent_sequentially_arrive_in_order(bus: &dyn Bus, reader: &dyn Reader) {
    let all = rows(0..100, Topic::Distribution, "event-1");
    for slice in all.chunks(7) {
        send_all(bus, slice).await;
    }
    let received = reader.read(Topic::Distribution, all.len());
    assert_eq!(payloads_of("event-1", &received), sent_to("event-1", &all));
}

pub async fn a_message_arrives_with_its_key_its_attributes_and_its_payload(
    bus: &dyn Bus,
    reader: &dyn Reader,
) {
    let sent = row(1, Topic::Distribution, "event-1");
    send_all(bus, std::slice::from_ref(&sent)).await;
    let [received] = reader
        .read(Topic::Distribution, 1)
        .try_into()
        .expect("one message");
    assert_eq!(received.key, "event-1");
    assert_eq!(received.payload, bytes(&sent));
    let id = sent.message.id.to_string();
    let attributes = [
        ("ce_specversion", "1.0"),
        ("ce_id", &id),
        ("ce_source", "/baepo"),
        ("ce_type", "EventCreated"),
        ("ce_time", "2026-03-01T09:30:00.123Z"),
        ("content-type", "application/json"),
    ];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(received.headers, BTreeMap::from(attributes));
}

pub async fn sending_an_empty_slice_succeeds(bus: &dyn Bus) {
    assert!(bus.send(&[]).await.is_empty());
}

fn payloads_of(key: &str, received: &[ReceivedMessage]) -> Vec<Vec<u8>> {
    let of_key = received.iter().filter(|received| received.key == key);
    of_key.map(|received| received.payload.clone()).collect()
}

fn sent_to(key: &str, sent: &[OutboxRow]) -> Vec<Vec<u8>> {
    let of_key = sent.iter().filter(|row| row.message.key == key);
    of_key.map(bytes).collect()
}

fn bytes(row: &OutboxRow) -> Vec<u8> {
    serde_json::to_vec(&row.message.payload).expect("JSON")
}
