//! Questions and orders to a cluster.

use std::collections::HashMap;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::bindings::rd_kafka_resp_err_t as ErrorCode;
use rdkafka::client::DefaultClientContext;
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::metadata::{Metadata, MetadataTopic};
use rdkafka::producer::Producer as _;

use super::client;
use super::config::{KafkaConfig, KafkaConfigError, refused};
use super::producer::Producer;

/// How long an answer may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection for administrators. [`Cluster::close`] it: to drop it takes time.
pub struct Cluster {
    /// Says why no broker answers; the other does not.
    metadata_client: Producer,
    admin_client: AdminClient<DefaultClientContext>,
}

/// What a cluster says of itself and of one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterMetadata {
    pub brokers: Vec<Broker>,
    pub topic: TopicState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    pub id: i32,
    /// As it is advertised to clients; may differ from the bootstrap address.
    pub address: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TopicState {
    Exists(TopicLayout),
    Missing,
    /// Whether it is there is not for us to know.
    NotAuthorized,
    Other(String),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TopicLayout {
    pub partitions: usize,
    /// Of the partition that has the fewest.
    pub replicas: usize,
    /// Partitions that nobody can write to.
    pub without_leader: usize,
    /// Partitions of which a replica is behind or away.
    pub out_of_sync: usize,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminError {
    /// The user may not ask it.
    NotAllowed,
    Other(String),
}

impl Cluster {
    pub fn connect(config: &KafkaConfig) -> Result<Self, KafkaConfigError> {
        let admin_client = client::connection_config(config)?.create();
        Ok(Self {
            metadata_client: Producer::make(&client::producer_config(config)?)?,
            admin_client: admin_client.map_err(|error| refused(&error))?,
        })
    }

    /// Asks whichever broker answers first; the error is its reason or the network's.
    pub async fn topic(&self, name: &str) -> Result<ClusterMetadata, String> {
        let (metadata_client, topic) = (self.metadata_client.clone(), name.to_owned());
        let response = tokio::task::spawn_blocking(move || {
            let client = metadata_client.librdkafka.client();
            client.fetch_metadata(Some(&topic), REQUEST_TIMEOUT)
        });
        match response.await {
            Ok(Ok(metadata)) => Ok(ClusterMetadata::read(&metadata)),
            Ok(Err(error)) => {
                let client_error = self.metadata_client.error_log.last();
                Err(client_error.unwrap_or_else(|| error.to_string()))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// What is set for a topic or a broker; a broker answers for itself.
    pub async fn settings(
        &self,
        of: ResourceSpecifier<'_>,
    ) -> Result<HashMap<String, String>, AdminError> {
        let response = self.admin_client.describe_configs([&of], &options());
        let answers = response.await.map_err(|error| AdminError::from(&error))?;
        let answer = answers.into_iter().next();
        let resource = answer.ok_or_else(|| AdminError::Other("an empty answer".to_owned()))?;
        let entries = resource.map_err(AdminError::of_code)?.entries;
        let with_value = |entry: rdkafka::admin::ConfigEntry| Some((entry.name, entry.value?));
        Ok(entries.into_iter().filter_map(with_value).collect())
    }

    /// `false`: it is there already, and stays as it is.
    pub async fn create(
        &self,
        name: &str,
        partitions: u32,
        replication: u32,
        settings: &[(&str, &str)],
    ) -> Result<bool, AdminError> {
        let number = |number| i32::try_from(number).unwrap_or(i32::MAX);
        let replication = TopicReplication::Fixed(number(replication));
        let mut topic = NewTopic::new(name, number(partitions), replication);
        for (setting, value) in settings {
            topic = topic.set(setting, value);
        }
        let response = self.admin_client.create_topics([&topic], &options());
        let answers = response.await.map_err(|error| AdminError::from(&error))?;
        match answers.into_iter().next() {
            Some(Ok(_)) => Ok(true),
            Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(false),
            Some(Err((_, code))) => Err(AdminError::of_code(code)),
            None => Err(AdminError::Other("an empty answer".to_owned())),
        }
    }

    /// Why this user can send nothing at all.
    pub fn fatal_error(&self) -> Option<String> {
        self.metadata_client
            .fatal_error()
            .map(|fatal_error| fatal_error.why)
    }

    pub fn close(self) {
        tokio::task::spawn_blocking(move || drop(self));
    }
}

fn options() -> AdminOptions {
    AdminOptions::new()
        .request_timeout(Some(REQUEST_TIMEOUT))
        .operation_timeout(Some(REQUEST_TIMEOUT))
}

impl ClusterMetadata {
    fn read(metadata: &Metadata) -> Self {
        let broker = |broker: &rdkafka::metadata::MetadataBroker| Broker {
            id: broker.id(),
            address: format!("{}:{}", broker.host(), broker.port()),
        };
        let topic = metadata.topics().first();
        Self {
            brokers: metadata.brokers().iter().map(broker).collect(),
            topic: topic.map_or(TopicState::Missing, TopicState::read),
        }
    }
}

impl TopicState {
    fn read(topic: &MetadataTopic) -> Self {
        match topic.error() {
            None => Self::Exists(TopicLayout::read(topic)),
            Some(ErrorCode::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) => Self::Missing,
            Some(ErrorCode::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) => Self::NotAuthorized,
            Some(code) => Self::Other(RDKafkaErrorCode::from(code).to_string()),
        }
    }
}

impl TopicLayout {
    fn read(topic: &MetadataTopic) -> Self {
        let partitions = topic.partitions();
        let replicas = partitions
            .iter()
            .map(|partition| partition.replicas().len());
        let without_leader = partitions.iter().filter(|partition| partition.leader() < 0);
        let behind = |partition: &&rdkafka::metadata::MetadataPartition| {
            partition.isr().len() < partition.replicas().len()
        };
        Self {
            partitions: partitions.len(),
            replicas: replicas.min().unwrap_or_default(),
            without_leader: without_leader.count(),
            out_of_sync: partitions.iter().filter(behind).count(),
        }
    }
}

impl AdminError {
    fn from(error: &rdkafka::error::KafkaError) -> Self {
        match error {
            rdkafka::error::KafkaError::AdminOp(code) => Self::of_code(*code),
            other => Self::Other(other.to_string()),
        }
    }

    fn of_code(code: RDKafkaErrorCode) -> Self {
        match code {
            RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::ClusterAuthorizationFailed => Self::NotAllowed,
            other => Self::Other(other.to_string()),
        }
    }
}

impl std::fmt::Display for AdminError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAllowed => formatter.write_str("the user is not allowed to"),
            Self::Other(why) => formatter.write_str(why),
        }
    }
}
