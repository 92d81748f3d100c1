//! Ids from the clock and from chance.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::chance::Chance;
use super::clock::Clock;

/// Makes ids from the clock and from chance. Each is greater than the one before, also within a
/// millisecond and when the clock goes back: lists by id are in the order of making.
#[derive(Debug, Clone)]
pub struct IdGenerator {
    clock: Arc<dyn Clock>,
    chance: Arc<Chance>,
    last: Arc<Mutex<Moment>>,
}

/// The part of an id that grows: milliseconds, and a counter of 12 bits within one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    millis: u64,
    count: u16,
}

impl Moment {
    const COUNTS: u16 = 1 << 12;

    /// `now` when that is later; else the next there is, borrowing from the next millisecond
    /// when this one's counter is used up.
    fn next(self, now: Self) -> Self {
        if now > self {
            now
        } else if self.count + 1 < Self::COUNTS {
            Self {
                count: self.count + 1,
                ..self
            }
        } else {
            Self {
                millis: self.millis + 1,
                count: 0,
            }
        }
    }
}

impl IdGenerator {
    /// Ids with the time of `clock` and the random part from `chance`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, chance: Arc<Chance>) -> Self {
        Self {
            clock,
            chance,
            last: Arc::default(),
        }
    }

    /// What their random part is drawn from.
    #[must_use]
    pub fn chance(&self) -> &Chance {
        &self.chance
    }

    /// A new UUIDv7.
    #[must_use]
    pub fn next(&self) -> Uuid {
        let mut random = [0; 10];
        self.chance.fill(&mut random);
        let moment = self.moment();
        // The first twelve bits behind the time are the counter (RFC 9562, 6.2, method 1).
        random[..2].copy_from_slice(&moment.count.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(moment.millis, &random).into_uuid()
    }

    fn moment(&self) -> Moment {
        let now = Moment {
            millis: u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0),
            count: 0,
        };
        // Nothing in between can panic.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = last.next(now);
        *last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::clock::ManualClock;

    #[test]
    fn ids_of_one_millisecond_are_in_creation_order() {
        let now = jiff::Timestamp::from_millisecond(1_700_000_000_000).expect("a time");
        let ids = IdGenerator::new(
            Arc::new(ManualClock::at(now)),
            Arc::new(Chance::seeded([7; 32])),
        );
        let made: Vec<Uuid> = (0..10_000).map(|_| ids.next()).collect();
        assert!(made.is_sorted_by(|earlier, later| earlier < later));
        assert!(made.iter().all(|id| id.get_version_num() == 7));
    }
}
