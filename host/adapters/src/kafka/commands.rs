//! The commands of Kafka that an operator is advised to run.

use super::config::{KafkaConfig, KafkaProtocol};

/// One broker may be lost while another is stopped for maintenance.
const RECOMMENDED_REPLICATION: usize = 3;
/// Enough for some consumers; when more are added later, keys move to other partitions.
const RECOMMENDED_PARTITIONS: usize = 6;

/// The command for a topic as it is in production, or as near to it as that many brokers allow.
pub fn creation_command(config: &KafkaConfig, topic: &str, brokers: Option<usize>) -> String {
    let bootstrap = config.bootstrap();
    let secure = command_config(config);
    let replication = RECOMMENDED_REPLICATION.min(brokers.unwrap_or(RECOMMENDED_REPLICATION));
    let in_sync = match replication {
        0..3 => "",
        3.. => " --config min.insync.replicas=2",
    };
    format!(
        "kafka-topics.sh --bootstrap-server {bootstrap}{secure} --create --topic {topic} \
         --partitions {RECOMMENDED_PARTITIONS} --replication-factor {replication}{in_sync}"
    )
}

/// Kafka's own commands read a login from a file.
pub fn command_config(config: &KafkaConfig) -> &'static str {
    match config.security.protocol {
        KafkaProtocol::Plaintext => "",
        KafkaProtocol::Tls | KafkaProtocol::SaslPlaintext | KafkaProtocol::SaslTls => {
            " --command-config client.properties"
        }
    }
}

/// How an operator lets Baepo write to a topic.
pub fn grant_command(config: &KafkaConfig, topic: &str) -> String {
    let principal = match config.security.protocol {
        KafkaProtocol::Plaintext => "User:ANONYMOUS",
        KafkaProtocol::Tls => "'User:<the certificate's subject>'",
        KafkaProtocol::SaslPlaintext | KafkaProtocol::SaslTls => {
            let username = config.security.sasl.username.as_deref();
            &format!("User:{}", username.unwrap_or_default())
        }
    };
    let brokers = config.bootstrap();
    let secure = command_config(config);
    format!(
        "kafka-acls.sh --bootstrap-server {brokers}{secure} --add --allow-principal {principal} \
         --operation Write --operation Describe --topic {topic}"
    )
}
