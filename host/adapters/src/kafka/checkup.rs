//! Whether Kafka is there, and as Baepo needs it.

use std::collections::HashMap;
use std::time::Instant;

use rdkafka::admin::ResourceSpecifier;

use super::cluster::{AdminError, Broker, Cluster, ClusterMetadata, TopicLayout, TopicState};
use super::commands::{command_config, creation_command, grant_command};
use super::config::KafkaConfig;
use crate::checkup::Check;

type Settings = HashMap<String, String>;

/// Looks at the brokers, at the topics, and at what Baepo may do there; changes nothing. Up to some
/// seconds when a broker does not answer.
pub async fn check_kafka(config: &KafkaConfig) -> Vec<Check> {
    let cluster = match Cluster::connect(config) {
        Ok(cluster) => cluster,
        Err(error) => {
            let advice = "correct the section of Kafka in the config";
            return vec![Check::bad("kafka: config", error.to_string(), advice)];
        }
    };
    let checks = checks(&cluster, config).await;
    cluster.close();
    checks
}

async fn checks(cluster: &Cluster, config: &KafkaConfig) -> Vec<Check> {
    let begin = Instant::now();
    let brokers = match cluster.topic(&config.event_topic).await {
        Ok(ClusterMetadata { brokers, .. }) => brokers,
        Err(why) => {
            let found = format!("no answer from {}: {why}", config.bootstrap());
            let advice = "start Kafka, or correct brokers and security in the config";
            return vec![Check::bad("kafka", found, advice)];
        }
    };
    let took = begin.elapsed().as_millis();
    let found = format!("{}, after {took} ms", count(brokers.len(), "broker"));
    let mut checks = vec![Check::good("kafka", found)];
    let mut settings = Vec::new();
    for broker in &brokers {
        let (check, found) = check_broker(cluster, broker).await;
        checks.push(check);
        settings.extend(found);
    }
    checks.extend(check_version(&settings));
    checks.extend(check_automatic_creation(&settings));
    for topic in config.topics() {
        checks.extend(check_topic(cluster, config, topic, brokers.len()).await);
    }
    checks.push(check_rights(cluster, config));
    checks
}

/// Each is asked for its own settings: an address that only the brokers themselves can reach is
/// found here.
async fn check_broker(cluster: &Cluster, broker: &Broker) -> (Check, Option<Settings>) {
    let subject = format!("kafka: broker {} at {}", broker.id, broker.address);
    let begin = Instant::now();
    let answer = cluster.settings(ResourceSpecifier::Broker(broker.id)).await;
    let took = begin.elapsed().as_millis();
    match answer {
        Ok(settings) => {
            let found = format!("answers after {took} ms");
            (Check::good(&subject, found), Some(settings))
        }
        Err(AdminError::NotAllowed) => {
            let found = format!("answers after {took} ms, and does not show its settings");
            (Check::good(&subject, found), None)
        }
        Err(AdminError::Other(why)) => {
            let advice = "start it, or set its advertised.listeners to an address that this \
                          machine can reach";
            let found = format!("no answer: {why}");
            (Check::bad(&subject, found, advice), None)
        }
    }
}

/// Brokers report their version only by a setting that the fourth does not have any more.
fn check_version(brokers: &[Settings]) -> Option<Check> {
    let subject = "kafka: version";
    let settings = brokers.first()?;
    let Some(protocol) = settings.get("inter.broker.protocol.version") else {
        return Some(Check::good(subject, "4 or later"));
    };
    let major = protocol.split('.').next()?.parse::<u32>().ok()?;
    Some(match major {
        0..3 => Check::warning(
            subject,
            format!("speaks as {protocol}"),
            "Baepo is tried with Kafka 3 and later",
        ),
        3.. => Check::good(subject, format!("speaks as {protocol}")),
    })
}

fn check_automatic_creation(brokers: &[Settings]) -> Option<Check> {
    let subject = "kafka: auto.create.topics.enable";
    let values = brokers
        .iter()
        .map(|settings| settings.get("auto.create.topics.enable"));
    let mut known = values.flatten().peekable();
    known.peek()?;
    let advice = "set it to false: a consumer with a misspelt topic makes one and waits there \
                  for ever. Baepo itself never makes a topic by sending";
    Some(if known.any(|value| value == "true") {
        Check::warning(subject, "true", advice)
    } else {
        Check::good(subject, "false")
    })
}

async fn check_topic(
    cluster: &Cluster,
    config: &KafkaConfig,
    topic: &str,
    brokers: usize,
) -> Vec<Check> {
    let subject = format!("kafka: topic {topic}");
    let state = match cluster.topic(topic).await {
        Ok(answer) => answer.topic,
        Err(why) => TopicState::Other(why),
    };
    let layout = match state {
        TopicState::Exists(layout) => layout,
        TopicState::Missing => {
            let command = creation_command(config, topic, Some(brokers));
            return vec![Check::bad(&subject, "there is none", command)];
        }
        TopicState::NotAuthorized => {
            let found = "Baepo has no right to it";
            return vec![Check::bad(&subject, found, grant_command(config, topic))];
        }
        TopicState::Other(why) => {
            let advice = "look at the brokers' logs";
            return vec![Check::bad(&subject, why, advice)];
        }
    };
    let mut checks = vec![check_layout(&subject, layout)];
    let settings = cluster.settings(ResourceSpecifier::Topic(topic)).await;
    checks.extend(match settings {
        Ok(settings) => check_settings(&subject, config, topic, layout, &settings),
        Err(why) => vec![Check::warning(
            &format!("{subject}: settings"),
            format!("they cannot be read: {why}"),
            "look yourself whether min.insync.replicas is 2 and cleanup.policy is delete",
        )],
    });
    checks
}

fn check_layout(subject: &str, layout: TopicLayout) -> Check {
    let partitions = count(layout.partitions, "partition");
    let found = format!("{partitions}, {}", count(layout.replicas, "replica"));
    if layout.without_leader > 0 {
        let found = format!("{found}; {} without a leader", layout.without_leader);
        Check::bad(subject, found, "start the broker that is away")
    } else if layout.replicas < 2 {
        let advice = "one broker that is lost is messages that are lost: give it 3 replicas with \
                      kafka-reassign-partitions.sh";
        Check::warning(subject, found, advice)
    } else if layout.out_of_sync > 0 {
        let found = format!("{found}; {} not in sync", layout.out_of_sync);
        Check::warning(subject, found, "look for a broker that is away or slow")
    } else {
        Check::good(subject, found)
    }
}

fn check_settings(
    subject: &str,
    config: &KafkaConfig,
    topic: &str,
    layout: TopicLayout,
    settings: &Settings,
) -> Vec<Check> {
    let alter = |setting: &str| {
        let (bootstrap, secure) = (config.bootstrap(), command_config(config));
        format!(
            "kafka-configs.sh --bootstrap-server {bootstrap}{secure} --alter --topic {topic} \
             --add-config {setting}"
        )
    };
    let mut checks = Vec::new();
    let in_sync = settings.get("min.insync.replicas");
    if let Some(in_sync) = in_sync.and_then(|value| value.parse::<usize>().ok()) {
        let subject = format!("{subject}: min.insync.replicas");
        let found = in_sync.to_string();
        checks.push(match in_sync {
            _ if in_sync > layout.replicas => {
                let why = "it is more than there are replicas, so that nothing can be written: ";
                let most = alter(&format!("min.insync.replicas={}", layout.replicas));
                Check::bad(&subject, found, format!("{why}{most}"))
            }
            0..2 if layout.replicas >= 3 => {
                let why = "an acknowledged message may be on one broker alone: ";
                let two = alter("min.insync.replicas=2");
                Check::warning(&subject, found, format!("{why}{two}"))
            }
            2.. if in_sync == layout.replicas => {
                let advice = "nothing can be written while one broker is away: have one more \
                              replica than that";
                Check::warning(&subject, found, advice)
            }
            _ => Check::good(&subject, found),
        });
    }
    if let Some(policy) = settings.get("cleanup.policy") {
        let subject = format!("{subject}: cleanup.policy");
        checks.push(if policy.contains("compact") {
            let why = "of each event only the last message is kept, and slow consumers miss the \
                       others: ";
            let delete = alter("cleanup.policy=delete");
            Check::warning(&subject, policy, format!("{why}{delete}"))
        } else {
            Check::good(&subject, policy)
        });
    }
    checks
}

/// A broker gives a producer its number only when it may write somewhere.
fn check_rights(cluster: &Cluster, config: &KafkaConfig) -> Check {
    let subject = "kafka: rights";
    match cluster.fatal_error() {
        None => Check::good(subject, "no right was refused"),
        Some(why) => {
            let commands = config.topics().map(|topic| grant_command(config, topic));
            Check::bad(subject, why, commands.join(" && "))
        }
    }
}

fn count(number: usize, of: &str) -> String {
    match number {
        1 => format!("1 {of}"),
        _ => format!("{number} {of}s"),
    }
}

#[cfg(test)]
mod tests;
