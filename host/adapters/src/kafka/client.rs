//! librdkafka's properties, and what it says.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{ClientConfig, ClientContext};

use super::config::{
    KafkaConfig, KafkaConfigError, KafkaProtocol, KafkaSecurity, REQUIRED_PROPERTIES,
};

/// What an operator may choose otherwise.
const DEFAULT_PROPERTIES: [(&str, &str); 7] = [
    // A message that is alone leaves at once; those of a slice queue up while the first is on its
    // way.
    ("linger.ms", "0"),
    ("compression.type", "lz4"),
    // As Java's clients do: their consumers find a key in the partition where they expect it.
    ("partitioner", "murmur2_random"),
    // Brokers that are back are used soon, also when they never said good-bye.
    ("reconnect.backoff.max.ms", "1000"),
    ("socket.connection.setup.timeout.ms", "5000"),
    ("socket.keepalive.enable", "true"),
    // How soon a topic that was missing is seen.
    ("topic.metadata.refresh.interval.ms", "5000"),
];
/// For the producer.
pub fn producer_config(config: &KafkaConfig) -> Result<ClientConfig, KafkaConfigError> {
    let mut client = connection_config(config)?;
    for (property, value) in REQUIRED_PROPERTIES {
        client.set(property, value);
    }
    let timeout = config.message_timeout_ms.to_string();
    client.set("message.timeout.ms", timeout);
    Ok(client)
}

/// For questions and orders.
pub fn connection_config(config: &KafkaConfig) -> Result<ClientConfig, KafkaConfigError> {
    let mut client = ClientConfig::new();
    client.set_log_level(RDKafkaLogLevel::Info);
    for (property, value) in DEFAULT_PROPERTIES {
        client.set(property, value);
    }
    // How long a topic that is missing may be one that was just made, of which not every broker
    // has heard yet. After that, and before the message's time is over, the topic is to blame.
    let propagation = config.message_timeout_ms / 4;
    client.set("topic.metadata.propagation.max.ms", propagation.to_string());
    for (property, value) in &config.properties {
        client.set(property, value.expose());
    }
    client
        .set("bootstrap.servers", config.bootstrap())
        .set("client.id", &config.client_id)
        .set("allow.auto.create.topics", "false");
    set_security(&mut client, &config.security)?;
    Ok(client)
}

fn set_security(
    client: &mut ClientConfig,
    security: &KafkaSecurity,
) -> Result<(), KafkaConfigError> {
    let protocol = match security.protocol {
        KafkaProtocol::Plaintext => "plaintext",
        KafkaProtocol::Tls => "ssl",
        KafkaProtocol::SaslPlaintext => "sasl_plaintext",
        KafkaProtocol::SaslTls => "sasl_ssl",
    };
    client.set("security.protocol", protocol);
    if let Some(tls) = security.tls() {
        for (property, file) in [
            ("ssl.ca.location", &tls.ca),
            ("ssl.certificate.location", &tls.certificate),
            ("ssl.key.location", &tls.key),
        ] {
            if let Some(file) = file {
                client.set(property, text(file)?);
            }
        }
    }
    if let Some(sasl) = security.sasl() {
        client.set("sasl.mechanisms", sasl.mechanism.as_str());
        if let (Some(username), Some(password)) = (&sasl.username, &sasl.password) {
            client.set("sasl.username", username);
            client.set("sasl.password", password.expose());
        }
    }
    Ok(())
}

fn text(file: &Path) -> Result<&str, KafkaConfigError> {
    file.to_str()
        .ok_or_else(|| KafkaConfigError::Path(file.to_owned()))
}

/// Remembers what a client said last about its brokers: that a message was not acknowledged in time
/// says nothing about why.
#[derive(Debug, Clone, Default)]
pub struct ClientErrorLog(Arc<Mutex<Option<String>>>);

impl ClientErrorLog {
    pub fn last(&self) -> Option<String> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }

    /// It works now.
    pub fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl ClientContext for ClientErrorLog {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        // What matters comes back as the error of a message, and is logged there.
        tracing::debug!(?level, facility, message, "librdkafka");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "librdkafka");
        // It only repeats what was said of each broker before.
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *last = Some(reason.to_owned());
        }
    }
}
