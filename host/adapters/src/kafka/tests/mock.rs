//! librdkafka's own mock cluster, for what only a stand-in does on demand.

use std::ffi::CString;

use rdkafka::bindings::{rd_kafka_resp_err_t, rd_kafka_test_fatal_error};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{DefaultProducerContext, Producer as _};

use super::contract::{Reader as _, ReceivedMessage};
use super::reader::KafkaReader;
use super::*;

type Mock = MockCluster<'static, DefaultProducerContext>;

/// Its topics are there unless a test wants them to be missing.
fn mock() -> (Mock, KafkaConfig) {
    let mock = MockCluster::new(3).expect("a mock cluster");
    let config = config(&mock.bootstrap_servers());
    (mock, config)
}

fn mock_with_topics() -> (Mock, KafkaConfig) {
    let (mock, config) = mock();
    for topic in config.topics() {
        mock.create_topic(topic, 4, 3).expect("a topic");
    }
    (mock, config)
}

#[tokio::test]
async fn a_mock_cluster_passes_the_contract() {
    let (_mock, config) = mock_with_topics();
    let (bus, reader) = (bus(&config), KafkaReader(&config));
    contract::sending_an_empty_slice_succeeds(&bus).await;
    contract::a_slice_arrives_in_order_per_key(&bus, &reader).await;
    contract::a_message_arrives_with_its_key_its_attributes_and_its_payload(&bus, &reader).await;
    let (_mock, config) = mock_with_topics();
    let (bus, reader) = (self::bus(&config), KafkaReader(&config));
    contract::slices_that_are_sent_at_once_arrive_each_in_order(&bus, &reader).await;
    contract::slices_sent_sequentially_arrive_in_order(&bus, &reader).await;
}

/// The mock cluster makes any topic that a client lets it make.
#[tokio::test]
async fn sending_never_creates_a_topic() {
    let (mock, mut config) = mock();
    let interval = "topic.metadata.refresh.interval.ms".to_owned();
    config.properties.insert(interval, "500".into());
    mock.create_topic(&config.distribution_topic, 1, 3)
        .expect("a topic");
    let bus = bus(&config);
    let slice = [
        row(1, Topic::Event, "event-1"),
        row(2, Topic::Distribution, "event-1"),
    ];
    for _ in 0..2 {
        let results = bus.send(&slice).await;
        let [missing, sent] = results.try_into().expect("two results");
        let error = missing.expect_err("there is no such topic").to_string();
        let command = format!(
            "kafka-topics.sh --bootstrap-server {} --create --topic {} --partitions 6 \
             --replication-factor 3 --config min.insync.replicas=2",
            mock.bootstrap_servers(),
            config.event_topic
        );
        assert!(error.contains(&command), "{error}");
        sent.expect("the other topic is there");
    }

    mock.create_topic(&config.event_topic, 1, 3)
        .expect("a topic");
    let begin = Instant::now();
    while bus.send(&slice).await.iter().any(Result::is_err) {
        assert!(begin.elapsed() < Duration::from_secs(10), "it is there now");
    }
}

#[tokio::test]
async fn a_fatally_failed_producer_is_recreated_at_a_limited_rate() {
    let (_mock, config) = mock_with_topics();
    let bus = bus(&config);
    let message = row(1, Topic::Event, "event-1");
    send_all(&bus, std::slice::from_ref(&message)).await;
    break_for_good(&bus);
    let error = send_failure(&bus, &message).await;
    assert!(error.contains("broken and made anew"), "{error}");
    assert!(error.contains("a test says so"), "{error}");
    bus.current.lock().expect("no panic").created -= RECREATE_INTERVAL;
    send_all(&bus, std::slice::from_ref(&message)).await;
    assert_eq!(KafkaReader(&config).read(Topic::Event, 2).len(), 2);
}

/// Clients hear of it by the old leader's refusal, or when they ask again.
#[tokio::test]
async fn a_partition_leader_change_is_followed() {
    let (mock, config) = mock();
    for topic in config.topics() {
        mock.create_topic(topic, 1, 3).expect("a topic");
    }
    let bus = bus(&config);
    let mut sent = 0;
    for leader in [1, 2, 3, 1] {
        let moved = mock.partition_leader(&config.event_topic, 0, Some(leader));
        moved.expect("a leader");
        let slice = rows(sent..sent + 20, Topic::Event, "event-1");
        send_all(&bus, &slice).await;
        sent += 20;
    }
    // The broker dies, and another one leads what it led.
    mock.broker_down(1).expect("a broker");
    let moved = mock.partition_leader(&config.event_topic, 0, Some(2));
    moved.expect("a leader");
    send_all(&bus, &rows(sent..sent + 20, Topic::Event, "event-1")).await;
    sent += 20;
    mock.broker_up(1).expect("a broker");

    assert_arrived_once(&config, sent);
}

/// What brokers say of themselves for a moment is no reason to say that a message was not sent.
#[tokio::test]
async fn messages_refused_during_a_leader_change_are_retried() {
    use rdkafka::types::RDKafkaApiKey as Request;
    use rdkafka::types::RDKafkaRespErr as ClusterMetadata;
    let (mock, config) = mock_with_topics();
    mock.request_errors(
        Request::InitProducerId,
        &[
            ClusterMetadata::RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
            ClusterMetadata::RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
        ],
    );
    let bus = bus(&config);
    send_all(&bus, &rows(0..1, Topic::Event, "event-1")).await;
    let refusals = [
        ClusterMetadata::RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        ClusterMetadata::RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        ClusterMetadata::RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        ClusterMetadata::RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
    ];
    let mut sent = 1;
    for send_failure in refusals {
        mock.request_errors(Request::Produce, &[send_failure]);
        send_all(&bus, &rows(sent..sent + 1, Topic::Event, "event-1")).await;
        sent += 1;
    }
    assert_arrived_once(&config, sent);
}

/// All of them are of one key.
fn assert_arrived_once(config: &KafkaConfig, sent: u16) {
    let received = KafkaReader(config).read(Topic::Event, usize::from(sent));
    let number = |received: &ReceivedMessage| {
        let payload: serde_json::Value = serde_json::from_slice(&received.payload).expect("JSON");
        payload["number"].as_u64()
    };
    let numbers: Vec<Option<u64>> = received.iter().map(number).collect();
    let expected: Vec<Option<u64>> = (0..u64::from(sent)).map(Some).collect();
    assert_eq!(numbers, expected);
}

/// A producer that was made a moment ago, however long the first message took.
fn break_for_good(bus: &KafkaBus) {
    let mut current = bus.current.lock().expect("no panic");
    current.created = std::time::Instant::now();
    let reason = CString::new("a test says so").expect("a text");
    let code = rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
    let client = current.producer.librdkafka.client().native_ptr();
    // SAFETY: both pointers are valid during the call, which copies the text.
    unsafe { rd_kafka_test_fatal_error(client, code, reason.as_ptr()) };
}
