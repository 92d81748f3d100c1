//! Which Kafka, and how to come in.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use baepo_domain::model::outbox::Topic;
use rdkafka::error::KafkaError;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

/// Kafka 3 or later. Only the brokers have no default.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaConfig {
    /// `host:port` of some brokers; they tell of the others.
    pub brokers: Vec<String>,
    /// Where `EventCreated` goes. Default `event-topic`.
    #[serde(default = "event_topic")]
    pub event_topic: String,
    /// Where `DistributionCompleted` goes. Default `distribution-topic`.
    #[serde(default = "distribution_topic")]
    pub distribution_topic: String,
    /// How Baepo is called in the brokers' logs and quotas. Default `baepo`.
    #[serde(default = "client_id")]
    pub client_id: String,
    /// CloudEvents `source` of every message, a URI reference. Default `/baepo`.
    #[serde(default = "source")]
    pub source: String,
    /// After this time without an acknowledgement a message counts as not sent, in ms: 2,000 to
    /// 60,000, and up to a second longer. Default 8,000: below the 10 s that a publish waits.
    #[serde(default = "message_timeout_ms")]
    pub message_timeout_ms: u32,
    /// Default: none, for a network that nobody else is in.
    #[serde(default)]
    pub security: KafkaSecurity,
    /// More properties of librdkafka, such as `linger.ms`. Those that the promises of the bus rest
    /// on are refused.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
}

/// Kafka's `security.protocol`.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "protocol", rename_all = "kebab-case", deny_unknown_fields)]
pub enum KafkaSecurity {
    /// With braces, so that a login that is given all the same is refused.
    Plaintext {},
    Tls {
        #[serde(default)]
        tls: KafkaTls,
    },
    /// The name and, with PLAIN, the password can be read on the way.
    SaslPlaintext { login: KafkaLogin },
    SaslTls {
        login: KafkaLogin,
        #[serde(default)]
        tls: KafkaTls,
    },
}

/// Files in PEM.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KafkaTls {
    /// Who the brokers' certificates are signed by. Default: those whom the machine trusts.
    pub ca: Option<PathBuf>,
    /// Baepo's own certificate, where the brokers ask for one. Together with `key`.
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaLogin {
    pub mechanism: KafkaMechanism,
    pub username: String,
    #[serde(deserialize_with = "secret")]
    pub password: SecretString,
}

/// How a password is shown to a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum KafkaMechanism {
    #[serde(rename = "PLAIN")]
    Plain,
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
}

/// Why no client can be made: the operator corrects the config.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KafkaConfigError {
    #[error("{0}")]
    Invalid(String),
    #[error("properties.\"{0}\" cannot be set: Baepo decides it")]
    Reserved(String),
    /// Values are not shown: they may be secrets.
    #[error("librdkafka does not take the property {property}: {why}")]
    Property { property: String, why: String },
    /// Such as a file that cannot be read.
    #[error("librdkafka cannot start: {0}")]
    Client(String),
}

impl KafkaConfig {
    /// Everything else has its default.
    #[must_use]
    pub fn new(brokers: Vec<String>) -> Self {
        Self {
            brokers,
            event_topic: event_topic(),
            distribution_topic: distribution_topic(),
            client_id: client_id(),
            source: source(),
            message_timeout_ms: message_timeout_ms(),
            security: KafkaSecurity::default(),
            properties: BTreeMap::new(),
        }
    }

    /// What an operator has to correct.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        if self.brokers.is_empty() {
            return Some("brokers must name at least one host:port".to_owned());
        }
        if let Some(broker) = self.brokers.iter().find(|broker| !has_a_port(broker)) {
            return Some(format!("brokers: {broker:?} is not host:port"));
        }
        for (field, name) in [
            ("event_topic", &self.event_topic),
            ("distribution_topic", &self.distribution_topic),
        ] {
            if !is_topic_name(name) {
                let rule = "1 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-'";
                return Some(format!("{field} must have {rule}"));
            }
        }
        if !(2_000..=60_000).contains(&self.message_timeout_ms) {
            return Some("message_timeout_ms must be 2000 to 60000".to_owned());
        }
        if let Some(tls) = self.security.tls()
            && tls.certificate.is_some() != tls.key.is_some()
        {
            return Some("certificate and key must be given together".to_owned());
        }
        None
    }

    pub(super) fn bootstrap(&self) -> String {
        self.brokers.join(",")
    }

    pub(super) fn topics(&self) -> [&str; 2] {
        [&self.event_topic, &self.distribution_topic]
    }
}

impl KafkaSecurity {
    pub(super) fn tls(&self) -> Option<&KafkaTls> {
        match self {
            Self::Tls { tls } | Self::SaslTls { tls, .. } => Some(tls),
            Self::Plaintext {} | Self::SaslPlaintext { .. } => None,
        }
    }

    pub(super) fn login(&self) -> Option<&KafkaLogin> {
        match self {
            Self::SaslPlaintext { login } | Self::SaslTls { login, .. } => Some(login),
            Self::Plaintext {} | Self::Tls { .. } => None,
        }
    }
}

impl Default for KafkaSecurity {
    fn default() -> Self {
        Self::Plaintext {}
    }
}

impl KafkaMechanism {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

/// Without the values of `properties`: some are secrets.
impl fmt::Debug for KafkaConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("KafkaConfig")
            .field("brokers", &self.brokers)
            .field("event_topic", &self.event_topic)
            .field("distribution_topic", &self.distribution_topic)
            .field("client_id", &self.client_id)
            .field("source", &self.source)
            .field("message_timeout_ms", &self.message_timeout_ms)
            .field("security", &self.security)
            .field("properties", &self.properties.keys())
            .finish()
    }
}

pub(super) fn refused(error: &KafkaError) -> KafkaConfigError {
    match error {
        KafkaError::ClientConfig(_, why, property, value) => KafkaConfigError::Property {
            property: property.clone(),
            why: match value.as_str() {
                "" => why.clone(),
                value => why.replace(value, "…"),
            },
        },
        KafkaError::ClientCreation(why) => KafkaConfigError::Client(why.clone()),
        other => KafkaConfigError::Client(other.to_string()),
    }
}

fn has_a_port(broker: &str) -> bool {
    let parts = broker.rsplit_once(':');
    parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

fn is_topic_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=249).contains(&name.len()) && name.bytes().all(allowed) && name != "." && name != ".."
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

fn event_topic() -> String {
    Topic::Event.as_str().to_owned()
}

fn distribution_topic() -> String {
    Topic::Distribution.as_str().to_owned()
}

fn client_id() -> String {
    "baepo".to_owned()
}

fn source() -> String {
    "/baepo".to_owned()
}

fn message_timeout_ms() -> u32 {
    8_000
}

#[cfg(test)]
mod tests;
