//! What a consumer that is not ours reads from Kafka: kcat.

use std::collections::{BTreeSet, HashMap};
use std::process::Command;

use baepo_domain::model::outbox::{DISTRIBUTION_COMPLETED, EVENT_CREATED};
use baepo_test_services::find_program;

use crate::stack::TOPICS;

/// Every message of both topics, by event.
#[derive(Debug, Default)]
pub struct Consumed(HashMap<String, Vec<Message>>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Message {
    /// When it was made, in Unix milliseconds, and where it stands in its partition.
    at: i64,
    offset: i64,
    kind: String,
    id: String,
}

/// Reads both topics from their beginning to their end.
///
/// # Panics
/// When kcat is not installed, or cannot read.
pub async fn consume(kafka: &str) -> Consumed {
    let kafka = kafka.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let mut consumed = Consumed::default();
        for topic in TOPICS {
            consumed.read(&kafka, topic);
        }
        consumed
    });
    read.await.expect("kcat reads")
}

impl Consumed {
    fn read(&mut self, kafka: &str, topic: &str) {
        let mut kcat = Command::new(find_program("kcat", "kcat").expect("kcat"));
        kcat.args([
            "-C",
            "-q",
            "-e",
            "-o",
            "beginning",
            "-b",
            kafka,
            "-t",
            topic,
        ])
        .args(["-f", "%k\t%T\t%o\t%h\n"]);
        let done = kcat.output().expect("kcat runs");
        let violation = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "kcat: {violation}");
        for line in String::from_utf8_lossy(&done.stdout).lines() {
            let mut fields = line.split('\t');
            let mut next = || fields.next().unwrap_or_default();
            let (key, at, offset, headers) = (next(), next(), next(), next());
            let header = |name: &str| {
                let mut pairs = headers.split(',').filter_map(|pair| pair.split_once('='));
                let found = pairs.find(|(known, _)| *known == name);
                found.map_or(String::new(), |(_, value)| value.to_owned())
            };
            self.0.entry(key.to_owned()).or_default().push(Message {
                at: at.parse().unwrap_or_default(),
                offset: offset.parse().unwrap_or_default(),
                kind: header("ce_type"),
                id: header("ce_id"),
            });
        }
    }

    /// How many messages of that kind there are of an event, repetitions included.
    #[must_use]
    pub fn count(&self, event: &str, kind: &str) -> usize {
        let messages = self.0.get(event).into_iter().flatten();
        messages.filter(|message| message.kind == kind).count()
    }

    /// What is wrong with the messages of an event: each must be there, as one message that may
    /// have come more than once, and the first announcement before the first completion.
    #[must_use]
    pub fn violations(&self, event: &str) -> Vec<String> {
        let mut violations = Vec::new();
        let none = Vec::new();
        let messages = self.0.get(event).unwrap_or(&none);
        let of = |kind: &'static str| messages.iter().filter(move |message| message.kind == kind);
        for kind in [EVENT_CREATED, DISTRIBUTION_COMPLETED] {
            let ids: BTreeSet<&str> = of(kind).map(|message| message.id.as_str()).collect();
            if ids.len() != 1 {
                violations.push(format!("kafka has {kind} {} times of {event}", ids.len()));
            }
        }
        let announced = of(EVENT_CREATED).map(|message| message.at).min();
        let completed = of(DISTRIBUTION_COMPLETED).map(|message| message.at).min();
        if let (Some(announced), Some(completed)) = (announced, completed)
            && completed < announced
        {
            violations.push(format!("{event} was completed before it was announced"));
        }
        violations
    }
}
