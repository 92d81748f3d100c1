//! Making the topics.

use std::time::{Duration, Instant};

use super::cluster::{Cluster, TopicLayout, TopicState};
use super::config::{KafkaConfig, KafkaConfigError};

/// How long a new topic may take to get its leaders.
const LEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// The result of creating a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreatedTopic {
    Created(String),
    /// It stays as it is.
    AlreadyExists(String),
}

/// Why a topic was not made. Those before it were.
#[derive(Debug, thiserror::Error)]
pub enum TopicsError {
    #[error(transparent)]
    Config(#[from] KafkaConfigError),
    /// The brokers are away.
    #[error("kafka at {brokers} does not answer: {why}")]
    Unreachable { brokers: String, why: String },
    /// Too few brokers for so many replicas, or somebody who may not create topics.
    #[error("kafka does not make the topic {topic}: {why}")]
    Refused { topic: String, why: String },
}

/// Makes the topics of the config that are not there yet, and waits until they can be written to.
/// With three replicas or more, a message counts as sent when two have it.
pub async fn create_topics(
    config: &KafkaConfig,
    partitions: u32,
    replication: u32,
) -> Result<Vec<CreatedTopic>, TopicsError> {
    let cluster = Cluster::connect(config)?;
    let mut created = Vec::new();
    for topic in config.topics() {
        match create(&cluster, config, topic, partitions, replication).await {
            Ok(topic) => created.push(topic),
            Err(error) => {
                cluster.close();
                return Err(error);
            }
        }
    }
    cluster.close();
    Ok(created)
}

async fn create(
    cluster: &Cluster,
    config: &KafkaConfig,
    topic: &str,
    partitions: u32,
    replication: u32,
) -> Result<CreatedTopic, TopicsError> {
    let refused = |why| TopicsError::Refused {
        topic: topic.to_owned(),
        why,
    };
    if let TopicState::Exists(_) = state(cluster, config, topic).await? {
        return Ok(CreatedTopic::AlreadyExists(topic.to_owned()));
    }
    let settings: &[_] = match replication {
        0..3 => &[],
        3.. => &[("min.insync.replicas", "2")],
    };
    let made = cluster.create(topic, partitions, replication, settings);
    let made = made.await.map_err(|error| refused(error.to_string()))?;
    let begin = Instant::now();
    while !is_writable(&state(cluster, config, topic).await?) {
        if begin.elapsed() > LEADER_TIMEOUT {
            let why = format!("it has no leaders after {LEADER_TIMEOUT:?}");
            return Err(refused(why));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let name = topic.to_owned();
    Ok(if made {
        CreatedTopic::Created(name)
    } else {
        CreatedTopic::AlreadyExists(name)
    })
}

async fn state(
    cluster: &Cluster,
    config: &KafkaConfig,
    topic: &str,
) -> Result<TopicState, TopicsError> {
    let answer = cluster.topic(topic).await;
    let answer = answer.map_err(|why| {
        let brokers = config.bootstrap();
        TopicsError::Unreachable { brokers, why }
    })?;
    Ok(answer.topic)
}

fn is_writable(state: &TopicState) -> bool {
    matches!(
        state,
        TopicState::Exists(TopicLayout {
            without_leader: 0,
            partitions: 1..,
            ..
        })
    )
}
