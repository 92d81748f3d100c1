use proptest::prelude::*;

use super::*;
use crate::model::attempt::{AttemptOutcome, Failure, GuestFailure, Report, Usage};
use crate::model::retry::RetryPolicy;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).expect("a valid time")
}

fn lease() -> Lease {
    let holder = crate::model::id::HolderId(uuid::Uuid::nil());
    Lease {
        holder,
        until: at(1_000),
    }
}

fn delivery() -> Delivery {
    let place = NewDelivery {
        distribution: DistributionId(uuid::Uuid::nil()),
        event: EventId(uuid::Uuid::nil()),
        owner: "owner-1".parse().expect("an owner"),
        channel: "instagram".parse().expect("a channel"),
    };
    Delivery::pending(DeliveryId(uuid::Uuid::nil()), place, at(0))
}

fn running() -> Delivery {
    delivery()
        .start(
            AttemptId(uuid::Uuid::nil()),
            Digest::of(b"release"),
            lease(),
            at(1),
        )
        .expect("pending deliveries start")
}

fn report(end: AttemptOutcome, unsafe_sent: bool) -> Report {
    let usage = Usage {
        active_time_ms: 7,
        ..Usage::default()
    };
    Report {
        end,
        usage,
        unsafe_sent,
        in_doubt: false,
        refused_at_end: None,
        remark: None,
        entries: Vec::new(),
    }
}

fn concluded(end: AttemptOutcome, unsafe_sent: bool) -> Delivery {
    running()
        .conclude(
            &report(end, unsafe_sent),
            &RetryPolicy::default(),
            0.5,
            at(2),
        )
        .expect("running deliveries conclude")
}

#[test]
fn live_keeps_the_receipt_and_the_time() {
    let receipt = Receipt {
        external_id: Some("17".into()),
        ..Receipt::default()
    };
    let delivery = concluded(AttemptOutcome::Live(receipt.clone()), true);
    assert_eq!(delivery.status, DeliveryStatus::Live);
    assert_eq!(delivery.receipt, receipt);
    assert_eq!(delivery.execution_time_ms, 7);
    assert_eq!(delivery.message, None);
}

#[test]
fn live_keeps_a_remark_and_no_earlier_note() {
    let accepted = running()
        .accept(
            Receipt::default(),
            Localized::verbatim("under review"),
            at(2),
        )
        .expect("running");
    let remarked = Report {
        remark: Some(Localized::verbatim("3 of 5")),
        ..report(AttemptOutcome::Live(Receipt::default()), true)
    };
    let policy = RetryPolicy::default();
    let live = |report: &Report| {
        let concluded = accepted.clone().conclude(report, &policy, 0.5, at(3));
        concluded.expect("accepted deliveries conclude").message
    };
    let remark = Reason::Given(Localized::verbatim("3 of 5"));
    assert_eq!(live(&remarked), Some(remark));
    assert_eq!(
        live(&report(AttemptOutcome::Live(Receipt::default()), true)),
        None
    );
}

#[test]
fn unavailable_waits_for_the_next_attempt() {
    let delivery = concluded(
        AttemptOutcome::Failure(Failure::Unavailable(Localized::verbatim("503"))),
        false,
    );
    assert_eq!(delivery.status, DeliveryStatus::Pending);
    assert_eq!(delivery.due_at, Some(at(1_502)));
}

#[test]
fn retry_after_is_honoured() {
    let delivery = concluded(
        AttemptOutcome::Failure(Failure::RateLimited(Some(60_000))),
        false,
    );
    assert!(delivery.due_at.is_some_and(|due| due >= at(60_002)));
}

#[test]
fn the_last_attempt_fails_for_good_with_instructions() {
    let mut delivery = delivery();
    for _ in 0..8 {
        delivery = delivery
            .start(
                AttemptId(uuid::Uuid::nil()),
                Digest::of(b"release"),
                lease(),
                at(1),
            )
            .and_then(|delivery| {
                let end = AttemptOutcome::Failure(Failure::Unavailable(Localized::verbatim("503")));
                delivery.conclude(&report(end, false), &RetryPolicy::default(), 0.5, at(2))
            })
            .expect("attempts follow each other");
    }
    assert_eq!(delivery.status, DeliveryStatus::Failed);
    let cause = Box::new(Reason::Given(Localized::verbatim("503")));
    let exhausted = Reason::RetriesExhausted { cause, tries: 8 };
    assert_eq!(delivery.message, Some(exhausted));
    let again = delivery
        .reopen(at(3))
        .expect("a failed delivery can be retried");
    assert_eq!((again.generation, again.tries, again.attempts), (2, 0, 8));
}

#[test]
fn a_guest_failure_after_an_unsafe_request_is_unknown_and_before_it_failed() {
    let death = || AttemptOutcome::GuestFailed(GuestFailure::Host("gone".into()));
    assert_eq!(concluded(death(), true).status, DeliveryStatus::Unknown);
    assert_eq!(concluded(death(), false).status, DeliveryStatus::Failed);
}

#[test]
fn an_accepted_delivery_is_never_restarted() {
    let accepted = running()
        .accept(
            Receipt::default(),
            Localized::verbatim("under review"),
            at(2),
        )
        .expect("running");
    let end = AttemptOutcome::Failure(Failure::Unavailable(Localized::verbatim("503")));
    let waiting = accepted
        .conclude(&report(end, true), &RetryPolicy::default(), 0.5, at(3))
        .expect("accepted deliveries conclude");
    assert_eq!(waiting.status, DeliveryStatus::Accepted);
    assert!(waiting.due_at.is_some());
}

fn in_state(status: DeliveryStatus) -> Delivery {
    Delivery {
        status,
        ..delivery()
    }
}

#[test]
fn an_account_that_is_refused_is_to_be_reconnected() {
    let why = Localized::new("만료", "expired");
    let delivery = concluded(
        AttemptOutcome::Failure(Failure::Unauthorized(why.clone())),
        false,
    );
    assert_eq!(delivery.status, DeliveryStatus::Failed);
    assert_eq!(delivery.findings[0].at, "/accounts/instagram");
    assert_eq!(delivery.message, Some(Reason::Unauthorized(why)));
}

#[test]
fn a_waiting_delivery_shows_its_note_and_keeps_its_state() {
    let told = running().wait(Localized::verbatim("until eight"), at(2));
    assert_eq!(told.status, DeliveryStatus::Running);
    let note = Reason::Given(Localized::verbatim("until eight"));
    assert_eq!(told.message, Some(note));
}

#[test]
fn a_retry_is_due_at_once_and_of_a_new_generation() {
    let again = in_state(DeliveryStatus::Failed)
        .retry(at(5))
        .expect("it failed");
    assert_eq!((again.due_at, again.generation), (Some(at(5)), 2));
    assert!(!again.awaits_order());
}

#[test]
fn a_sleeping_attempt_is_held_by_one_alone() {
    let asleep = running().sleep(at(9), at(2));
    let held = asleep.hold(lease(), at(3)).expect("nobody works on it");
    assert!(held.hold(lease(), at(4)).is_err());
}

fn any_status() -> impl Strategy<Value = DeliveryStatus> {
    proptest::sample::select(DeliveryStatus::ALL.to_vec())
}

proptest! {
    #[test]
    fn a_live_delivery_can_only_be_withdrawn(to in any_status()) {
        prop_assert_eq!(DeliveryStatus::Live.can_transition_to(to), to == DeliveryStatus::Withdrawn);
    }

    #[test]
    fn only_a_failed_or_unknown_delivery_begins_anew(from in any_status()) {
        let begins = from.can_transition_to(DeliveryStatus::Pending);
        let may = matches!(from, DeliveryStatus::Running | DeliveryStatus::Failed | DeliveryStatus::Unknown);
        prop_assert_eq!(begins, may);
    }

    #[test]
    fn a_manual_transition_needs_the_state_that_allows_it(status in any_status()) {
        use DeliveryStatus::{Accepted, ActionRequired, Failed, Live, Pending, Running, Unknown};
        let receipt = Receipt::default;
        prop_assert_eq!(in_state(status).retry(at(1)).is_ok(), status == Failed);
        prop_assert_eq!(in_state(status).confirm(receipt(), at(1)).is_ok(), status == ActionRequired);
        prop_assert_eq!(in_state(status).resolve_live(receipt(), at(1)).is_ok(), status == Unknown);
        prop_assert_eq!(in_state(status).resolve_failed(at(1)).is_ok(), status == Unknown);
        let withdrawable = matches!(status, Pending | Running | Accepted | Live);
        prop_assert_eq!(in_state(status).withdraw(at(1)).is_ok(), withdrawable);
    }

    #[test]
    fn a_settled_delivery_is_answered(status in any_status()) {
        prop_assert!(!status.is_settled() || status.is_answered());
    }
}

#[test]
fn a_wait_without_an_end_ends_within_a_day() {
    let delivery = concluded(
        AttemptOutcome::Failure(Failure::RateLimited(Some(u64::MAX))),
        false,
    );
    let day = std::time::Duration::from_secs(24 * 3_600);
    assert_eq!(delivery.due_at, Some(crate::model::time::after(at(2), day)));
}

#[test]
fn a_manual_retry_overrides_the_provider_s_delay() {
    let waiting = concluded(
        AttemptOutcome::Failure(Failure::RateLimited(Some(u64::MAX))),
        false,
    );
    let hastened = waiting.expedite(at(2)).expect("it waits");
    assert_eq!(hastened.due_at, Some(at(2)));
    assert_eq!(hastened.status, DeliveryStatus::Pending);
    let live = concluded(AttemptOutcome::Live(Receipt::default()), false);
    assert!(live.expedite(at(2)).is_err());
}
