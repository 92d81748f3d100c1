//! How the end of an offer ends a delivery: it certainly sends nothing any more.

use jiff::Timestamp;

use super::{Delivery, DeliveryStatus, InvalidTransition};
use crate::model::attempt::{AttemptOutcome, Failure, Report};
use crate::model::findings::Finding;
use crate::model::journal::Repeat;
use crate::model::offer_end::OfferEnd;
use crate::model::reason::Reason;
use crate::model::retry::RetryPolicy;

/// Whether the journal of an attempt has all that it sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalCompleteness {
    Complete,
    /// Its host stopped while it was at work: what had not to be committed before it left is missing.
    Truncated,
}

impl Delivery {
    /// As [`Self::conclude`], where nothing may be sent from `offer` on. What has been sent before goes
    /// on being looked for; what would only wait past the end fails now.
    ///
    /// # Errors
    /// Only a RUNNING or ACCEPTED delivery has an attempt that can end.
    pub fn conclude_with_offer_end(
        self,
        offer: OfferEnd,
        completeness: JournalCompleteness,
        report: &Report,
        (policy, chance): (&RetryPolicy, f64),
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let may_be_out = self.status == DeliveryStatus::Accepted
            || report.unsafe_sent
            || report.in_doubt
            || (completeness == JournalCompleteness::Truncated
                && report.refused_at_end == Some(Repeat::Idempotent));
        let concluded = self.clone().conclude(report, policy, chance, now)?;
        let counted = Self {
            execution_time_ms: concluded.execution_time_ms,
            ..self
        };
        match &report.end {
            AttemptOutcome::Failure(Failure::Unknown(_)) if may_be_out => Ok(concluded),
            AttemptOutcome::Failure(_) if report.refused_at_end.is_some() && may_be_out => {
                counted.become_unknown(Reason::OfferEndedMayBeOut { end: offer.0 }, now)
            }
            AttemptOutcome::Failure(_) if report.refused_at_end.is_some() => {
                counted.fail_offer_ended(Reason::OfferEnded { end: offer.0 }, now)
            }
            AttemptOutcome::Asleep { until } if offer.is_over_at(*until) && !may_be_out => {
                let reason = Reason::OfferEndsBefore {
                    end: offer.0,
                    earliest: *until,
                    cause: None,
                };
                concluded.fail_offer_ended(reason, now)
            }
            AttemptOutcome::Failure(failure) if concluded.status == DeliveryStatus::Pending => {
                match concluded.due_at.filter(|due| offer.is_over_at(*due)) {
                    None => Ok(concluded),
                    // It says that nothing is out, and may have meant to ask again.
                    Some(_) if report.in_doubt => {
                        counted.become_unknown(Reason::OfferEndedMayBeOut { end: offer.0 }, now)
                    }
                    Some(due) => {
                        let reason = Reason::OfferEndsBefore {
                            end: offer.0,
                            earliest: due,
                            cause: cause(failure).map(Box::new),
                        };
                        concluded.fail_offer_ended(reason, now)
                    }
                }
            }
            _ => Ok(concluded),
        }
    }

    /// Nothing of it is out, and nothing will be.
    ///
    /// # Errors
    /// Only a PENDING, RUNNING or ACCEPTED delivery.
    pub fn fail_offer_ended(
        self,
        reason: Reason,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let findings = vec![Finding::error(OfferEnd::PLACE, reason.text())];
        Ok(Self {
            findings,
            ..self.fail(reason, now)?
        })
    }
}

fn cause(failure: &Failure) -> Option<Reason> {
    match failure {
        Failure::Unavailable(why) => Some(Reason::Given(why.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::attempt::Usage;
    use crate::model::delivery::{Delivery, NewDelivery};
    use crate::model::id::{AttemptId, DeliveryId, Digest, DistributionId, EventId, HolderId};
    use crate::model::lease::Lease;
    use crate::model::receipt::Receipt;
    use crate::model::text::Localized;

    const END_MS: i64 = 1_000_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).expect("a valid time")
    }

    fn running() -> Delivery {
        let nil = uuid::Uuid::nil();
        let place = NewDelivery {
            distribution: DistributionId(nil),
            event: EventId(nil),
            owner: "owner-1".parse().expect("an owner"),
            channel: "kakao-channel".parse().expect("a channel"),
        };
        let lease = Lease {
            holder: HolderId(nil),
            until: at(END_MS),
        };
        Delivery::pending(DeliveryId(nil), place, at(0))
            .start(AttemptId(nil), Digest::of(b"release"), lease, at(1))
            .expect("pending deliveries start")
    }

    fn accepted() -> Delivery {
        let receipt = Receipt::default();
        running()
            .accept(receipt, Localized::verbatim("under review"), at(2))
            .expect("running")
    }

    fn report(end: AttemptOutcome) -> Report {
        Report {
            end,
            usage: Usage::default(),
            unsafe_sent: false,
            in_doubt: false,
            refused_at_end: None,
            remark: None,
            entries: Vec::new(),
        }
    }

    /// How it ends at that time, whose journal was complete.
    fn ended(delivery: Delivery, report: &Report, now_ms: i64) -> Delivery {
        within(delivery, JournalCompleteness::Complete, report, now_ms)
    }

    fn within(
        delivery: Delivery,
        completeness: JournalCompleteness,
        report: &Report,
        now_ms: i64,
    ) -> Delivery {
        let (policy, end) = (RetryPolicy::default(), OfferEnd(at(END_MS)));
        delivery
            .conclude_with_offer_end(end, completeness, report, (&policy, 0.5), at(now_ms))
            .expect("an attempt that ends")
    }

    fn asleep_until(millis: i64) -> AttemptOutcome {
        AttemptOutcome::Asleep { until: at(millis) }
    }

    fn unavailable() -> AttemptOutcome {
        AttemptOutcome::Failure(Failure::Unavailable(Localized::verbatim("503")))
    }

    fn failed() -> AttemptOutcome {
        let why = Localized::verbatim("not allowed: the offer has ended");
        AttemptOutcome::Failure(Failure::Failed(why))
    }

    #[test]
    fn a_sleep_until_the_end_fails_now_and_a_shorter_one_does_not() {
        let delivery = ended(running(), &report(asleep_until(END_MS)), 10);
        assert_eq!(delivery.status, DeliveryStatus::Failed);
        assert_eq!((delivery.attempt, delivery.due_at), (None, None));
        assert_eq!(delivery.findings[0].at, "/content/period/endsAt");
        let shorter = ended(running(), &report(asleep_until(END_MS - 1)), 10);
        assert_eq!(shorter.status, DeliveryStatus::Running);
    }

    #[test]
    fn a_sleep_behind_something_that_may_be_out_goes_on() {
        let acted = Report {
            unsafe_sent: true,
            ..report(asleep_until(END_MS))
        };
        assert_eq!(ended(running(), &acted, 10).status, DeliveryStatus::Running);
        let in_doubt = Report {
            in_doubt: true,
            ..report(asleep_until(END_MS))
        };
        assert_eq!(
            ended(running(), &in_doubt, 10).status,
            DeliveryStatus::Running
        );
        let review = ended(accepted(), &report(asleep_until(END_MS + 1)), 10);
        assert_eq!(review.status, DeliveryStatus::Accepted);
    }

    #[test]
    fn a_retry_after_the_offer_end_fails_now_with_its_reason() {
        let soon = ended(running(), &report(unavailable()), END_MS - 10_000);
        assert_eq!(soon.status, DeliveryStatus::Pending);
        let late = ended(running(), &report(unavailable()), END_MS - 100);
        assert_eq!(late.status, DeliveryStatus::Failed);
        let cause = Reason::Given(Localized::verbatim("503"));
        assert!(
            matches!(
                &late.message,
                Some(Reason::OfferEndsBefore { cause: Some(why), .. }) if **why == cause
            ),
            "{:?}",
            late.message
        );
        let asked = report(AttemptOutcome::Failure(Failure::RateLimited(Some(20_000))));
        let asked = ended(running(), &asked, END_MS - 10_000);
        assert_eq!(asked.status, DeliveryStatus::Failed);
    }

    #[test]
    fn a_retry_in_doubt_is_left_to_the_probe() {
        let in_doubt = Report {
            in_doubt: true,
            ..report(unavailable())
        };
        let delivery = ended(running(), &in_doubt, END_MS - 100);
        assert_eq!(delivery.status, DeliveryStatus::Unknown);
        assert!(delivery.due_at.is_some(), "its provider is asked");
        // The provider has it: it is attempted again, and looked for then.
        let taken = ended(accepted(), &report(unavailable()), END_MS - 100);
        assert_eq!(taken.status, DeliveryStatus::Accepted);
    }

    #[test]
    fn a_request_refused_at_the_end_fails_the_delivery_unless_something_may_be_out() {
        let refused = |repeat| Report {
            refused_at_end: Some(repeat),
            ..report(failed())
        };
        let (acting, repeated) = (refused(Repeat::Unsafe), refused(Repeat::Idempotent));
        let delivery = ended(running(), &repeated, END_MS);
        assert_eq!(delivery.status, DeliveryStatus::Failed);
        let end = at(END_MS);
        assert_eq!(delivery.message, Some(Reason::OfferEnded { end }));
        assert_eq!(delivery.findings[0].at, "/content/period/endsAt");

        let cut = |report: &Report| {
            within(running(), JournalCompleteness::Truncated, report, END_MS).status
        };
        assert_eq!(
            cut(&acting),
            DeliveryStatus::Failed,
            "its intent would be there"
        );
        assert_eq!(
            cut(&repeated),
            DeliveryStatus::Unknown,
            "it may have left before"
        );
        let out = Report {
            unsafe_sent: true,
            ..acting
        };
        assert_eq!(
            ended(running(), &out, END_MS).status,
            DeliveryStatus::Unknown
        );
        assert_eq!(
            ended(accepted(), &repeated, END_MS).status,
            DeliveryStatus::Unknown
        );
    }

    #[test]
    fn other_outcomes_ignore_the_offer_end() {
        let live = ended(
            running(),
            &report(AttemptOutcome::Live(Receipt::default())),
            END_MS + 1,
        );
        assert_eq!(live.status, DeliveryStatus::Live);
        let failed = ended(running(), &report(failed()), END_MS + 1);
        assert_eq!(failed.findings, []);
    }
}
