//! Offers that end.

use jiff::Timestamp;

use crate::model::reason::Reason;
use crate::model::text::{Language, Localized, format_kst};

pub(super) fn ended(end: Timestamp) -> Localized {
    each(end, |end| {
        (
            format!(
                "행사가 {end}에 끝나서 보내지 않았습니다. 그래도 보내려면 행사가 끝나는 때를 바꾸거나 새 행사를 만들어 다시 게시해 주세요."
            ),
            format!(
                "The offer ended on {end}, so nothing was sent. To send it all the same, change when it ends or make a new event, and publish again."
            ),
        )
    })
}

pub(super) fn ended_may_be_out(end: Timestamp) -> Localized {
    each(end, |end| {
        (
            format!(
                "행사가 {end}에 끝나서 더는 보내지 않습니다. 그 전에 보낸 것이 나갔는지는 아직 확인하지 못했습니다. 채널을 확인해 주세요."
            ),
            format!(
                "The offer ended on {end}, so nothing more is sent. Whether what was sent before is out is not known yet. Please look at the channel."
            ),
        )
    })
}

pub(super) fn is_over(end: Timestamp) -> Localized {
    each(end, |end| {
        (
            format!("행사가 {end}에 이미 끝났습니다. 끝나는 때를 지금보다 뒤로 바꿔 주세요."),
            format!("The offer ended on {end}. Change its end to a time that is still to come."),
        )
    })
}

pub(super) fn scheduled_after(end: Timestamp) -> Localized {
    each(end, |end| {
        (
            format!(
                "행사가 {end}에 끝납니다. 그보다 앞선 때로 예약하거나, 행사가 끝나는 때를 늦춰 주세요."
            ),
            format!(
                "The offer ends on {end}. Choose a time before that, or let the offer end later."
            ),
        )
    })
}

pub(super) fn scheduled_near_end(end: Timestamp) -> Localized {
    each(end, |end| {
        (
            format!(
                "행사가 {end}에 끝나 시간이 얼마 남지 않습니다. 밤에 광고를 보내지 않는 채널처럼 기다려야 하는 채널은 보내지 못할 수 있습니다."
            ),
            format!(
                "The offer ends on {end}, soon after that. A channel that has to wait, as one that sends no adverts at night, may not send it any more."
            ),
        )
    })
}

pub(super) fn schedule_missed(end: Timestamp) -> Localized {
    each(end, |end| {
        (
            format!(
                "예약한 시각에 행사가 이미 끝나 게시하지 않았습니다. 행사가 끝난 때는 {end}입니다. 게시하려면 행사가 끝나는 때를 늦춰 주세요."
            ),
            format!(
                "The offer had ended when its time had come: on {end}. To publish it, let the offer end later."
            ),
        )
    })
}

/// Both texts with the time as the reader of each writes it.
fn each(end: Timestamp, texts: impl Fn(&str) -> (String, String)) -> Localized {
    let (korean, _) = texts(&format_kst(end, Language::Korean));
    let (_, english) = texts(&format_kst(end, Language::English));
    Localized::new(korean, english)
}

pub(super) fn ends_before(
    end: Timestamp,
    earliest: Timestamp,
    cause: Option<&Reason>,
) -> Localized {
    let cause = cause.map(Reason::text).unwrap_or_default().sentence();
    cause.around(|language, why| {
        let (end, then) = (format_kst(end, language), format_kst(earliest, language));
        let why = if why.is_empty() {
            String::new()
        } else {
            format!("{why} ")
        };
        match language {
            Language::Korean => format!(
                "{why}{then}에야 보낼 수 있는데 행사가 {end}에 끝나므로 보내지 않습니다. 보내려면 행사가 끝나는 때를 늦추거나 새 행사를 만들어 다시 게시해 주세요."
            ),
            Language::English => format!(
                "{why}It could not be sent before {then}, and the offer ends on {end}, so it is not sent. To send it, let the offer end later or make a new event, and publish again."
            ),
        }
    })
}
