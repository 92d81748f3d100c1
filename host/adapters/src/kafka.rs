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
mod commands;
mod config;
mod producer;
mod send_failure;
mod topics;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use baepo_domain::model::outbox::{OutboxRow, Topic};
use baepo_domain::ports::{Bus, BusError};
use rdkafka::ClientConfig;

pub use self::checkup::check_kafka;
pub use self::config::{
    KafkaConfig, KafkaConfigError, KafkaMechanism, KafkaProtocol, KafkaSasl, KafkaSecurity,
    KafkaTls,
};
use self::producer::{Producer, acknowledgement};
use self::send_failure::{FatalError, SendFailure};
pub use self::topics::{CreatedTopic, TopicsError, create_topics};

/// A producer that breaks at once is not made anew more often than this.
const RECREATE_INTERVAL: Duration = Duration::from_secs(1);

/// Sends messages to Kafka; each is acknowledged by all replicas that are in sync. Dropping it takes
/// up to half a second.
pub struct KafkaBus {
    config: KafkaConfig,
    client: ClientConfig,
    current: Mutex<Current>,
}

struct Current {
    producer: Producer,
    created: Instant,
}

impl KafkaBus {
    /// Connects in the background: a bus whose brokers are away is made all the same.
    ///
    /// # Errors
    /// The operator corrects the config.
    pub fn new(config: KafkaConfig) -> Result<Self, KafkaConfigError> {
        let client = client::producer_config(&config)?;
        let current = Mutex::new(Current {
            producer: Producer::make(&client)?,
            created: Instant::now(),
        });
        Ok(Self {
            config,
            client,
            current,
        })
    }

    /// The producer; a new one when it broke for good, as an idempotent one does when it cannot
    /// tell any more what arrived.
    fn producer(&self) -> Result<Producer, FatalError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(fatal_error) = current.producer.fatal_error() else {
            return Ok(current.producer.clone());
        };
        if current.created.elapsed() < RECREATE_INTERVAL {
            return Err(fatal_error);
        }
        current.created = Instant::now();
        let Ok(new) = Producer::make(&self.client) else {
            return Err(fatal_error);
        };
        tracing::warn!(
            why = fatal_error.why,
            "the producer of kafka is broken, and a new one was made"
        );
        let old = std::mem::replace(&mut current.producer, new.clone());
        old.drop_in_background();
        Ok(new)
    }

    fn topic(&self, topic: Topic) -> &str {
        match topic {
            Topic::Event => &self.config.event_topic,
            Topic::Distribution => &self.config.distribution_topic,
        }
    }

    fn error(&self, send_failure: &SendFailure) -> BusError {
        BusError(send_failure.explain(&self.config))
    }
}

#[async_trait]
impl Bus for KafkaBus {
    async fn send(&self, messages: &[OutboxRow]) -> Vec<Result<(), BusError>> {
        let producer = match self.producer() {
            Ok(producer) => producer,
            Err(fatal_error) => {
                let failed = |row: &OutboxRow| {
                    let topic = self.topic(row.message.topic);
                    Err(self.error(&SendFailure::of_fatal(fatal_error.clone(), topic)))
                };
                return messages.iter().map(failed).collect();
            }
        };
        let enqueue = |row: &OutboxRow| {
            let topic = self.topic(row.message.topic);
            producer.enqueue(topic, &row.message, &self.config.source)
        };
        let enqueued: Vec<_> = messages.iter().map(enqueue).collect();
        let mut results = Vec::with_capacity(messages.len());
        for (row, sent) in messages.iter().zip(enqueued) {
            let outcome = match sent {
                Ok(delivery) => acknowledgement(delivery).await,
                Err(error) => Err(error),
            };
            let topic = self.topic(row.message.topic);
            let refused = |error| self.error(&producer.send_failure(&error, topic));
            results.push(outcome.map_err(refused));
        }
        if results.iter().any(Result::is_ok) {
            producer.error_log.clear();
        }
        if producer.fatal_error().is_some() {
            producer.drop_in_background();
        }
        results
    }
}

#[cfg(test)]
mod tests;
