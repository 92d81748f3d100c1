//! Which Kafka, and how to come in: options of `[bus]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use baepo_domain::model::options::{self, Contradiction, Secret};
use baepo_domain::model::outbox::Topic;
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use serde::{Deserialize, Deserializer};
use url::Url;

/// What an operator decides about Kafka 3 or later. Only the brokers have no default, and they are
/// no option of their own: the address of the bus names them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KafkaConfig {
    /// `host:port` of some brokers, which name the others.
    #[serde(skip)]
    pub brokers: Vec<String>,
    /// The topic of `EventCreated`. Default `event-topic`.
    #[serde(deserialize_with = "topic")]
    pub event_topic: String,
    /// The topic of `DistributionCompleted`. Default `distribution-topic`.
    #[serde(deserialize_with = "topic")]
    pub distribution_topic: String,
    /// What Baepo calls itself in the brokers' logs and quotas. Default `baepo`.
    #[serde(deserialize_with = "client_id")]
    pub client_id: String,
    /// CloudEvents `source` of every message. Default `/baepo`.
    #[serde(deserialize_with = "source")]
    pub source: String,
    /// After this time without an acknowledgement a message counts as not sent, in ms, and up to a
    /// second later. Default 8,000: below the 10 s that a publish waits. librdkafka looks for such
    /// messages once a second, so less than 2 s would be no limit.
    #[serde(deserialize_with = "options::ms::<2_000, 60_000, _, _>")]
    pub message_timeout_ms: u32,
    pub security: KafkaSecurity,
    /// More properties of librdkafka, such as `linger.ms`, but none that the promises of the bus
    /// rest on or that is an option of its own. Some are secrets. Default: none.
    #[serde(deserialize_with = "properties")]
    pub properties: BTreeMap<String, Secret>,
}

/// How the connection is secured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KafkaSecurity {
    /// Default `plaintext`, for a network that nobody else is in.
    pub protocol: KafkaProtocol,
    /// With `tls` and `sasl-tls`.
    pub tls: KafkaTls,
    /// With `sasl-plaintext` and `sasl-tls`.
    pub sasl: KafkaSasl,
}

/// Kafka's `security.protocol`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KafkaProtocol {
    #[default]
    Plaintext,
    Tls,
    /// The name and, with PLAIN, the password can be read on the way.
    SaslPlaintext,
    SaslTls,
}

/// Files in PEM.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KafkaTls {
    /// The authorities that signed the brokers' certificates. Default: none, those that the machine
    /// trusts.
    #[serde(deserialize_with = "options::path")]
    pub ca: Option<PathBuf>,
    /// Baepo's own certificate, where the brokers ask for one. Together with `key`.
    #[serde(deserialize_with = "options::path")]
    pub certificate: Option<PathBuf>,
    /// Its private key.
    #[serde(deserialize_with = "options::path")]
    pub key: Option<PathBuf>,
}

/// Who Baepo is for the brokers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KafkaSasl {
    /// Default `SCRAM-SHA-512`.
    pub mechanism: KafkaMechanism,
    #[serde(deserialize_with = "username")]
    pub username: Option<String>,
    pub password: Option<Secret>,
}

/// Kafka's `sasl.mechanism`: how a password is shown to a broker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum KafkaMechanism {
    #[default]
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    #[serde(rename = "PLAIN")]
    Plain,
}

/// Why no client can be made, though every option by itself is allowed: the operator corrects the
/// config.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KafkaConfigError {
    /// A path that librdkafka cannot be given.
    #[error("{} is not a name in UTF-8", .0.display())]
    Path(PathBuf),
    /// Values are not shown: they may be secrets.
    #[error("librdkafka does not take the property {property}: {why}")]
    Property { property: String, why: String },
    /// Such as a file that cannot be read.
    #[error("librdkafka cannot start: {0}")]
    Client(String),
}

impl Default for KafkaConfig {
    fn default() -> Self {
        Self {
            brokers: Vec::new(),
            event_topic: Topic::Event.as_str().to_owned(),
            distribution_topic: Topic::Distribution.as_str().to_owned(),
            client_id: "baepo".to_owned(),
            source: "/baepo".to_owned(),
            message_timeout_ms: 8_000,
            security: KafkaSecurity::default(),
            properties: BTreeMap::new(),
        }
    }
}

impl KafkaConfig {
    /// Everything else has its default.
    #[must_use]
    pub fn new(brokers: Vec<String>) -> Self {
        Self {
            brokers,
            ..Self::default()
        }
    }

    /// What does not fit together, as the options of `section`.
    #[must_use]
    pub fn contradictions(&self, section: &str) -> Vec<Contradiction> {
        self.security.contradictions(&format!("{section}.security"))
    }

    pub(super) fn bootstrap(&self) -> String {
        self.brokers.join(",")
    }

    pub(super) fn topics(&self) -> [&str; 2] {
        [&self.event_topic, &self.distribution_topic]
    }
}

impl KafkaSecurity {
    /// The certificates, where the protocol has any.
    pub(super) fn tls(&self) -> Option<&KafkaTls> {
        self.protocol.has_tls().then_some(&self.tls)
    }

    /// The login, where the protocol has one.
    pub(super) fn sasl(&self) -> Option<&KafkaSasl> {
        self.protocol.has_sasl().then_some(&self.sasl)
    }

    fn contradictions(&self, section: &str) -> Vec<Contradiction> {
        let (tls, sasl, protocol) = (&self.tls, &self.sasl, self.protocol);
        let key = |name: &str| format!("{section}.{name}");
        let of_protocol = |name: &str, is: &str| {
            let (key, protocol_key) = (key(name), key("protocol"));
            let text = format!("{key} {is} {protocol_key} is {}", protocol.as_str());
            Contradiction::new(&[&key, &protocol_key], text)
        };
        let mut found = Vec::new();
        for (name, is_given) in [
            ("tls.ca", tls.ca.is_some()),
            ("tls.certificate", tls.certificate.is_some()),
            ("tls.key", tls.key.is_some()),
        ] {
            if is_given && !protocol.has_tls() {
                found.push(of_protocol(name, "is given, but"));
            }
        }
        for (name, is_given) in [
            ("sasl.username", sasl.username.is_some()),
            ("sasl.password", sasl.password.is_some()),
        ] {
            match (is_given, protocol.has_sasl()) {
                (true, false) => found.push(of_protocol(name, "is given, but")),
                (false, true) => found.push(of_protocol(name, "is missing, and")),
                (true, true) | (false, false) => {}
            }
        }
        if tls.certificate.is_some() != tls.key.is_some() {
            let (certificate, private_key) = (key("tls.certificate"), key("tls.key"));
            let text = format!("{certificate} and {private_key} must be given together");
            found.push(Contradiction::new(&[&certificate, &private_key], text));
        }
        found
    }
}

impl KafkaProtocol {
    /// Its name in the configuration.
    fn as_str(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::Tls => "tls",
            Self::SaslPlaintext => "sasl-plaintext",
            Self::SaslTls => "sasl-tls",
        }
    }

    fn has_tls(self) -> bool {
        matches!(self, Self::Tls | Self::SaslTls)
    }

    fn has_sasl(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslTls)
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

fn topic<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let allowed = "1 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-'";
    options::text(deserializer, allowed, |name| {
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let holds = (1..=249).contains(&name.len()) && name.bytes().all(is_legal);
        (holds && name != "." && name != "..").then(|| name.to_owned())
    })
}

fn client_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let allowed = "1 to 200 visible characters of ASCII";
    options::text(deserializer, allowed, |text| {
        let holds = (1..=200).contains(&text.len()) && is_graphic(text);
        holds.then(|| text.to_owned())
    })
}

fn source<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let allowed = "a URI reference, such as /baepo or https://events.example";
    options::text(deserializer, allowed, |text| {
        let base = Url::parse("http://localhost").ok();
        let reference = Url::options().base_url(base.as_ref()).parse(text);
        (!text.is_empty() && is_graphic(text) && reference.is_ok()).then(|| text.to_owned())
    })
}

fn is_graphic(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn username<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    options::text(deserializer, "a name", |text| {
        (!text.is_empty()).then(|| Some(text.to_owned()))
    })
}

fn properties<'de, D>(deserializer: D) -> Result<BTreeMap<String, Secret>, D::Error>
where
    D: Deserializer<'de>,
{
    let allowed = "texts by the names of librdkafka's properties, such as \"linger.ms\" = \"5\"";
    options::entries(deserializer, allowed, |name, value| {
        let is_allowed = !name.is_empty() && !value.is_empty() && !is_reserved(name);
        (is_allowed && is_known(name, value)).then(|| (name.to_owned(), Secret::from(value)))
    })
}

/// What the promises of the bus rest on: acknowledged by all, once, in order, and in no topic that
/// nobody made.
pub(super) const REQUIRED_PROPERTIES: [(&str, &str); 3] = [
    ("acks", "all"),
    ("enable.idempotence", "true"),
    ("allow.auto.create.topics", "false"),
];
/// Other names for the same, and what has its own place in the config.
const MANAGED_PROPERTIES: [&str; 14] = [
    "request.required.acks",
    "message.timeout.ms",
    "delivery.timeout.ms",
    "bootstrap.servers",
    "metadata.broker.list",
    "client.id",
    "security.protocol",
    "sasl.mechanism",
    "sasl.mechanisms",
    "sasl.username",
    "sasl.password",
    "ssl.ca.location",
    "ssl.certificate.location",
    "ssl.key.location",
];

fn is_reserved(property: &str) -> bool {
    MANAGED_PROPERTIES.contains(&property)
        || REQUIRED_PROPERTIES
            .iter()
            .any(|(promised, _)| *promised == property)
}

/// Whether librdkafka knows that property and takes that value.
fn is_known(name: &str, value: &str) -> bool {
    let mut client = ClientConfig::new();
    client.set(name, value).create_native_config().is_ok()
}

#[cfg(test)]
mod tests;
