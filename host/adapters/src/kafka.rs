//! The bus on Kafka.
//!
//! A slice of messages is handed to librdkafka in order and awaited then: it travels in as few
//! requests as there are partitions. librdkafka keeps the order per key (one partition, one
//! idempotent producer), repeats what a broker did not acknowledge, and gives up on a message after
//! [`KafkaConfig::message_timeout_ms`], so that nobody waits longer than that. Here is only how a
//! message looks, what its errors mean to an operator, and a new producer when the old one says that
//! it is broken for good.
//!
//! A message is the payload as JSON, with the attributes of CloudEvents 1.0 as headers (its Kafka
//! binding, binary mode). Topics are never created by sending: one that is missing is the
//! operator's to create, and messages go there a few seconds after it is.

mod checkup;
mod client;
mod cluster;
mod config;
mod refusal;
mod topics;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use baepo_domain::outbox::{Message, OutboxRow, Topic};
use baepo_domain::ports::{Bus, BusError};
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer as _};

pub use self::checkup::check_kafka;
use self::client::Complaints;
pub use self::config::{
    KafkaConfig, KafkaConfigError, KafkaMechanism, KafkaProtocol, KafkaSasl, KafkaSecurity,
    KafkaTls,
};
use self::refusal::{Broken, Refusal};
pub use self::topics::{CreatedTopic, TopicsError, create_topics};

/// A producer that breaks at once is not made anew more often than this.
const MADE_ANEW_EVERY: Duration = Duration::from_secs(1);

/// Sends messages to Kafka; each is acknowledged by all replicas that are in sync. Dropping it takes
/// up to half a second.
pub struct KafkaBus {
    config: KafkaConfig,
    client: ClientConfig,
    current: Mutex<Current>,
}

struct Current {
    producer: Producer,
    made: Instant,
}

#[derive(Clone)]
struct Producer {
    librdkafka: FutureProducer<Complaints>,
    complaints: Complaints,
}

impl KafkaBus {
    /// Connects in the background: a bus whose brokers are away is made all the same.
    ///
    /// # Errors
    /// The operator corrects the config.
    pub fn new(config: KafkaConfig) -> Result<Self, KafkaConfigError> {
        let client = client::producing(&config)?;
        let current = Mutex::new(Current {
            producer: Producer::make(&client)?,
            made: Instant::now(),
        });
        Ok(Self {
            config,
            client,
            current,
        })
    }

    /// The producer; a new one when it broke for good, as an idempotent one does when it cannot
    /// tell any more what arrived.
    fn producer(&self) -> Result<Producer, Broken> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(broken) = current.producer.broken() else {
            return Ok(current.producer.clone());
        };
        if current.made.elapsed() < MADE_ANEW_EVERY {
            return Err(broken);
        }
        current.made = Instant::now();
        let Ok(new) = Producer::make(&self.client) else {
            return Err(broken);
        };
        tracing::warn!(
            why = broken.why,
            "the producer of kafka is broken, and a new one was made"
        );
        let old = std::mem::replace(&mut current.producer, new.clone());
        old.retire();
        Ok(new)
    }

    fn topic(&self, topic: Topic) -> &str {
        match topic {
            Topic::Event => &self.config.event_topic,
            Topic::Distribution => &self.config.distribution_topic,
        }
    }

    fn error(&self, refusal: &Refusal) -> BusError {
        BusError(refusal.explain(&self.config))
    }
}

#[async_trait]
impl Bus for KafkaBus {
    async fn send(&self, messages: &[OutboxRow]) -> Vec<Result<(), BusError>> {
        let producer = match self.producer() {
            Ok(producer) => producer,
            Err(broken) => {
                let failed = |row: &OutboxRow| {
                    let topic = self.topic(row.message.topic);
                    Err(self.error(&Refusal::of_broken(broken.clone(), topic)))
                };
                return messages.iter().map(failed).collect();
            }
        };
        let enqueue = |row: &OutboxRow| {
            let topic = self.topic(row.message.topic);
            producer.enqueue(topic, &row.message, &self.config.source)
        };
        let on_their_way: Vec<_> = messages.iter().map(enqueue).collect();
        let mut results = Vec::with_capacity(messages.len());
        for (row, sent) in messages.iter().zip(on_their_way) {
            let outcome = match sent {
                Ok(on_its_way) => arrival(on_its_way).await,
                Err(error) => Err(error),
            };
            let topic = self.topic(row.message.topic);
            let refused = |error| self.error(&producer.refusal(&error, topic));
            results.push(outcome.map_err(refused));
        }
        if results.iter().any(Result::is_ok) {
            producer.complaints.forget();
        }
        if producer.broken().is_some() {
            producer.retire();
        }
        results
    }
}

impl Producer {
    fn make(client: &ClientConfig) -> Result<Self, KafkaConfigError> {
        let complaints = Complaints::default();
        let librdkafka = client
            .create_with_context(complaints.clone())
            .map_err(|error| config::refused(&error))?;
        Ok(Self {
            librdkafka,
            complaints,
        })
    }

    fn enqueue(
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

    fn refusal(&self, error: &KafkaError, topic: &str) -> Refusal {
        match self.broken() {
            Some(broken) => Refusal::of_broken(broken, topic),
            None => Refusal::of(error, topic, self.complaints.last()),
        }
    }

    /// Why it never sends anything any more.
    fn broken(&self) -> Option<Broken> {
        let (code, why) = self.librdkafka.client().fatal_error()?;
        Some(Broken { code, why })
    }

    /// The last to let go of a producer waits for its threads: not where others wait too.
    fn retire(self) {
        tokio::task::spawn_blocking(move || drop(self));
    }
}

async fn arrival(on_its_way: DeliveryFuture) -> Result<(), KafkaError> {
    match on_its_way.await {
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

#[cfg(test)]
mod tests;
