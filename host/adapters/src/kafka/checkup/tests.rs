//! What is said of clusters that a test does not have.

use super::*;
use crate::checkup::Verdict;

const THREE: TopicLayout = TopicLayout {
    partitions: 6,
    replicas: 3,
    without_leader: 0,
    out_of_sync: 0,
};

fn config() -> KafkaConfig {
    KafkaConfig::new(vec!["kafka:9092".to_owned()])
}

fn settings(pairs: &[(&str, &str)]) -> Settings {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn a_topic_needs_replicas_with_leaders_and_in_sync() {
    for (layout, verdict, found) in [
        (THREE, Verdict::Good, "6 partitions, 3 replicas"),
        (
            TopicLayout {
                out_of_sync: 2,
                ..THREE
            },
            Verdict::Warning,
            "6 partitions, 3 replicas; 2 not in sync",
        ),
        (
            TopicLayout {
                without_leader: 1,
                ..THREE
            },
            Verdict::Bad,
            "6 partitions, 3 replicas; 1 without a leader",
        ),
        (
            TopicLayout {
                replicas: 1,
                partitions: 1,
                ..THREE
            },
            Verdict::Warning,
            "1 partition, 1 replica",
        ),
    ] {
        let check = check_layout("kafka: topic event-topic", layout);
        assert_eq!((check.verdict, check.found.as_str()), (verdict, found));
    }
}

#[test]
fn min_insync_replicas_is_above_one_and_below_the_replication_factor() {
    for (in_sync, replicas, verdict) in [
        ("2", 3, Verdict::Good),
        ("1", 3, Verdict::Warning),
        ("3", 3, Verdict::Warning),
        ("2", 1, Verdict::Bad),
        ("1", 1, Verdict::Good),
        ("1", 2, Verdict::Good),
        ("2", 2, Verdict::Warning),
    ] {
        let layout = TopicLayout { replicas, ..THREE };
        let settings = settings(&[("min.insync.replicas", in_sync)]);
        let checks = check_settings("kafka", &config(), "event-topic", layout, &settings);
        assert_eq!(checks[0].verdict, verdict, "{in_sync} of {replicas}");
    }
}

#[test]
fn log_compaction_is_rejected() {
    for (policy, verdict) in [
        ("delete", Verdict::Good),
        ("compact", Verdict::Warning),
        ("compact,delete", Verdict::Warning),
    ] {
        let settings = settings(&[("cleanup.policy", policy)]);
        let checks = check_settings("kafka", &config(), "event-topic", THREE, &settings);
        assert_eq!(checks[0].verdict, verdict, "{policy}");
    }
}

#[test]
fn a_broker_version_is_reported_where_available() {
    for (settings, expected) in [
        (
            settings(&[("inter.broker.protocol.version", "3.6-IV2")]),
            Some((Verdict::Good, "speaks as 3.6-IV2")),
        ),
        (
            settings(&[("inter.broker.protocol.version", "2.8-IV1")]),
            Some((Verdict::Warning, "speaks as 2.8-IV1")),
        ),
        (settings(&[]), Some((Verdict::Good, "4 or later"))),
    ] {
        let check = check_version(&[settings]);
        let told = check.as_ref().map(|it| (it.verdict, it.found.as_str()));
        assert_eq!(told, expected);
    }
    assert_eq!(check_version(&[]), None);
}
