//! What the use cases refuse, as problems. Somebody else's things are not found, as if they were
//! not there.

use std::time::Duration;

use baepo_domain::attempt::Failure;
use baepo_domain::check::CheckError;
use baepo_domain::connect::ConnectError;
use baepo_domain::content::Finding;
use baepo_domain::draft::Part;
use baepo_domain::edit::EditError;
use baepo_domain::event::EditRefused;
use baepo_domain::findings::Findings;
use baepo_domain::id::ChannelId;
use baepo_domain::life::LifeError;
use baepo_domain::ports::{StoreError, Unreadable};
use baepo_domain::publish::PublishError;
use baepo_domain::schedule::ScheduleError;
use baepo_domain::swap::SwapError;
use baepo_domain::text::{Language, in_language};

use super::error::{ErrorAt, Kind, Problem};
use super::layers::internal_error;

/// How long what is short takes: a publish between two looks, a store that comes back.
const SOON: Duration = Duration::from_secs(1);
const STORE_IS_BACK: Duration = Duration::from_secs(5);
/// The most of a provider's wait that is passed on.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3_600);

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if let Some(Unreadable { table, row, .. }) = error.unreadable() {
            let detail = format!(
                "what is stored of it cannot be read, and asking again does not help: an operator \
                 finds the row {row} of {table} in the log"
            );
            return Self::new(Kind::InternalError, detail);
        }
        let detail = "nothing was changed, or it goes on by itself; come back later";
        Self::new(Kind::StoreUnavailable, detail)
            .retry_after(STORE_IS_BACK)
            .cause(error)
    }
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        let text = error.to_string();
        match error {
            EditError::NotFound => no_event(),
            EditError::Invalid(findings) => all_invalid(&text, findings),
            EditError::Refused(EditRefused::Publishing) => {
                Self::new(Kind::EventIsPublishing, text).retry_after(SOON)
            }
            EditError::Refused(EditRefused::Distributed) => {
                Self::new(Kind::EventIsDistributed, text)
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
            PublishError::OfferEnded(end) => offer_problem(end.is_over(), Language::default()),
            PublishError::Running => {
                let detail = "wait for it to end; with its Idempotency-Key you get its answer";
                Self::new(Kind::PublishIsRunning, detail).retry_after(SOON)
            }
            PublishError::NotScheduled => {
                Self::new(Kind::NothingScheduled, "no publish of this event is due")
            }
            PublishError::KeyReused => {
                let detail =
                    "take a new key for every new request, the same key only to repeat one";
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
                let detail = "it has begun; when it has ended another can be scheduled";
                Self::new(Kind::PublishIsRunning, detail).retry_after(SOON)
            }
            ScheduleError::NotScheduled(status) => {
                let detail = format!("nothing is scheduled; the event is {}", status.as_str());
                Self::new(Kind::NothingScheduled, detail).member("eventStatus", status)
            }
            ScheduleError::NotReady(missing) => not_ready(&missing),
            ScheduleError::UnknownChannels(channels) => unknown_channels(&channels),
            ScheduleError::Time => invalid(
                "publishAt must lie between now and a year from now",
                vec![Finding::error("/publishAt", "from now to a year ahead")],
            ),
            ScheduleError::OfferEnds(end) => {
                offer_problem(end.schedule_is_too_late(), Language::default())
            }
            ScheduleError::Store(error) => error.into(),
        }
    }
}

/// Why nothing was published, to the reader.
pub(super) fn publish_problem(error: PublishError, language: Language) -> Problem {
    match error {
        PublishError::OfferEnded(end) => offer_problem(end.is_over(), language),
        other => other.into(),
    }
}

/// Why nothing was scheduled, to the reader.
pub(super) fn schedule_problem(error: ScheduleError, language: Language) -> Problem {
    match error {
        ScheduleError::OfferEnds(end) => offer_problem(end.schedule_is_too_late(), language),
        other => other.into(),
    }
}

fn offer_problem(finding: Finding, language: Language) -> Problem {
    let findings = Finding::in_language(vec![finding], language);
    let detail = findings.first().map(|finding| finding.message.clone());
    invalid(&detail.unwrap_or_default(), findings)
}

/// Why a delivery stays as it is, to the reader who wanted to `act`.
pub(super) fn life_problem(error: LifeError, act: &str, language: Language) -> Problem {
    let text = error.to_string();
    match error {
        LifeError::NotFound => {
            Problem::new(Kind::NotFound, "you have no delivery of this channel there")
        }
        LifeError::WrongState { status } => {
            let detail = format!("{act} is not for a delivery that is {status}");
            Problem::new(Kind::DeliveryInOtherState, detail).member("deliveryStatus", status)
        }
        LifeError::Busy => {
            let detail = "its attempt is at work; a moment later it rests or has ended";
            Problem::new(Kind::DeliveryIsBusy, detail).retry_after(SOON)
        }
        LifeError::Invalid(findings) => {
            let findings = Finding::in_language(findings, language);
            invalid(&Finding::sentence("not valid", &findings), findings)
        }
        LifeError::NotPossible(said) => {
            Problem::new(Kind::ChannelCannot, in_language(&said, language))
        }
        LifeError::NotConnected(said) => {
            Problem::new(Kind::AccountNotConnected, in_language(&said, language))
        }
        LifeError::Provider(failure) => provider_problem(failure, language),
        LifeError::Component(death) => {
            Problem::new(Kind::ProviderRefused, format!("{text}; ask again")).cause(death)
        }
        LifeError::Store(error) => error.into(),
    }
}

fn provider_problem(failure: Failure, language: Language) -> Problem {
    match failure {
        Failure::Unauthorized(why) => {
            Problem::new(Kind::AccountNotConnected, in_language(&why, language))
        }
        Failure::RateLimited(wait) => {
            let wait = wait.map_or(STORE_IS_BACK, Duration::from_millis);
            let wait = wait.min(LONGEST_ASKED);
            let detail = "the provider asks for patience; ask again";
            Problem::new(Kind::ProviderUnavailable, detail).retry_after(wait)
        }
        Failure::Unavailable(why) => {
            Problem::new(Kind::ProviderUnavailable, in_language(&why, language))
                .retry_after(STORE_IS_BACK)
        }
        Failure::Rejected(findings) => {
            let findings = Finding::in_language(findings, language);
            let detail = Finding::sentence("the provider refused", &findings);
            Problem::new(Kind::ProviderRefused, detail).errors(findings)
        }
        // It cannot be done by asking again: the text says what the owner can do.
        Failure::Failed(why) => Problem::new(Kind::ChannelCannot, in_language(&why, language)),
        Failure::Unknown(why) => Problem::new(Kind::ProviderRefused, in_language(&why, language)),
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

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        let text = error.to_string();
        match error {
            ConnectError::UnknownChannel(_) => Self::new(
                Kind::NotFound,
                format!("{text}; GET /api/channels lists those that are"),
            ),
            ConnectError::NotFound(_) => {
                Self::new(Kind::NotFound, format!("{text}; PUT connects one"))
            }
            ConnectError::Invalid(findings) => all_invalid(&text, findings),
            ConnectError::Store(error) => error.into(),
        }
    }
}

impl From<SwapError> for Problem {
    fn from(error: SwapError) -> Self {
        let text = error.to_string();
        match error {
            SwapError::UnknownRelease => Self::new(
                Kind::NotFound,
                format!("{text}; GET /api/admin/channels lists them"),
            ),
            SwapError::NothingToRollBackTo => Self::new(Kind::NothingToRollBackTo, text),
            SwapError::OtherChannel { expected, found } => {
                let detail = format!("{text}; upload it to /api/admin/channels/{found}/releases");
                let problem = Self::new(Kind::ReleaseRejected, detail);
                problem.member("channel", expected).member("reason", text)
            }
            SwapError::Rejected(reason) => {
                Self::new(Kind::ReleaseRejected, text).member("reason", reason)
            }
            SwapError::NotPromotable(_) => Self::new(Kind::ReleaseNotPromotable, text),
            SwapError::Host(_) | SwapError::NotLoaded(_) => internal_error(&text),
            SwapError::Store(error) => error.into(),
        }
    }
}

pub(super) fn no_event() -> Problem {
    Problem::new(Kind::NotFound, "you have no event with this id")
}

fn invalid(detail: &str, findings: Vec<Finding>) -> Problem {
    Problem::new(Kind::InvalidRequest, detail).errors(findings)
}

fn all_invalid(detail: &str, findings: Findings) -> Problem {
    let total = findings.total();
    invalid(detail, findings.into_kept()).total(total)
}

/// Every missing part at once, each with the step that adds it.
fn not_ready(missing: &[Part]) -> Problem {
    let names: Vec<&str> = missing.iter().map(|part| part.field()).collect();
    let steps = missing.iter().map(|part| ErrorAt {
        at: format!("/{}", part.field()),
        message: next_step(*part).to_owned(),
    });
    let detail = format!("still missing: {}", names.join(", "));
    Problem::new(Kind::EventNotReady, detail)
        .member("missing", &names)
        .errors(steps)
}

fn next_step(part: Part) -> &'static str {
    match part {
        Part::Objective => "choose one with PUT /api/events/{id}/objective",
        Part::Recommendation => "choose one with PUT /api/events/{id}/recommendation",
        Part::Content => "write it with PUT /api/events/{id}/content",
        Part::Channels => "choose at least one with PUT /api/events/{id}/channels",
    }
}

fn unknown_channels(channels: &[ChannelId]) -> Problem {
    let names: Vec<&str> = channels.iter().map(ChannelId::as_str).collect();
    let names = names.join(", ");
    let detail = format!("not installed: {names}; GET /api/channels lists those that are");
    Problem::new(Kind::UnknownChannels, detail).member("channels", channels)
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::IntoResponse as _;

    use super::*;

    #[tokio::test]
    async fn a_store_that_is_down_says_when_to_come_back_and_nothing_of_itself() {
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
