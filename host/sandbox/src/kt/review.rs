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

use super::{creation::required, problem::Problem, settings::Settings};
use crate::settings::Review;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    UnderReview,
    Rejected,
    Scheduled,
    Running,
    Ended,
    Cancelled,
}

impl Stage {
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
enum Verdict {
    Approved { at: Timestamp },
    Rejected { reason: String },
}

/// Where something that was submitted stands.
#[derive(Debug, Clone)]
pub(super) struct Course {
    submitted: Timestamp,
    period: Period,
    verdict: Option<Verdict>,
    is_cancelled: bool,
}

impl Course {
    pub(super) fn new(submitted: Timestamp, period: Period) -> Self {
        Self {
            submitted,
            period,
            verdict: None,
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
    /// Whoever reads or changes the settings does this first.
    pub(super) fn decide(&mut self, settings: &Settings, now: Timestamp) {
        if self.verdict.is_none() && !self.is_cancelled {
            self.verdict = verdict(self.submitted, settings, now);
        }
    }

    pub(super) fn stage(&self, now: Timestamp) -> Stage {
        match &self.verdict {
            _ if self.is_cancelled => Stage::Cancelled,
            None => Stage::UnderReview,
            Some(Verdict::Rejected { .. }) => Stage::Rejected,
            Some(Verdict::Approved { .. }) if now >= self.period.ends_at => Stage::Ended,
            Some(Verdict::Approved { .. }) if now >= self.period.starts_at => Stage::Running,
            Some(Verdict::Approved { .. }) => Stage::Scheduled,
        }
    }

    /// What ended stays as it is.
    pub(super) fn cancel(&mut self, now: Timestamp) {
        self.is_cancelled |= self.stage(now) != Stage::Ended;
    }

    pub(super) fn rejection(&self) -> Option<&str> {
        match &self.verdict {
            Some(Verdict::Rejected { reason }) if !self.is_cancelled => Some(reason),
            _ => None,
        }
    }

    /// When the public first met it, if it is there now.
    pub(super) fn running_since(&self, now: Timestamp) -> Option<Timestamp> {
        match &self.verdict {
            Some(Verdict::Approved { at }) if self.stage(now) == Stage::Running => {
                Some(self.period.starts_at.max(*at))
            }
            _ => None,
        }
    }
}

fn verdict(submitted: Timestamp, settings: &Settings, now: Timestamp) -> Option<Verdict> {
    let at = submitted + SignedDuration::from_millis(settings.review_ms.into());
    (now >= at).then(|| match settings.review {
        Review::Approve => Verdict::Approved { at },
        Review::Reject => Verdict::Rejected {
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
    fn submitted() -> Course {
        let period = Period {
            starts_at: start() + 10 * MINUTE,
            ends_at: start() + 20 * MINUTE,
        };
        Course::new(start(), period)
    }

    fn read(course: &mut Course, settings: &Settings, minute: i32) -> Stage {
        let now = start() + minute * MINUTE;
        course.decide(settings, now);
        course.stage(now)
    }

    #[test]
    fn a_course_goes_by_the_times_alone() {
        let settings = Settings::default();
        let at = |minute| read(&mut submitted(), &settings, minute);
        assert_eq!(at(2), Stage::UnderReview);
        assert_eq!(at(3), Stage::Scheduled);
        assert_eq!(at(10), Stage::Running);
        assert_eq!(at(19), Stage::Running);
        assert_eq!(at(20), Stage::Ended);
    }

    #[test]
    fn a_verdict_stays_whatever_the_settings_become() {
        let approve = Settings::default();
        let reject = Settings {
            review: Review::Reject,
            ..Settings::default()
        };
        let mut course = submitted();
        assert_eq!(read(&mut course, &reject, 2), Stage::UnderReview);
        assert_eq!(read(&mut course, &approve, 3), Stage::Scheduled);
        assert_eq!(read(&mut course, &reject, 4), Stage::Scheduled);
    }

    #[test]
    fn what_is_approved_late_runs_from_its_approval() {
        let settings = Settings {
            review_ms: 15 * 60_000,
            ..Settings::default()
        };
        let mut course = submitted();
        assert_eq!(read(&mut course, &settings, 15), Stage::Running);
        let since = course.running_since(start() + 15 * MINUTE);
        assert_eq!(since, Some(start() + 15 * MINUTE));
    }

    #[test]
    fn what_has_ended_is_not_cancelled_any_more() {
        let settings = Settings::default();
        let mut running = submitted();
        read(&mut running, &settings, 12);
        running.cancel(start() + 12 * MINUTE);
        assert_eq!(read(&mut running, &settings, 30), Stage::Cancelled);

        let mut ended = submitted();
        read(&mut ended, &settings, 20);
        ended.cancel(start() + 20 * MINUTE);
        assert_eq!(read(&mut ended, &settings, 30), Stage::Ended);
    }
}
