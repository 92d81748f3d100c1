//! A broker that is away, and comes back.

use super::contract::Reader as _;
use super::reader::KafkaReader;
use super::*;
use crate::checkup::Verdict;

/// As an operator may set it, so that the tests do not wait for long.
const TIMEOUT_MS: u32 = 2_000;
/// librdkafka looks once a second for messages whose time is over; the machine may be busy.
const AT_MOST: Duration = Duration::from_secs(5);

#[tokio::test]
async fn an_absent_broker_is_an_error_within_the_timeout() {
    let mut config = config("127.0.0.1:1");
    config.message_timeout_ms = TIMEOUT_MS;
    let bus = bus(&config);
    let begin = Instant::now();
    let results = bus.send(&rows(0..10, Topic::Event, "event-1")).await;
    assert!(begin.elapsed() < AT_MOST, "after {:?}", begin.elapsed());
    for result in results {
        let error = result.expect_err("nobody took it").to_string();
        let begin = "the bus is not available: kafka at 127.0.0.1:1 gave no acknowledgement \
                     within 2000 ms: ";
        assert!(error.starts_with(begin), "{error}");
        assert!(error.contains("Connection refused"), "{error}");
    }

    let checks = check_kafka(&config).await;
    assert_eq!(checks.len(), 1);
    assert_eq!(checks[0].verdict, Verdict::Bad);
    assert!(
        checks[0].found.contains("Connection refused"),
        "{}",
        checks[0].found
    );
}

#[tokio::test]
async fn a_stopped_broker_is_an_error_in_time_and_used_after_restart() {
    let mut kafka = Kafka::start().expect("a broker");
    let mut config = config(&kafka.bootstrap());
    config.message_timeout_ms = TIMEOUT_MS;
    for topic in config.topics() {
        kafka.create_topic(topic, 1).expect("a topic");
    }
    let bus = bus(&config);
    let mut acknowledged = 0;
    for stop in [Kafka::stop, Kafka::kill] {
        let slice = rows(0..50, Topic::Event, "event-1");
        send_all(&bus, &slice).await;
        acknowledged += slice.len();
        stop(&mut kafka);
        let begin = Instant::now();
        let error = send_failure(&bus, &slice[0]).await;
        assert!(begin.elapsed() < AT_MOST, "after {:?}", begin.elapsed());
        assert!(error.contains("gave no acknowledgement"), "{error}");

        kafka.restart().expect("the broker again");
        let begin = Instant::now();
        while bus.send(&slice[..1]).await[0].is_err() {
            let wait_limit = Duration::from_secs(15);
            assert!(begin.elapsed() < wait_limit, "the broker is back");
        }
        acknowledged += 1;
    }
    let received = KafkaReader(&config).read(Topic::Event, acknowledged);
    assert_eq!(
        received.len(),
        acknowledged,
        "what was acknowledged is kept"
    );
}

/// The broker goes in the middle of what it is sent: each message is acknowledged or refused in
/// time, and those that were acknowledged are there.
#[tokio::test]
async fn batches_interrupted_by_a_kill_are_acknowledged_or_refused() {
    let mut kafka = Kafka::start().expect("a broker");
    let mut config = config(&kafka.bootstrap());
    config.message_timeout_ms = TIMEOUT_MS;
    for topic in config.topics() {
        kafka.create_topic(topic, 1).expect("a topic");
    }
    let bus = bus(&config);
    let slices: Vec<Vec<OutboxRow>> = (0..40)
        .map(|slice| rows(slice * 250..(slice + 1) * 250, Topic::Event, "event-1"))
        .collect();
    let (order, ordered) = std::sync::mpsc::channel();
    let killed = std::thread::spawn(move || {
        ordered.recv().expect("the order to kill it");
        kafka.kill();
        kafka.restart().expect("the broker again");
        kafka
    });
    let mut acknowledged = Vec::new();
    for (number, slice) in slices.iter().enumerate() {
        if number == 5 {
            order.send(()).expect("somebody kills it");
        }
        let results = bus.send(slice).await;
        let sent = slice.iter().zip(results).filter(|(_, sent)| sent.is_ok());
        acknowledged.extend(sent.map(|(row, _)| &row.message));
    }
    let _kafka = killed.join().expect("the broker is back");
    // More may be there: their acknowledgement was lost.
    let received = KafkaReader(&config).read(Topic::Event, acknowledged.len());
    assert!(received.len() >= acknowledged.len());
}
