//! From being submitted to being over: no task runs, each reading says what the times make of it.
//!
//! ```text
//! under review ──► rejected
//!       └────────► scheduled ──► running ──► ended
//! ```
//! and cancelled from everywhere but the end. `APPROVED` lasts no time: what is approved is at once
//! scheduled, or running, if its period has begun.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::creation::required;
use super::problem::Problem;
use super::settings::Settings;
use crate::settings::Review;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderPhase {
    UnderReview,
    Rejected,
    Scheduled,
    Running,
    Ended,
    Cancelled,
}

impl OrderPhase {
    /// `running` is the provider's own word for it.
    pub(super) fn status(self, running: &'static str) -> &'static str {
        match self {
            Self::UnderReview => "UNDER_REVIEW",
            Self::Rejected => "REJECTED",
            Self::Scheduled => "SCHEDULED",
            Self::Running => running,
            Self::Ended => "ENDED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Period {
    starts_at: Timestamp,
    ends_at: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PeriodRequest {
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
}

impl PeriodRequest {
    pub(super) fn check(self, now: Timestamp) -> Result<Period, Problem> {
        let starts_at = required("period.startsAt", self.starts_at)?;
        let ends_at = required("period.endsAt", self.ends_at)?;
        if ends_at <= starts_at {
            return Err(Problem::period_invalid("it ends before it starts"));
        }
        if ends_at <= now {
            return Err(Problem::period_invalid("it is over"));
        }
        Ok(Period { starts_at, ends_at })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum ReviewDecision {
    Approved { at: Timestamp },
    Rejected { reason: String },
}

/// Where something that was submitted stands.
#[derive(Debug, Clone)]
pub(super) struct OrderProgress {
    submitted: Timestamp,
    period: Period,
    decision: Option<ReviewDecision>,
    is_cancelled: bool,
}

impl OrderProgress {
    pub(super) fn new(submitted: Timestamp, period: Period) -> Self {
        Self {
            submitted,
            period,
            decision: None,
            is_cancelled: false,
        }
    }

    pub(super) fn submitted(&self) -> Timestamp {
        self.submitted
    }

    pub(super) fn period(&self) -> Period {
        self.period
    }

    /// Writes the verdict down once the review is over, so that later settings do not alter it.
    /// Must precede every read or change of the settings.
    pub(super) fn decide(&mut self, settings: &Settings, now: Timestamp) {
        if self.decision.is_none() && !self.is_cancelled {
            self.decision = decision(self.submitted, settings, now);
        }
    }

    pub(super) fn phase(&self, now: Timestamp) -> OrderPhase {
        match &self.decision {
            _ if self.is_cancelled => OrderPhase::Cancelled,
            None => OrderPhase::UnderReview,
            Some(ReviewDecision::Rejected { .. }) => OrderPhase::Rejected,
            Some(ReviewDecision::Approved { .. }) if now >= self.period.ends_at => {
                OrderPhase::Ended
            }
            Some(ReviewDecision::Approved { .. }) if now >= self.period.starts_at => {
                OrderPhase::Running
            }
            Some(ReviewDecision::Approved { .. }) => OrderPhase::Scheduled,
        }
    }

    /// What ended stays as it is.
    pub(super) fn cancel(&mut self, now: Timestamp) {
        self.is_cancelled |= self.phase(now) != OrderPhase::Ended;
    }

    pub(super) fn rejection(&self) -> Option<&str> {
        match &self.decision {
            Some(ReviewDecision::Rejected { reason }) if !self.is_cancelled => Some(reason),
            _ => None,
        }
    }

    /// When the public first met it, if it is there now.
    pub(super) fn running_since(&self, now: Timestamp) -> Option<Timestamp> {
        match &self.decision {
            Some(ReviewDecision::Approved { at }) if self.phase(now) == OrderPhase::Running => {
                Some(self.period.starts_at.max(*at))
            }
            _ => None,
        }
    }
}

fn decision(submitted: Timestamp, settings: &Settings, now: Timestamp) -> Option<ReviewDecision> {
    let at = submitted + SignedDuration::from_millis(settings.review_ms.into());
    (now >= at).then(|| match settings.review {
        Review::Approve => ReviewDecision::Approved { at },
        Review::Reject => ReviewDecision::Rejected {
            reason: settings.rejection_reason.clone(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: SignedDuration = SignedDuration::from_mins(1);

    fn start() -> Timestamp {
        "2026-03-02T00:00:00Z".parse().unwrap()
    }

    /// On air from the 10th to the 20th minute.
    fn submitted() -> OrderProgress {
        let period = Period {
            starts_at: start() + 10 * MINUTE,
            ends_at: start() + 20 * MINUTE,
        };
        OrderProgress::new(start(), period)
    }

    fn read(progress: &mut OrderProgress, settings: &Settings, minute: i32) -> OrderPhase {
        let now = start() + minute * MINUTE;
        progress.decide(settings, now);
        progress.phase(now)
    }

    #[test]
    fn the_order_state_depends_only_on_time() {
        let settings = Settings::default();
        let at = |minute| read(&mut submitted(), &settings, minute);
        assert_eq!(at(2), OrderPhase::UnderReview);
        assert_eq!(at(3), OrderPhase::Scheduled);
        assert_eq!(at(10), OrderPhase::Running);
        assert_eq!(at(19), OrderPhase::Running);
        assert_eq!(at(20), OrderPhase::Ended);
    }

    #[test]
    fn a_review_decision_survives_settings_changes() {
        let approve = Settings::default();
        let reject = Settings {
            review: Review::Reject,
            ..Settings::default()
        };
        let mut progress = submitted();
        assert_eq!(read(&mut progress, &reject, 2), OrderPhase::UnderReview);
        assert_eq!(read(&mut progress, &approve, 3), OrderPhase::Scheduled);
        assert_eq!(read(&mut progress, &reject, 4), OrderPhase::Scheduled);
    }

    #[test]
    fn a_late_approval_starts_the_run() {
        let settings = Settings {
            review_ms: 15 * 60_000,
            ..Settings::default()
        };
        let mut progress = submitted();
        assert_eq!(read(&mut progress, &settings, 15), OrderPhase::Running);
        let since = progress.running_since(start() + 15 * MINUTE);
        assert_eq!(since, Some(start() + 15 * MINUTE));
    }

    #[test]
    fn an_ended_order_cannot_be_cancelled() {
        let settings = Settings::default();
        let mut running = submitted();
        read(&mut running, &settings, 12);
        running.cancel(start() + 12 * MINUTE);
        assert_eq!(read(&mut running, &settings, 30), OrderPhase::Cancelled);

        let mut ended = submitted();
        read(&mut ended, &settings, 20);
        ended.cancel(start() + 20 * MINUTE);
        assert_eq!(read(&mut ended, &settings, 30), OrderPhase::Ended);
    }
}
