//! Signals that wait to be sent or to be received.

use std::collections::BTreeSet;

use baepo_domain::model::id::DistributionId;
use baepo_domain::ports::Signal;

/// Distributions that are waited for one by one; of more than that everything is looked at.
const MAX_PENDING: usize = 1_000;
/// Distributions in one message. PostgreSQL's messages are shorter than 8,000 bytes; an id with
/// its space is 33.
const MAX_PER_MESSAGE: usize = 200;

const MISSED: &str = "missed";
const RELEASES: &str = "releases";
const MOVED: &str = "moved";

/// Each signal once.
#[derive(Debug, Default)]
pub struct PendingSignals {
    /// Then nothing else is here.
    missed: bool,
    releases: bool,
    moved: BTreeSet<DistributionId>,
}

impl PendingSignals {
    pub fn add(&mut self, signal: Signal) {
        match signal {
            // `Missed` makes its receiver look at everything, so the others add nothing.
            _ if self.missed => {}
            Signal::Moved(distribution)
                if self.moved.len() < MAX_PENDING || self.moved.contains(&distribution) =>
            {
                self.moved.insert(distribution);
            }
            Signal::Releases => self.releases = true,
            Signal::Moved(_) | Signal::Missed => {
                *self = Self {
                    missed: true,
                    ..Self::default()
                }
            }
        }
    }

    pub fn add_all(&mut self, mut others: Self) {
        while let Some(signal) = others.take_one() {
            self.add(signal);
        }
    }

    pub fn is_empty(&self) -> bool {
        !self.missed && !self.releases && self.moved.is_empty()
    }

    /// Releases first: they are few, and deliveries begin on them.
    pub fn take_one(&mut self) -> Option<Signal> {
        if std::mem::take(&mut self.missed) {
            Some(Signal::Missed)
        } else if std::mem::take(&mut self.releases) {
            Some(Signal::Releases)
        } else {
            self.moved.pop_first().map(Signal::Moved)
        }
    }

    /// As texts, each short enough for a message.
    pub fn messages(&self) -> impl Iterator<Item = String> {
        let moved: Vec<String> = self
            .moved
            .iter()
            .map(|id| id.0.simple().to_string())
            .collect();
        let moved: Vec<String> = moved
            .chunks(MAX_PER_MESSAGE)
            .map(|ids| format!("{MOVED} {}", ids.join(" ")))
            .collect();
        let words = [(self.missed, MISSED), (self.releases, RELEASES)];
        let words = words.into_iter().filter(|(is_there, _)| *is_there);
        words.map(|(_, word)| word.to_owned()).chain(moved)
    }
}

/// The signals in a text. What a later version has to say is passed over.
pub fn read(text: &str) -> Vec<Signal> {
    let (word, ids) = text.split_once(' ').unwrap_or((text, ""));
    match word {
        MISSED => vec![Signal::Missed],
        RELEASES => vec![Signal::Releases],
        MOVED => {
            let ids = ids.split(' ').filter_map(|id| id.parse().ok());
            ids.map(Signal::Moved).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn moved(number: usize) -> Signal {
        Signal::Moved(DistributionId(Uuid::from_u128(number as u128)))
    }

    fn all(mut pending: PendingSignals) -> Vec<Signal> {
        std::iter::from_fn(|| pending.take_one()).collect()
    }

    #[test]
    fn signals_round_trip_within_the_message_size_limit() {
        let mut pending = PendingSignals::default();
        for number in (0..MAX_PENDING).chain(0..MAX_PENDING) {
            pending.add(moved(number));
            pending.add(Signal::Releases);
        }
        let messages: Vec<String> = pending.messages().collect();
        assert_eq!(messages.len(), 1 + MAX_PENDING / MAX_PER_MESSAGE);
        assert!(messages.iter().all(|message| message.len() < 7_900));
        let read: Vec<Signal> = messages.iter().flat_map(|message| read(message)).collect();
        assert_eq!(read, all(pending));
        assert_eq!(read.len(), 1 + MAX_PENDING);
    }

    #[test]
    fn an_overflow_of_signals_becomes_missed() {
        let mut pending = PendingSignals::default();
        for number in 0..=MAX_PENDING {
            pending.add(moved(number));
        }
        pending.add(Signal::Releases);
        let messages: Vec<String> = pending.messages().collect();
        assert_eq!(messages, ["missed"]);
        assert_eq!(all(pending), [Signal::Missed]);
    }

    #[test]
    fn unknown_signals_are_ignored() {
        for text in ["rescheduled 0198", "moved 0198 x", ""] {
            assert_eq!(read(text), [], "{text:?}");
        }
    }
}
