//! The errors of the use cases as problems. What belongs to another owner is reported as not found.

use std::time::Duration;

use baepo_domain::model::attempt::Failure;
use baepo_domain::model::draft::DraftField;
use baepo_domain::model::event::EditRefused;
use baepo_domain::model::findings::{Finding, Findings};
use baepo_domain::model::id::ChannelId;
use baepo_domain::model::reason::Reason;
use baepo_domain::model::text::{Language, Localized};
use baepo_domain::ports::{PullError, StoreError, Unreadable};
use baepo_domain::usecases::accounts::AccountError;
use baepo_domain::usecases::check::CheckError;
use baepo_domain::usecases::delivery_actions::DeliveryActionError;
use baepo_domain::usecases::event_edit::EditError;
use baepo_domain::usecases::publish::PublishError;
use baepo_domain::usecases::releases::ReleaseError;
use baepo_domain::usecases::schedule::ScheduleError;

use super::action_kind::DeliveryActionKind;
use super::error::{ErrorAt, Kind, Problem};

/// Retry after what is short, such as a running attempt; and after an outage of the store.
const SHORT_RETRY: Duration = Duration::from_secs(1);
const STORE_RETRY: Duration = Duration::from_secs(5);
/// The most of a provider's wait that is passed on.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3_600);

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if let Some(Unreadable { table, row, .. }) = error.unreadable() {
            let detail = Localized::new(
                "저장된 데이터를 읽을 수 없으며 다시 시도해도 같습니다. 운영자에게 알려 주세요.",
                "The stored data is unreadable; retrying does not help. Contact the operator.",
            );
            let cause = format!("the row {row} of {table} cannot be read");
            return Self::new(Kind::InternalError, detail).cause(cause);
        }
        let detail = Localized::new(
            "바뀐 것이 없거나 자동으로 다시 처리됩니다. 잠시 뒤에 다시 시도해 주세요.",
            "Either nothing was changed, or processing resumes automatically. Retry later.",
        );
        Self::new(Kind::StoreUnavailable, detail)
            .retry_after(STORE_RETRY)
            .cause(error)
    }
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        match error {
            EditError::NotFound => no_event(),
            EditError::Invalid(findings) => all_invalid(findings),
            EditError::Refused(EditRefused::Publishing) => {
                let detail = Localized::new(
                    "게시가 끝나면 고칠 수 있습니다.",
                    "The event can be changed after the publish has finished.",
                );
                Self::new(Kind::EventIsPublishing, detail).retry_after(SHORT_RETRY)
            }
            EditError::Refused(EditRefused::Distributed) => {
                let detail = Localized::new(
                    "이미 게시된 행사는 채널과 채널 설정만 바꿀 수 있습니다. 내용을 바꾸려면 새 행사를 만들어 주세요.",
                    "After distribution only channels and channel settings can change. Create a new event for other content.",
                );
                Self::new(Kind::EventIsDistributed, detail)
            }
            EditError::Store(error) => error.into(),
        }
    }
}

impl From<PublishError> for Problem {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::NotFound => no_event(),
            PublishError::NotReady(missing) => not_ready(&missing),
            PublishError::UnknownChannels(channels) => unknown_channels(&channels),
            PublishError::OfferEnded(end) => invalid(vec![end.is_over()]),
            PublishError::Running => {
                let detail = Localized::new(
                    "끝날 때까지 기다려 주세요. 같은 Idempotency-Key로 다시 보내면 그 응답을 받습니다.",
                    "Wait until it finishes. Repeat the request with the same Idempotency-Key to get its response.",
                );
                Self::new(Kind::PublishIsRunning, detail).retry_after(SHORT_RETRY)
            }
            PublishError::NotScheduled => {
                let detail = Localized::new(
                    "지금 게시할 예약이 없습니다.",
                    "No publish of this event is due.",
                );
                Self::new(Kind::NothingScheduled, detail)
            }
            PublishError::KeyReused => {
                let detail = Localized::new(
                    "새 요청에는 새 Idempotency-Key를, 같은 요청을 되풀이할 때만 같은 것을 쓰세요.",
                    "Use a new Idempotency-Key for each request; reuse a key only to repeat the same request.",
                );
                Self::new(Kind::IdempotencyKeyReused, detail)
            }
            PublishError::Store(error) => error.into(),
        }
    }
}

impl From<ScheduleError> for Problem {
    fn from(error: ScheduleError) -> Self {
        match error {
            ScheduleError::NotFound => no_event(),
            ScheduleError::Running => {
                let detail = Localized::new(
                    "게시가 이미 시작되었습니다. 끝나면 다시 예약할 수 있습니다.",
                    "The publish has already started; schedule another after it has finished.",
                );
                Self::new(Kind::PublishIsRunning, detail).retry_after(SHORT_RETRY)
            }
            ScheduleError::NotScheduled(status) => {
                let detail = Localized::new(
                    "이 행사에는 취소할 예약이 없습니다.",
                    "Nothing is scheduled for this event.",
                );
                Self::new(Kind::NothingScheduled, detail).member("eventStatus", status)
            }
            ScheduleError::NotReady(missing) => not_ready(&missing),
            ScheduleError::UnknownChannels(channels) => unknown_channels(&channels),
            ScheduleError::Time => {
                let message = Localized::new(
                    "지금부터 1년 안의 시각이어야 합니다. 예: 2026-12-24T18:00:00+09:00",
                    "The time must be within one year from now. Example: 2026-12-24T18:00:00+09:00",
                );
                invalid(vec![Finding::error("/publishAt", message)])
            }
            ScheduleError::OfferEnds(end) => invalid(vec![end.schedule_is_too_late()]),
            ScheduleError::Store(error) => error.into(),
        }
    }
}

/// Why `action_kind` was refused for a delivery.
pub(super) fn delivery_action_problem(
    error: DeliveryActionError,
    action_kind: DeliveryActionKind,
) -> Problem {
    match error {
        DeliveryActionError::NotFound => {
            let detail = Localized::new("이 채널의 게시가 없습니다.", "No such delivery.");
            Problem::new(Kind::NotFound, detail)
        }
        DeliveryActionError::WrongState { status } => {
            Problem::new(Kind::DeliveryInOtherState, action_kind.refusal_in(status))
                .member("deliveryStatus", status)
        }
        DeliveryActionError::Busy => {
            let detail = Localized::new(
                "지금 이 채널에 게시하고 있습니다. 잠시 뒤에 다시 시도해 주세요.",
                "An attempt is in progress. Retry in a moment.",
            );
            Problem::new(Kind::DeliveryIsBusy, detail).retry_after(SHORT_RETRY)
        }
        DeliveryActionError::Invalid(findings) => invalid(findings),
        DeliveryActionError::NotPossible(message) => Problem::new(Kind::ChannelCannot, message),
        DeliveryActionError::NotConnected(message) => {
            Problem::new(Kind::AccountNotConnected, message)
        }
        DeliveryActionError::Provider(failure) => provider_problem(&failure),
        DeliveryActionError::Component(failure) => {
            let cause = failure.to_string();
            Problem::new(Kind::ProviderRefused, Reason::GuestFailed(failure).text()).cause(cause)
        }
        DeliveryActionError::Store(error) => error.into(),
    }
}

fn provider_problem(failure: &Failure) -> Problem {
    let message = failure.reason().text();
    match failure {
        Failure::Unauthorized(_) => Problem::new(Kind::AccountNotConnected, message),
        Failure::RateLimited(wait) => {
            let wait = wait.map_or(STORE_RETRY, Duration::from_millis);
            let wait = wait.min(MAX_RETRY_AFTER);
            Problem::new(Kind::ProviderUnavailable, message).retry_after(wait)
        }
        Failure::Unavailable(_) => {
            Problem::new(Kind::ProviderUnavailable, message).retry_after(STORE_RETRY)
        }
        Failure::Rejected(findings) => {
            Problem::new(Kind::ProviderRefused, message).errors(findings.clone())
        }
        // Retrying does not help; the message names what the owner can do.
        Failure::Failed(_) => Problem::new(Kind::ChannelCannot, message),
        Failure::Unknown(_) => Problem::new(Kind::ProviderRefused, message),
    }
}

impl From<CheckError> for Problem {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::NotFound => no_event(),
            CheckError::NotReady(missing) => not_ready(&missing),
            CheckError::UnknownChannels(channels) => unknown_channels(&channels),
            CheckError::Store(error) => error.into(),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::UnknownChannel(channel) => {
                let detail = Localized::new(
                    format!("{channel} 채널이 없습니다. 채널 목록에서 골라 주세요."),
                    format!("There is no channel {channel}. Choose one of the list of channels."),
                );
                Self::new(Kind::NotFound, detail)
            }
            AccountError::NotFound(channel) => {
                let detail = Localized::new(
                    format!("{channel} 채널에 연결한 계정이 없습니다. 먼저 연결해 주세요."),
                    format!("No account is connected to the channel {channel}. Connect one first."),
                );
                Self::new(Kind::NotFound, detail)
            }
            AccountError::Invalid(findings) => all_invalid(findings),
            AccountError::Store(error) => error.into(),
        }
    }
}

/// For operators, who read the reason unchanged.
impl From<ReleaseError> for Problem {
    fn from(error: ReleaseError) -> Self {
        let text = error.to_string();
        match error {
            ReleaseError::UnknownRelease => {
                let detail = Localized::new(
                    "이 채널에 그런 릴리스가 없습니다.",
                    format!("{text}; GET /api/admin/channels lists them"),
                );
                Self::new(Kind::NotFound, detail)
            }
            ReleaseError::NothingToRollBackTo => {
                let detail = Localized::new("이 채널에는 되돌아갈 이전 릴리스가 없습니다.", text);
                Self::new(Kind::NothingToRollBackTo, detail)
            }
            ReleaseError::OtherChannel { expected, found } => {
                let detail = Localized::new(
                    format!("{expected} 채널이 아니라 {found} 채널의 컴포넌트입니다."),
                    format!("{text}; upload it to /api/admin/channels/{found}/releases"),
                );
                let problem = Self::new(Kind::ReleaseRejected, detail);
                problem.member("channel", expected).member("reason", text)
            }
            ReleaseError::Rejected(reason) => {
                let detail = Localized::new(
                    "컴포넌트를 고쳐 다시 올려 주세요. reason에 까닭이 있습니다.",
                    text,
                );
                Self::new(Kind::ReleaseRejected, detail).member("reason", reason)
            }
            ReleaseError::Pull(error) => {
                let kind = match error {
                    PullError::Unavailable(_) => Kind::RegistryUnavailable,
                    PullError::Refused(_) | PullError::Rejected(_) => Kind::PullRefused,
                };
                let detail = Localized::new(
                    "레지스트리에서 컴포넌트를 가져오지 못했습니다. reason에 까닭이 있습니다.",
                    text.clone(),
                );
                Self::new(kind, detail).member("reason", text)
            }
            ReleaseError::NeedsApproval(_, pending) | ReleaseError::OtherDifferences(pending) => {
                let detail = Localized::new(
                    "이 릴리스가 새로 요청하는 것을 먼저 승인해야 합니다. pending에 있습니다.",
                    format!(
                        "{text}. Look at each in `pending`, and approve them by POST …/approve or \
                         `baepo channel approve`."
                    ),
                );
                Self::new(Kind::ReleaseNeedsApproval, detail).member("pending", pending)
            }
            ReleaseError::Needed(_, _) | ReleaseError::ChannelNeeded(_, _) => {
                let detail = Localized::new(
                    "아직 쓰이고 있어 지울 수 없습니다. reason에 까닭이 있습니다.",
                    text.clone(),
                );
                Self::new(Kind::ReleaseNeeded, detail).member("reason", text)
            }
            ReleaseError::NotPromotable(_) => {
                let detail = Localized::new("이 릴리스는 지금 상태에서 쓸 수 없습니다.", text);
                Self::new(Kind::ReleaseNotPromotable, detail)
            }
            ReleaseError::Host(_) | ReleaseError::NotLoaded(_) => Self::internal(text),
            ReleaseError::Store(error) => error.into(),
        }
    }
}

pub(super) fn no_event() -> Problem {
    let detail = Localized::new("이 ID의 행사가 없습니다.", "No event with this ID.");
    Problem::new(Kind::NotFound, detail)
}

fn invalid(findings: Vec<Finding>) -> Problem {
    Problem::new(Kind::InvalidRequest, Finding::summary(&findings)).errors(findings)
}

fn all_invalid(findings: Findings) -> Problem {
    let total = findings.total();
    invalid(findings.into_kept()).total(total)
}

/// Lists every missing part, each with how to add it.
fn not_ready(missing: &[DraftField]) -> Problem {
    let names: Vec<&str> = missing.iter().map(|part| part.field()).collect();
    let steps = missing.iter().map(|part| ErrorAt {
        at: format!("/{}", part.field()),
        message: next_step(*part),
    });
    let detail = Localized::each(|language| {
        let display_name: Vec<&str> = missing
            .iter()
            .map(|part| part.display_name(language))
            .collect();
        let display_name = display_name.join(", ");
        match language {
            Language::Korean => format!("빠진 것: {display_name}."),
            Language::English => format!("Missing: {display_name}."),
        }
    });
    Problem::new(Kind::EventNotReady, detail)
        .member("missing", &names)
        .errors(steps)
}

fn next_step(part: DraftField) -> Localized {
    let (korean, english) = match part {
        DraftField::Objective => (
            "행사의 목적을 골라 주세요.",
            "Choose what the event is for.",
        ),
        DraftField::Recommendation => ("추천 아이디어를 골라 주세요.", "Choose a marketing idea."),
        DraftField::Content => ("제목과 본문을 써 주세요.", "Write a title and a body."),
        DraftField::Channels => (
            "채널을 하나 이상 골라 주세요.",
            "Choose at least one channel.",
        ),
    };
    Localized::new(korean, english)
}

fn unknown_channels(channels: &[ChannelId]) -> Problem {
    let names: Vec<&str> = channels.iter().map(ChannelId::as_str).collect();
    let names = names.join(", ");
    let detail = Localized::new(
        format!("없는 채널: {names}. 채널 목록에서 다시 골라 주세요."),
        format!("No such channel: {names}. Choose from the list of channels."),
    );
    Problem::new(Kind::UnknownChannels, detail).member("channels", channels)
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::IntoResponse as _;

    use super::*;

    #[tokio::test]
    async fn an_unavailable_store_returns_retry_after_without_its_cause() {
        let error = StoreError("disk /dev/sda1 is gone".into());
        let response = Problem::from(PublishError::Store(error)).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()["retry-after"], "5");
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("sda1"));
    }
}
