//! How attempts end, and what follows.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::attempt::{GuestFailure, Limit, LimitHit};
use crate::model::findings::{Finding, Severity};
use crate::model::journal::Divergence;
use crate::model::reason::Reason;
use crate::model::text::{Language, Localized};

pub(super) fn unauthorized(why: &Localized) -> Localized {
    why.clone().around(|language, why| match language {
        Language::Korean => format!("계정을 다시 연결해 주세요. {why}"),
        Language::English => format!("Connect the account again. {why}"),
    })
}

pub(super) fn diverged(divergence: &Divergence) -> Localized {
    Localized::new(
        "채널 프로그램을 이어서 실행하지 못했습니다.",
        "The channel's program could not go on where it was.",
    )
    .with_detail(divergence.to_string())
}

pub(super) fn may_be_out(cause: &Reason) -> Localized {
    cause.text().around(|language, why| match language {
        Language::Korean => format!(
            "{why} 요청이 이미 나갔으므로 게시되었을 수 있습니다. 다시 올리기 전에 채널을 확인해 주세요."
        ),
        Language::English => format!(
            "{why} A request had left, so the post may be out: look at the channel before you publish it again."
        ),
    })
}

/// The findings that stopped it.
pub(super) fn rejected(findings: &[Finding]) -> Localized {
    let errors: Vec<Finding> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .cloned()
        .collect();
    if errors.is_empty() {
        return Localized::new(
            "제공사가 내용을 받지 않았습니다. 내용을 바꿔 다시 게시해 주세요.",
            "The provider does not take the content. Change it and publish again.",
        );
    }
    Finding::summary(&errors)
}

pub(super) fn rate_limited(asked: Option<&str>) -> Localized {
    let text = Localized::new(
        "제공사가 지금은 더 받지 않으니 잠시 기다려 달라고 합니다.",
        "The provider takes no more for now and asks to wait.",
    )
    .with_detail("rate limit");
    match asked {
        Some(asked) => text.with_detail(asked),
        None => text,
    }
}

pub(super) fn guest_failed(failure: &GuestFailure) -> Localized {
    let text = match failure {
        GuestFailure::Limit(LimitHit {
            limit: Limit::ActiveTime,
            ..
        }) => Localized::new(
            "채널이 정해진 시간 안에 끝내지 못해 멈췄습니다. 다시 시도해 주세요.",
            "The channel did not finish in the time that it has and was stopped. Please retry.",
        ),
        GuestFailure::Trap(..) | GuestFailure::Limit(_) => Localized::new(
            "채널 프로그램에 문제가 생겨 멈췄습니다. 다시 시도해도 같으면 운영자에게 알려 주세요.",
            "The channel's program has a fault and was stopped. If it happens again, please tell the operator.",
        ),
        GuestFailure::Host(_) => Localized::new(
            "지금은 채널을 실행할 수 없습니다. 잠시 뒤에 다시 시도해 주세요.",
            "The channel cannot be run just now. Please retry in a while.",
        ),
    };
    text.with_detail(failure.to_string())
}

pub(super) fn retry_scheduled(cause: &Reason, tries: u32) -> Localized {
    let cause = cause.text().sentence();
    cause.around(|language, why| match language {
        Language::Korean => format!("{why} 저절로 다시 시도합니다({tries}번 시도함)."),
        Language::English => {
            format!(
                "{why} It is tried again by itself ({} so far).",
                times(tries)
            )
        }
    })
}

pub(super) fn retries_exhausted(cause: &Reason, tries: u32) -> Localized {
    let cause = cause.text().sentence();
    cause.around(|language, why| match language {
        Language::Korean => {
            format!("{why} {tries}번 시도하고 멈췄습니다. 나중에 다시 시도해 주세요.")
        }
        Language::English => format!(
            "{why} It was tried {} and is not tried again by itself: retry it later.",
            times(tries)
        ),
    })
}

pub(super) fn retries_exhausted_after_acceptance(cause: &Reason, tries: u32) -> Localized {
    let cause = cause.text().sentence();
    cause.around(|language, why| match language {
        Language::Korean => format!(
            "{why} 제공사가 이미 받았으므로 게시되었을 수 있습니다({tries}번 시도함). 채널에서 직접 확인해 주세요."
        ),
        Language::English => format!(
            "{why} The provider has taken it already, so it may be out ({}). Please look at the channel.",
            times(tries)
        ),
    })
}

fn times(tries: u32) -> String {
    match tries {
        1 => "once".to_owned(),
        more => format!("{more} times"),
    }
}

pub(super) fn still_unknown(before: Option<&Reason>, by_hand: Option<&Localized>) -> Localized {
    let by_hand = by_hand.cloned().unwrap_or_else(|| {
        Localized::new(
            "채널을 직접 확인하고 결과를 입력해 주세요.",
            "Please look at the channel yourself and enter what you found.",
        )
    });
    let before = before.map(Reason::text).unwrap_or_default().sentence();
    before.around(|language, why| format!("{why} {}", by_hand.get(language)).trim().to_owned())
}

pub(super) fn still_in_progress(
    before: Option<&Reason>,
    answer_within: Duration,
    due: Option<Timestamp>,
) -> Localized {
    let progress = match before {
        Some(before) => before.text(),
        None => Localized::new("아직 진행하고 있습니다.", "In progress."),
    };
    let limit = answer_within.as_millis();
    let until = match due {
        Some(due) => format!("due at {due}"),
        None => "it is still running".to_owned(),
    };
    progress
        .sentence()
        .around(|language, progress| match language {
            Language::Korean => format!("{progress} 저절로 이어집니다."),
            Language::English => format!("{progress} It goes on by itself."),
        })
        .with_detail(format!("limit \"answer time\": {limit} ms; {until}"))
}
