//! One producer of librdkafka, and how a message looks to it.

use baepo_domain::model::outbox::Message;
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer as _};

use super::client::ClientErrorLog;
use super::config::{KafkaConfigError, refused};
use super::send_failure::{FatalError, SendFailure};

#[derive(Clone)]
pub struct Producer {
    pub librdkafka: FutureProducer<ClientErrorLog>,
    pub error_log: ClientErrorLog,
}

impl Producer {
    pub fn make(client: &ClientConfig) -> Result<Self, KafkaConfigError> {
        let error_log = ClientErrorLog::default();
        let librdkafka = client
            .create_with_context(error_log.clone())
            .map_err(|error| refused(&error))?;
        Ok(Self {
            librdkafka,
            error_log,
        })
    }

    pub fn enqueue(
        &self,
        topic: &str,
        message: &Message,
        source: &str,
    ) -> Result<DeliveryFuture, KafkaError> {
        let payload = serde_json::to_vec(&message.payload).expect("JSON can be written as JSON");
        let record = FutureRecord::to(topic)
            .key(&message.key)
            .payload(&payload)
            .headers(headers(message, source));
        self.librdkafka
            .send_result(record)
            .map_err(|(error, _)| error)
    }

    pub fn send_failure(&self, error: &KafkaError, topic: &str) -> SendFailure {
        match self.fatal_error() {
            Some(fatal_error) => SendFailure::of_fatal(fatal_error, topic),
            None => SendFailure::of(error, topic, self.error_log.last()),
        }
    }

    /// Why it never sends anything any more.
    pub fn fatal_error(&self) -> Option<FatalError> {
        let (code, why) = self.librdkafka.client().fatal_error()?;
        Some(FatalError { code, why })
    }

    /// Dropping the last handle of a producer waits for its threads, so it is done off the async threads.
    pub fn drop_in_background(self) {
        tokio::task::spawn_blocking(move || drop(self));
    }
}

pub async fn acknowledgement(delivery: DeliveryFuture) -> Result<(), KafkaError> {
    match delivery.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err((error, _))) => Err(error),
        Err(_) => Err(KafkaError::Canceled),
    }
}

/// CloudEvents 1.0, Kafka protocol binding 3.2: attributes have the prefix `ce_`, and the payload's
/// type has the name that HTTP gave it.
fn headers(message: &Message, source: &str) -> OwnedHeaders {
    let attributes = [
        ("ce_specversion", "1.0"),
        ("ce_id", &message.id.to_string()),
        ("ce_source", source),
        ("ce_type", message.kind),
        ("ce_time", &message.created_at.to_string()),
        ("content-type", "application/json"),
    ];
    let mut headers = OwnedHeaders::new_with_capacity(attributes.len());
    for (key, value) in attributes {
        let value = Some(value);
        headers = headers.insert(Header { key, value });
    }
    headers
}
