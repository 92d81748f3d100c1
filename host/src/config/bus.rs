//! `[bus]`: what tells the rest of the company.

use std::collections::BTreeMap;
use std::path::PathBuf;

use baepo_adapters::{KafkaConfig, KafkaLogin, KafkaMechanism, KafkaSecurity, KafkaTls};
use serde::Deserialize;

use super::{BusUrl, Secret};

/// Where `EventCreated` and `DistributionCompleted` go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusConfig {
    /// `outbox:`, or `kafka://host:9092,host:9092`. Default `outbox:`.
    pub url: BusUrl,
    /// The topic of `EventCreated`. Default `event-topic`.
    pub event_topic: String,
    /// The topic of `DistributionCompleted`. Default `distribution-topic`.
    pub distribution_topic: String,
    /// What this process calls itself, for Kafka's logs and quotas. Default `baepo`.
    pub client_id: String,
    /// CloudEvents `source` of every message, a URI reference. Default `/baepo`.
    pub source: String,
    /// How long Kafka may take to acknowledge a message before it is sent again, in ms, 1,000 to
    /// 60,000 and below `publish.acknowledgement_ms`. Default 8,000.
    pub message_timeout_ms: u32,
    pub security: BusSecurity,
    /// Further properties of librdkafka, by their names; some are secrets. Default: none.
    pub properties: BTreeMap<String, Secret>,
}

/// How the connection to Kafka is secured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusSecurity {
    /// `plaintext`, `tls`, `sasl-plaintext` or `sasl-tls`. Default `plaintext`.
    pub protocol: BusProtocol,
    /// With `tls` and `sasl-tls`.
    pub tls: BusTls,
    /// With `sasl-plaintext` and `sasl-tls`.
    pub sasl: BusSasl,
}

/// Kafka's `security.protocol`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BusProtocol {
    /// For a network that nobody else is in.
    #[default]
    Plaintext,
    Tls,
    /// The name and, with PLAIN, the password can be read on the way.
    SaslPlaintext,
    SaslTls,
}

/// The certificates of a connection with TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusTls {
    /// A PEM file of who vouches for the brokers. Default: the system's authorities.
    pub ca: Option<PathBuf>,
    /// A PEM file with the certificate of this process, with `key`. Default: none.
    pub certificate: Option<PathBuf>,
    /// A PEM file with its private key. Default: none.
    pub key: Option<PathBuf>,
}

/// Who this process is for the brokers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusSasl {
    /// `SCRAM-SHA-512`, `SCRAM-SHA-256` or `PLAIN`. Default `SCRAM-SHA-512`.
    pub mechanism: BusMechanism,
    /// Default: none.
    pub username: Option<String>,
    /// Default: none.
    pub password: Option<Secret>,
}

/// Kafka's `sasl.mechanism`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum BusMechanism {
    #[default]
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    #[serde(rename = "PLAIN")]
    Plain,
}

impl BusConfig {
    /// What the adapter of Kafka wants to know; none where the outbox is the bus.
    #[must_use]
    pub fn kafka(&self) -> Option<KafkaConfig> {
        let BusUrl::Kafka(servers) = &self.url else {
            return None;
        };
        let properties = self.properties.iter();
        let properties = properties.map(|(name, value)| (name.clone(), value.expose().to_owned()));
        Some(KafkaConfig {
            brokers: servers.as_slice().to_vec(),
            event_topic: self.event_topic.clone(),
            distribution_topic: self.distribution_topic.clone(),
            client_id: self.client_id.clone(),
            source: self.source.clone(),
            message_timeout_ms: self.message_timeout_ms,
            security: self.security.kafka(),
            properties: properties.collect(),
        })
    }
}

impl BusSecurity {
    fn kafka(&self) -> KafkaSecurity {
        let tls = self.tls.kafka();
        let login = self.sasl.kafka();
        match self.protocol {
            BusProtocol::Plaintext => KafkaSecurity::Plaintext {},
            BusProtocol::Tls => KafkaSecurity::Tls { tls },
            BusProtocol::SaslPlaintext => KafkaSecurity::SaslPlaintext { login },
            BusProtocol::SaslTls => KafkaSecurity::SaslTls { login, tls },
        }
    }
}

impl BusTls {
    fn kafka(&self) -> KafkaTls {
        KafkaTls {
            ca: self.ca.clone(),
            certificate: self.certificate.clone(),
            key: self.key.clone(),
        }
    }
}

impl BusSasl {
    /// A protocol that needs name and password has them: see `contradictions`.
    fn kafka(&self) -> KafkaLogin {
        let password = self.password.as_ref().map(Secret::expose);
        KafkaLogin {
            mechanism: match self.mechanism {
                BusMechanism::ScramSha512 => KafkaMechanism::ScramSha512,
                BusMechanism::ScramSha256 => KafkaMechanism::ScramSha256,
                BusMechanism::Plain => KafkaMechanism::Plain,
            },
            username: self.username.clone().unwrap_or_default(),
            password: password.unwrap_or_default().into(),
        }
    }
}

impl BusProtocol {
    /// Its name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::Tls => "tls",
            Self::SaslPlaintext => "sasl-plaintext",
            Self::SaslTls => "sasl-tls",
        }
    }

    #[must_use]
    pub fn has_tls(self) -> bool {
        matches!(self, Self::Tls | Self::SaslTls)
    }

    #[must_use]
    pub fn has_sasl(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslTls)
    }
}

impl Default for BusConfig {
    fn default() -> Self {
        Self {
            url: BusUrl::Outbox,
            event_topic: "event-topic".to_owned(),
            distribution_topic: "distribution-topic".to_owned(),
            client_id: "baepo".to_owned(),
            source: "/baepo".to_owned(),
            message_timeout_ms: 8_000,
            security: BusSecurity::default(),
            properties: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bus(text: &str) -> BusConfig {
        toml::from_str(text).expect("a section")
    }

    #[test]
    fn the_outbox_needs_no_kafka() {
        assert!(bus("").kafka().is_none());
    }

    #[test]
    fn the_adapter_gets_all_that_was_given() {
        let kafka = bus("
            url = 'kafka://a:9092,[::1]:9093'
            security.protocol = 'sasl-tls'
            security.tls.ca = 'ca.pem'
            security.sasl.mechanism = 'PLAIN'
            security.sasl.username = 'baepo'
            security.sasl.password = 'hunter2'
            properties.'linger.ms' = '5'
        ")
        .kafka()
        .expect("a Kafka");
        assert_eq!(kafka.brokers, ["a:9092", "[::1]:9093"]);
        assert_eq!(kafka.event_topic, "event-topic");
        assert_eq!(kafka.properties["linger.ms"], "5");
        assert_eq!(kafka.problem(), None);
        let KafkaSecurity::SaslTls { login, tls } = &kafka.security else {
            panic!("{kafka:?}")
        };
        assert_eq!(login.username, "baepo");
        assert_eq!(login.mechanism, KafkaMechanism::Plain);
        assert_eq!(tls.ca.as_deref(), Some("ca.pem".as_ref()));
        assert!(!format!("{kafka:?}").contains("hunter2"), "{kafka:?}");
    }
}
