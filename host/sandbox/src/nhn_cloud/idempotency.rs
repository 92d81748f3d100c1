//! `X-NC-API-IDEMPOTENCY-KEY`: a repeat within ten minutes is refused, not answered again.

use std::collections::{HashSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::failure::Failure;

const WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// More than 300 requests a second, NHN Cloud's limit, leave behind in the window.
const MAX_KEYS: usize = 200_000;

#[derive(Debug, Default)]
pub(super) struct UsedKeys {
    known: HashSet<String>,
    /// In the order in which they were used, which is that in which they are forgotten.
    order: VecDeque<(Timestamp, String)>,
}

impl UsedKeys {
    pub(super) fn use_once(&mut self, key: String, now: Timestamp) -> Result<(), Failure> {
        self.forget_before(now);
        if !self.known.insert(key.clone()) {
            return Err(Failure::duplicate_key());
        }
        self.order.push_back((now, key));
        Ok(())
    }

    fn forget_before(&mut self, now: Timestamp) {
        let is_over = |(at, _): &(Timestamp, String)| now.duration_since(*at) >= WINDOW;
        while self.order.front().is_some_and(is_over) || self.order.len() >= MAX_KEYS {
            let Some((_, key)) = self.order.pop_front() else {
                break;
            };
            self.known.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_can_be_reused_after_ten_minutes() {
        let mut keys = UsedKeys::default();
        let start: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
        let mut use_at = |after: SignedDuration| keys.use_once("k".into(), start + after);
        assert_eq!(use_at(SignedDuration::ZERO), Ok(()));
        assert_eq!(
            use_at(SignedDuration::from_secs(599)),
            Err(Failure::duplicate_key())
        );
        assert_eq!(use_at(SignedDuration::from_secs(600)), Ok(()));
    }
}
