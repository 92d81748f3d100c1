//! `--create-topics`: the only thing that the doctor changes.

use baepo_adapters::{Check, CreatedTopic, create_topics};
use clap::Args;

use crate::config::Config;

/// How missing topics are created.
#[derive(Debug, Args)]
pub struct NewTopics {
    /// Make the topics of Kafka that are not there; those that are stay as they are.
    #[arg(long, requires_all = ["partitions", "replication"])]
    create_topics: bool,
    /// How many partitions a new topic has: at least as many as its consumers. When some are added
    /// later, the order of an event's messages is lost once.
    #[arg(long, value_name = "N", requires = "create_topics")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    partitions: Option<u32>,
    /// How many brokers keep a new topic. With 3 or more, a message counts as sent when 2 have it.
    #[arg(long, value_name = "N", requires = "create_topics")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
    replication: Option<u32>,
}

impl NewTopics {
    /// Creates them if that was asked for; a check per topic.
    pub async fn create(&self, config: &Config) -> Vec<Check> {
        const SUBJECT: &str = "kafka: new topics";
        let (true, Some(partitions), Some(replication)) =
            (self.create_topics, self.partitions, self.replication)
        else {
            return Vec::new();
        };
        let Some(kafka) = config.bus.kafka() else {
            let advice = "give Kafka's address in bus.url, such as kafka://kafka:9092";
            return vec![Check::bad(
                SUBJECT,
                "the outbox is the bus: it has none",
                advice,
            )];
        };
        match create_topics(&kafka, partitions, replication).await {
            Ok(topics) => topics
                .iter()
                .map(|topic| created_check(SUBJECT, topic))
                .collect(),
            Err(error) => {
                let advice = "look at the checks below";
                vec![Check::bad(
                    SUBJECT,
                    format!("{:#}", anyhow::Error::from(error)),
                    advice,
                )]
            }
        }
    }
}

fn created_check(subject: &str, topic: &CreatedTopic) -> Check {
    let found = match topic {
        CreatedTopic::Created(name) => format!("{name} was made"),
        CreatedTopic::AlreadyExists(name) => format!("{name} was there"),
    };
    Check::good(subject, found)
}
