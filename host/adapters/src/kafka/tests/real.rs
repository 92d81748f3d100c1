//! A real broker that works.

use baepo_domain::ports::Bus as _;

use super::reader::KafkaReader;
use super::*;
use crate::checkup::{Check, Verdict};

fn with_topics() -> (SharedKafka, KafkaConfig) {
    let kafka = shared();
    let config = config(kafka.bootstrap());
    for topic in config.topics() {
        kafka.create_topic(topic, 4).expect("a topic");
    }
    (kafka, config)
}

#[tokio::test]
async fn a_real_broker_passes_the_contract() {
    let (_kafka, config) = with_topics();
    let (bus, reader) = (bus(&config), KafkaReader(&config));
    contract::sending_an_empty_slice_succeeds(&bus).await;
    contract::a_slice_arrives_in_order_per_key(&bus, &reader).await;
    contract::a_message_arrives_with_its_key_its_attributes_and_its_payload(&bus, &reader).await;
}

#[tokio::test]
async fn a_real_broker_keeps_the_order_of_slices() {
    let (_kafka, config) = with_topics();
    let (bus, reader) = (bus(&config), KafkaReader(&config));
    contract::slices_that_are_sent_at_once_arrive_each_in_order(&bus, &reader).await;
    contract::slices_sent_sequentially_arrive_in_order(&bus, &reader).await;
}

#[tokio::test]
async fn missing_topics_are_named_and_used_once_created() {
    let kafka = shared();
    let mut config = config(kafka.bootstrap());
    let interval = "topic.metadata.refresh.interval.ms".to_owned();
    config.properties.insert(interval, "500".into());
    let bus = bus(&config);
    let message = row(1, Topic::Event, "event-1");
    let begin = Instant::now();
    let error = send_failure(&bus, &message).await;
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert!(
        error.contains(&format!("has no topic {}", config.event_topic)),
        "{error}"
    );

    let checks = check_kafka(&config).await;
    for topic in config.topics() {
        let check = find(&checks, &format!("kafka: topic {topic}"));
        let command = format!(
            "kafka-topics.sh --bootstrap-server {} --create --topic {topic} --partitions 6 \
             --replication-factor 1",
            kafka.bootstrap()
        );
        assert_eq!(
            (check.verdict, check.advice.as_deref()),
            (Verdict::Bad, Some(&*command))
        );
    }

    let refused = create_topics(&config, 2, 3).await;
    let error = refused
        .expect_err("there is one broker for three replicas")
        .to_string();
    assert!(error.contains(&config.event_topic), "{error}");
    let made = config
        .topics()
        .map(|topic| CreatedTopic::Created(topic.to_owned()));
    let there = config
        .topics()
        .map(|topic| CreatedTopic::AlreadyExists(topic.to_owned()));
    assert_eq!(create_topics(&config, 2, 1).await.expect("topics"), made);
    assert_eq!(create_topics(&config, 2, 1).await.expect("topics"), there);
    let begin = Instant::now();
    let slice = std::slice::from_ref(&message);
    while bus.send(slice).await.iter().any(Result::is_err) {
        let wait_limit = Duration::from_secs(15);
        assert!(begin.elapsed() < wait_limit, "the topics are there now");
    }
}

#[tokio::test]
async fn the_checkup_reports_what_a_single_broker_lacks() {
    let (kafka, config) = with_topics();
    let checks = check_kafka(&config).await;
    let broker = format!("kafka: broker 1 at {}", kafka.bootstrap());
    let topic = format!("kafka: topic {}", config.event_topic);
    for (subject, verdict) in [
        ("kafka", Verdict::Good),
        (broker.as_str(), Verdict::Good),
        ("kafka: auto.create.topics.enable", Verdict::Good),
        ("kafka: version", Verdict::Good),
        ("kafka: rights", Verdict::Good),
        (topic.as_str(), Verdict::Warning),
        (&format!("{topic}: min.insync.replicas"), Verdict::Good),
        (&format!("{topic}: cleanup.policy"), Verdict::Good),
    ] {
        assert_eq!(find(&checks, subject).verdict, verdict, "{subject}");
    }
    assert_eq!(find(&checks, &topic).found, "4 partitions, 1 replica");
}

pub fn find<'a>(checks: &'a [Check], subject: &str) -> &'a Check {
    let found = checks.iter().find(|check| check.subject == subject);
    found.unwrap_or_else(|| panic!("no check of {subject} in {checks:#?}"))
}
