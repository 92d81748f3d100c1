//! What owners read: every [`Reason`] in words, both languages side by side.

mod attempts;
mod offers;

use crate::model::draft::DraftField;
use crate::model::findings::Finding;
use crate::model::id::ChannelId;
use crate::model::reason::Reason;
use crate::model::text::{Language, Localized};

impl Reason {
    /// What its reader reads, with the rest as the operator's detail.
    #[must_use]
    pub fn text(&self) -> Localized {
        match self {
            Self::Given(text) => text.clone(),
            Self::Rejected(findings) => attempts::rejected(findings),
            Self::RateLimited { asked } => attempts::rate_limited(asked.as_deref()),
            Self::Unauthorized(why) => attempts::unauthorized(why),
            Self::GuestFailed(failure) => attempts::guest_failed(failure),
            Self::Diverged(divergence) => attempts::diverged(divergence),
            Self::MayBeOut { cause } => attempts::may_be_out(cause),
            Self::RetryScheduled { cause, tries } => attempts::retry_scheduled(cause, *tries),
            Self::RetriesExhausted { cause, tries } => attempts::retries_exhausted(cause, *tries),
            Self::RetriesExhaustedAfterAcceptance { cause, tries } => {
                attempts::retries_exhausted_after_acceptance(cause, *tries)
            }
            Self::StillUnknown { before, by_hand } => {
                attempts::still_unknown(before.as_deref(), by_hand.as_ref())
            }
            Self::StillInProgress {
                before,
                answer_within,
                due,
            } => attempts::still_in_progress(before.as_deref(), *answer_within, *due),
            Self::OfferEnded { end } => offers::ended(*end),
            Self::OfferEndsBefore {
                end,
                earliest,
                cause,
            } => offers::ends_before(*end, *earliest, cause.as_deref()),
            Self::OfferEndedMayBeOut { end } => offers::ended_may_be_out(*end),
            Self::OfferIsOver { end } => offers::is_over(*end),
            Self::ScheduledAfterOffer { end } => offers::scheduled_after(*end),
            Self::ScheduledNearOfferEnd { end } => offers::scheduled_near_end(*end),
            Self::ScheduleMissedOffer { end } => offers::schedule_missed(*end),
            Self::BreakerOpen { channel, until } => Localized::new(
                "이 채널의 제공사가 거듭 응답하지 않아 잠시 쉽니다. 곧 저절로 다시 시도합니다.",
                "This channel's provider has not answered several times, so there is a pause. It is tried again soon by itself.",
            )
            .with_detail(format!("the breaker of {channel} is open until {until}")),
            Self::ReleaseUnavailable => Localized::new(
                "채널을 지금 이어서 실행할 수 없어 기다립니다. 저절로 이어집니다.",
                "The channel cannot go on just now and waits. It goes on by itself.",
            )
            .with_detail("the release that the attempt began with cannot be loaded"),
            Self::ProbedAbsent => Localized::new(
                "게시되지 않은 것을 확인했습니다. 저절로 다시 시도합니다.",
                "It is certain that it is not out. It is tried again by itself.",
            ),
            Self::ResolvedAbsent => Localized::new(
                "게시되지 않은 것으로 확인되었습니다. 다시 시도할 수 있습니다.",
                "Somebody looked, and it is not out. It can be retried.",
            ),
            Self::TakenDown => Localized::new("내렸습니다.", "It was taken down."),
            Self::Cancelled => Localized::new(
                "게시되기 전에 취소했습니다.",
                "It was called off before it went out.",
            ),
            Self::ChannelNotInstalled(channel) => Localized::new(
                "이 채널은 지금 쓸 수 없습니다. 운영자에게 알려 주세요.",
                "This channel is not available now. Please tell the operator.",
            )
            .with_detail(format!(
                "the channel {channel} is not installed on this host"
            )),
            Self::OptionsInvalid(findings) => options_invalid(findings),
            Self::ContentMissing => Localized::new(
                "행사에 내용이 없습니다. 내용을 써 주세요.",
                "The event has no content. Write it.",
            ),
            Self::ScheduleIncomplete(missing) => schedule_incomplete(missing),
            Self::ScheduleWithoutChannels(channels) => schedule_without_channels(channels),
            Self::NotAnnounced { within } => Localized::new(
                "지금은 게시를 시작하지 못했습니다. 저절로 이어지니 기다려 주세요.",
                "The publish could not begin just now. It goes on by itself, so please wait.",
            )
            .with_detail(format!(
                "the bus has not acknowledged the event within {} s",
                within.as_secs()
            )),
            Self::ChannelsInProgress => Localized::new(
                "채널이 아직 게시하고 있습니다. 저절로 이어집니다.",
                "channels are still at work; it goes on by itself",
            ),
            Self::CheckFailed(failure) => Localized::new(
                "채널이 내용을 검사하지 못했습니다. 잠시 뒤에 다시 검사해 주세요.",
                "The channel could not check the content. Please check again in a while.",
            )
            .with_detail(failure.to_string()),
            Self::PreviewFailed(failure) => Localized::new(
                "채널이 미리보기를 만들지 못했습니다.",
                "The channel could not make a preview.",
            )
            .with_detail(failure.to_string()),
            Self::WithdrawNotInstalled(channel) => Localized::new(
                "이 채널은 지금 쓸 수 없습니다. 제공사에서 직접 내려 주세요.",
                "This channel is not available now. Please take it down at the provider yourself.",
            )
            .with_detail(format!("the channel {channel} is not installed")),
            Self::WithdrawUnsupported { name } => withdraw_unsupported(name),
            Self::NotAPost { expected } => not_a_post(expected),
        }
    }
}

fn options_invalid(findings: &[Finding]) -> Localized {
    Finding::summary(findings).around(|language, problems| match language {
        Language::Korean => format!("이 채널에서 고른 것을 바꿔 주세요. {problems}"),
        Language::English => format!("Change what is chosen for this channel. {problems}"),
    })
}

fn schedule_incomplete(missing: &[DraftField]) -> Localized {
    Localized::each(|language| {
        let parts = missing.iter().map(|part| part.display_name(language));
        let parts = parts.collect::<Vec<_>>().join(", ");
        match language {
            Language::Korean => format!(
                "예약한 시각에 빠진 것이 있어 게시하지 못했습니다: {parts}. 채운 다음 다시 게시해 주세요."
            ),
            Language::English => format!(
                "The scheduled publish failed: missing {parts}. Add them and publish again."
            ),
        }
    })
}

fn schedule_without_channels(channels: &[ChannelId]) -> Localized {
    let names: Vec<&str> = channels.iter().map(ChannelId::as_str).collect();
    Localized::new(
        "예약한 시각에 쓸 수 없는 채널이 있어 게시하지 못했습니다. 채널을 다시 골라 주세요.",
        "The scheduled publish failed: a channel is not installed. Choose the channels again.",
    )
    .with_detail(format!("not installed: {}", names.join(", ")))
}

fn withdraw_unsupported(name: &Localized) -> Localized {
    name.clone().around(|language, name| match language {
        Language::Korean => {
            format!("{name} 채널은 올린 것을 내릴 수 없습니다. 제공사에서 직접 내려 주세요.")
        }
        Language::English => {
            format!(
                "{name} cannot take down what is out. Please take it down at the provider yourself."
            )
        }
    })
}

fn not_a_post(expected: &[String]) -> Localized {
    let forms = expected.join(", ");
    Localized::new(
        format!(
            "연결한 계정에 올린 글의 주소가 아닙니다. 올린 글을 열고 주소창의 주소를 복사해 주세요. 예: {forms}"
        ),
        format!(
            "This is not the address of a post on the connected account. Open the post and copy its address. Example: {forms}"
        ),
    )
}

#[cfg(test)]
mod tests;
