//! An offer has an end, and nothing is sent from then on: by no channel and on no path.
//!
//! What has been sent before stays, is looked for, and can be taken down.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::content::Content;
use crate::model::findings::{Finding, Severity};
use crate::model::reason::Reason;
use crate::model::schedule::Schedule;
use crate::model::time::until;

/// The longest that a channel waits by itself before it sends: adverts at night, from 20:50 to 08:00.
const LONGEST_WAIT: Duration = Duration::from_secs(12 * 60 * 60);

/// When an offer ends: from this time on nothing of it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OfferEnd(pub Timestamp);

impl OfferEnd {
    /// Where the end stands in a draft.
    pub const PLACE: &str = "/content/period/endsAt";

    /// Of content that has a period.
    #[must_use]
    pub fn of(content: &Content) -> Option<Self> {
        content.period.map(|period| Self(period.ends_at))
    }

    /// Whether the offer is over at that time.
    #[must_use]
    pub fn is_over_at(self, time: Timestamp) -> bool {
        time >= self.0
    }

    /// An event whose offer is over cannot be published. Its place is in the draft.
    #[must_use]
    pub fn is_over(self) -> Finding {
        Finding::error(Self::PLACE, Reason::OfferIsOver { end: self.0 }.text())
    }

    /// A publish that is scheduled for the end or later never sends anything.
    #[must_use]
    pub fn schedule_is_too_late(self) -> Finding {
        let reason = Reason::ScheduledAfterOffer { end: self.0 };
        Finding::error("/publishAt", reason.text())
    }

    /// What to consider about a publish that is to begin then, so close to the end that a channel that
    /// has to wait may send nothing.
    #[must_use]
    pub fn warning_for(self, schedule: &Schedule) -> Option<Finding> {
        let warning = if self.is_over_at(schedule.publish_at) {
            self.schedule_is_too_late()
        } else if until(schedule.publish_at, self.0) < LONGEST_WAIT {
            let reason = Reason::ScheduledNearOfferEnd { end: self.0 };
            Finding::error("/publishAt", reason.text())
        } else {
            return None;
        };
        Some(Finding {
            severity: Severity::Warning,
            ..warning
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::Language;

    fn end() -> OfferEnd {
        OfferEnd("2027-03-02T14:59:00Z".parse().expect("a time"))
    }

    fn at(time: &str) -> Schedule {
        Schedule {
            publish_at: time.parse().expect("a time"),
            channels: None,
            problem: None,
        }
    }

    #[test]
    fn the_end_time_itself_is_over() {
        let Schedule { publish_at, .. } = at("2027-03-02T14:58:59.999Z");
        assert!(!end().is_over_at(publish_at));
        assert!(end().is_over_at(end().0));
    }

    #[test]
    fn a_schedule_is_warned_about_from_twelve_hours_before_the_end() {
        assert_eq!(end().warning_for(&at("2027-03-02T02:59:00Z")), None);
        for time in ["2027-03-02T02:59:01Z", "2027-03-02T14:59:00Z"] {
            let warning = end().warning_for(&at(time)).expect("a warning");
            assert_eq!(warning.at, "/publishAt");
            assert_eq!(warning.severity, Severity::Warning);
            let korean = warning.message.get(Language::Korean);
            assert!(korean.contains("2027년 3월 2일 23:59"), "{korean}");
        }
    }
}
