use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::model::attempt::{GuestFailure, Limit, LimitHit};
use crate::model::journal::Divergence;

const END: &str = "2027-03-02T14:59:00Z";

fn end() -> Timestamp {
    END.parse().expect("a time")
}

fn channel() -> ChannelId {
    "paper".parse().expect("a channel")
}

fn slow() -> Localized {
    Localized::new("느립니다", "It is slow").with_detail("limit")
}

fn given() -> Box<Reason> {
    Box::new(Reason::Given(slow()))
}

/// Every reason; each again where what it holds may be missing.
fn all() -> Vec<Reason> {
    let findings = || vec![Finding::error("/title", slow())];
    let divergence = Divergence {
        sequence: 1,
        recorded: "GET".to_owned(),
        given: "POST".to_owned(),
    };
    let hit = |limit| {
        let (used, allowed) = ("2".to_owned(), "1".to_owned());
        let (channel, release) = (channel(), "abc".to_owned());
        GuestFailure::Limit(LimitHit {
            limit,
            used,
            allowed,
            channel,
            release,
        })
    };
    let failure = || GuestFailure::Host("no room".to_owned());
    let trap = GuestFailure::Trap("unreachable".to_owned(), channel(), "abc".to_owned());
    vec![
        Reason::Given(slow()),
        Reason::Rejected(findings()),
        Reason::Rejected(Vec::new()),
        Reason::RateLimited { asked: None },
        Reason::RateLimited {
            asked: Some("come back in 5 ms".to_owned()),
        },
        Reason::Unauthorized(slow()),
        Reason::GuestFailed(failure()),
        Reason::GuestFailed(trap),
        Reason::GuestFailed(hit(Limit::ActiveTime)),
        Reason::GuestFailed(hit(Limit::Fuel)),
        Reason::Diverged(divergence),
        Reason::MayBeOut { cause: given() },
        Reason::RetryScheduled {
            cause: given(),
            tries: 1,
        },
        Reason::RetriesExhausted {
            cause: given(),
            tries: 2,
        },
        Reason::RetriesExhaustedAfterAcceptance {
            cause: given(),
            tries: 2,
        },
        Reason::ProbedAbsent,
        Reason::StillUnknown {
            before: None,
            by_hand: None,
        },
        Reason::StillUnknown {
            before: Some(given()),
            by_hand: Some(slow()),
        },
        Reason::ResolvedAbsent,
        Reason::TakenDown,
        Reason::Cancelled,
        Reason::ChannelNotInstalled(channel()),
        Reason::OptionsInvalid(findings()),
        Reason::ContentMissing,
        Reason::BreakerOpen {
            channel: channel(),
            until: end(),
        },
        Reason::ReleaseUnavailable,
        Reason::StillInProgress {
            before: None,
            answer_within: Duration::from_secs(65),
            due: None,
        },
        Reason::OfferEnded { end: end() },
        Reason::OfferEndsBefore {
            end: end(),
            earliest: end(),
            cause: None,
        },
        Reason::OfferEndedMayBeOut { end: end() },
        Reason::OfferIsOver { end: end() },
        Reason::ScheduledAfterOffer { end: end() },
        Reason::ScheduledNearOfferEnd { end: end() },
        Reason::ScheduleMissedOffer { end: end() },
        Reason::ScheduleIncomplete(vec![DraftField::Content]),
        Reason::ScheduleWithoutChannels(vec![channel()]),
        Reason::NotAnnounced {
            within: Duration::from_secs(10),
        },
        Reason::ChannelsInProgress,
        Reason::CheckFailed(failure()),
        Reason::PreviewFailed(failure()),
        Reason::WithdrawNotInstalled(channel()),
        Reason::WithdrawUnsupported {
            name: Localized::new("신문", "Paper"),
        },
        Reason::NotAPost {
            expected: vec!["https://paper.example/1".to_owned()],
        },
    ]
}

fn has_hangul(text: &str) -> bool {
    text.chars().any(|c| ('가'..='힣').contains(&c))
}

#[test]
fn every_reason_has_words_in_each_language() {
    for reason in all() {
        let text = reason.text();
        let (korean, english) = (text.get(Language::Korean), text.get(Language::English));
        assert!(has_hangul(korean), "{reason:?}: {korean:?}");
        assert!(!english.is_empty(), "{reason:?}");
        assert!(!has_hangul(english), "{reason:?}: {english:?}");
    }
}

#[test]
fn a_stored_reason_is_read_in_the_words_that_it_had() {
    for reason in all() {
        let stored = serde_json::to_string(&reason).expect("JSON");
        let read: Reason = serde_json::from_str(&stored).expect("a reason");
        assert_eq!(read, Reason::Given(reason.text()));
        assert_eq!(serde_json::to_string(&read).expect("JSON"), stored);
    }
}

#[test]
fn a_cause_keeps_its_language_and_its_detail() {
    let text = Reason::RetryScheduled {
        cause: given(),
        tries: 2,
    }
    .text();
    assert_eq!(
        text.tagged(),
        "[ko] 느립니다. 저절로 다시 시도합니다(2번 시도함).\n\
         [en] It is slow. It is tried again by itself (2 times so far).\n[op] limit"
    );
}

#[test]
fn the_reason_for_a_wait_comes_before_the_end_of_the_offer() {
    let text = Reason::OfferEndsBefore {
        end: end(),
        earliest: end(),
        cause: Some(given()),
    }
    .text();
    let korean = text.get(Language::Korean);
    assert!(
        korean.starts_with("느립니다. 2027년 3월 2일 23:59에야"),
        "{korean}"
    );
    let english = text.get(Language::English);
    assert!(english.starts_with("It is slow. It could"), "{english}");
    assert_eq!(text.detail(), Some("limit"));
}

#[test]
fn a_wait_that_a_provider_asked_for_is_a_detail_for_operators() {
    let asked = Some("come back in 5 ms".to_owned());
    let text = Reason::RateLimited { asked }.text();
    assert_eq!(text.detail(), Some("rate limit; come back in 5 ms"));
}
