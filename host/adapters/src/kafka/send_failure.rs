//! What it means to an operator that a message was not sent.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::commands::{creation_command, grant_command};
use super::config::KafkaConfig;

/// Sorted by what helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendFailure {
    /// The brokers are away, or too slow.
    Unacknowledged { client_error: Option<String> },
    /// Somebody creates it.
    TopicMissing(String),
    /// Somebody gives Baepo the right to write there.
    NotAllowed(String),
    /// There are too few replicas in sync: a broker is away.
    TooFewReplicas(String),
    /// The producer is made anew.
    FatalError { why: String },
    Other {
        topic: String,
        error: String,
        client_error: Option<String>,
    },
}

/// Why a producer never sends anything any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FatalError {
    pub code: RDKafkaErrorCode,
    pub why: String,
}

impl SendFailure {
    /// Who may write nowhere is not given the number that an idempotent producer needs.
    pub fn of_fatal(fatal_error: FatalError, topic: &str) -> Self {
        match fatal_error.code {
            RDKafkaErrorCode::ClusterAuthorizationFailed => Self::NotAllowed(topic.to_owned()),
            _ => Self::FatalError {
                why: fatal_error.why,
            },
        }
    }

    pub fn of(error: &KafkaError, topic: &str, client_error: Option<String>) -> Self {
        use RDKafkaErrorCode as Code;
        let topic = topic.to_owned();
        match error.rdkafka_error_code() {
            Some(Code::MessageTimedOut | Code::BrokerTransportFailure | Code::AllBrokersDown) => {
                Self::Unacknowledged { client_error }
            }
            Some(Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownPartition) => {
                Self::TopicMissing(topic)
            }
            Some(Code::TopicAuthorizationFailed) => Self::NotAllowed(topic),
            Some(Code::NotEnoughReplicas | Code::NotEnoughReplicasAfterAppend) => {
                Self::TooFewReplicas(topic)
            }
            _ => Self::Other {
                topic,
                error: error.to_string(),
                client_error,
            },
        }
    }

    /// For a log: with the addresses that were tried, and without secrets.
    pub fn explain(&self, config: &KafkaConfig) -> String {
        let brokers = config.bootstrap();
        match self {
            Self::Unacknowledged { client_error } => {
                let within = config.message_timeout_ms;
                let why = reason_suffix(client_error.as_deref());
                format!("kafka at {brokers} gave no acknowledgement within {within} ms{why}")
            }
            Self::TopicMissing(topic) => {
                let command = creation_command(config, topic, None);
                format!("kafka at {brokers} has no topic {topic}; create it: {command}")
            }
            Self::NotAllowed(topic) => {
                let command = grant_command(config, topic);
                format!(
                    "kafka at {brokers} does not let Baepo write to the topic {topic}: {command}"
                )
            }
            Self::TooFewReplicas(topic) => format!(
                "kafka at {brokers} has fewer replicas of the topic {topic} in sync than its \
                 min.insync.replicas: a broker is away"
            ),
            Self::FatalError { why } => {
                format!("the producer for kafka at {brokers} is broken and made anew: {why}")
            }
            Self::Other {
                topic,
                error,
                client_error,
            } => {
                let why = reason_suffix(client_error.as_deref());
                format!(
                    "kafka at {brokers} did not take a message for the topic {topic}: {error}{why}"
                )
            }
        }
    }
}

fn reason_suffix(client_error: Option<&str>) -> String {
    client_error.map_or_else(String::new, |client_error| format!(": {client_error}"))
}
