//! From taken to public: people at KT review a placement, and at its start it goes on air.
//!
//! Days may pass. Nothing that happens on the line while waiting fails a delivery that KT has
//! taken: it is looked at again later. What ends it is what KT says about the placement.

use core::time::Duration;

use baepo_sdk::http::encode;
use baepo_sdk::seoul::SeoulDateTime;
use baepo_sdk::{Failure, Outcome, Period, account, run};

use crate::answer::{self, ApiError, Reason, ReviewReason};
use crate::api::Api;
use crate::placement::{Placement, Status};
use crate::provider::Provider;

/// Looking goes from the setting up to once an hour.
const MAX_POLL_INTERVAL: Duration = Duration::from_secs(60 * 60);
const FIRST_POLL_S: u64 = 120;
/// The most that a `Retry-After` is given.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// So long KT may not show what it has taken.
const READ_LAG: Duration = Duration::from_secs(10 * 60);
/// KT's clock is not ours.
const CLOCK_SKEW_MS: u64 = 5_000;
/// A placement that KT says nothing final about is given up this long after its period.
const GIVE_UP_AFTER_MS: u64 = 45 * 24 * 60 * 60 * 1_000;

/// What is polled, and what the owner reads about it.
#[derive(Debug)]
pub struct ReviewPoller<'a> {
    pub api: &'a Api,
    pub provider: &'a Provider,
    /// JSON pointer to what a rejection is about.
    pub material: &'a str,
    pub period: Period,
    /// The forecast's.
    pub reach: Option<u64>,
}

impl ReviewPoller<'_> {
    /// Follows it until the public sees or hears it.
    ///
    /// # Errors
    /// Rejected by KT, cancelled there, or not known.
    pub fn poll_until_live(&self, mut placement: Placement) -> Result<Outcome, Failure> {
        let mut wait = first_poll_delay();
        let mut retry_after = Duration::ZERO;
        let mut reported = None;
        let began_ms = run::now();
        // Seen after its period without having been on air: it cannot be any more.
        let mut is_too_late = false;
        loop {
            if is_too_late && placement.status == Status::Ended {
                return Err(self.too_late());
            }
            if let Some(final_outcome) = self.final_outcome(&placement) {
                return final_outcome;
            }
            if reported != Some(placement.status) {
                run::accepted(&placement.receipt(self.reach), &self.note(&placement));
                reported = Some(placement.status);
            }
            let now_ms = run::now();
            let Some(remaining_wait) = self.remaining_wait(now_ms) else {
                return Err(self.outcome_unknown(&placement, ""));
            };
            let (starts_in, ends_in) = (self.starts_in(&placement, now_ms), self.ends_in(now_ms));
            is_too_late = ends_in.is_none();
            let until_poll = pause(placement.status, wait, starts_in);
            let until_end = ends_in.map_or(until_poll, |ends_in| until_poll.min(ends_in));
            run::sleep(until_end.max(retry_after).min(remaining_wait));
            // At its start everything is new again.
            wait = if starts_in == Some(until_poll) {
                first_poll_delay()
            } else {
                (wait * 2).min(MAX_POLL_INTERVAL)
            };
            retry_after = Duration::ZERO;
            match self.fetch(&placement.id) {
                Ok(latest) => placement = latest,
                Err(api_error) if needs_reconnect(&api_error) => {
                    run::accepted(
                        &placement.receipt(self.reach),
                        &self.access_lost_note(&api_error, &placement),
                    );
                    reported = None;
                }
                Err(api_error) if api_error.may_be_lag() && is_within_read_lag(began_ms) => {}
                Err(api_error) => retry_after = self.retry_delay(&api_error, &placement)?,
            }
        }
    }

    fn fetch(&self, id: &str) -> Result<Placement, ApiError> {
        let path = format!("{}/{}", self.provider.placements, encode(id));
        answer::read(self.api.get(&path).send())
    }

    fn final_outcome(&self, placement: &Placement) -> Option<Result<Outcome, Failure>> {
        match placement.status {
            Status::OnAir | Status::Ended => Some(Ok(Outcome::Live(placement.receipt(self.reach)))),
            Status::Rejected => Some(Err(self.rejected(placement.reason.as_ref()))),
            Status::Cancelled => Some(Err(self.cancelled())),
            Status::UnderReview | Status::Approved | Status::Scheduled | Status::Other => None,
        }
    }

    /// A look that showed nothing: how long KT wants to be left alone before the next.
    fn retry_delay(
        &self,
        api_error: &ApiError,
        placement: &Placement,
    ) -> Result<Duration, Failure> {
        match api_error.reason {
            // It was there, and KT never called it cancelled: whether it will be out cannot be
            // told from here. A probe asks by the reference; where that finds nothing either, the
            // delivery begins anew under the same reference.
            Reason::NotFound => Err(self.outcome_unknown(placement, &api_error.words)),
            _ => Ok(api_error.wait().min(MAX_RETRY_AFTER)),
        }
    }

    /// What is left of it.
    fn remaining_wait(&self, now_ms: u64) -> Option<Duration> {
        let until_ms = self.period.ends_at.saturating_add(GIVE_UP_AFTER_MS);
        let left_ms = until_ms.checked_sub(now_ms).filter(|left_ms| *left_ms > 0);
        left_ms.map(Duration::from_millis)
    }

    /// As long as the start is ahead.
    fn starts_in(&self, placement: &Placement, now_ms: u64) -> Option<Duration> {
        let starts_at = placement.starts_at().unwrap_or(self.period.starts_at);
        let ahead_ms = starts_at
            .saturating_add(CLOCK_SKEW_MS)
            .checked_sub(now_ms)?;
        (ahead_ms > 0).then(|| Duration::from_millis(ahead_ms))
    }

    /// As long as the end is ahead.
    fn ends_in(&self, now_ms: u64) -> Option<Duration> {
        let end_ms = self.period.ends_at.saturating_add(CLOCK_SKEW_MS);
        let ahead_ms = end_ms.checked_sub(now_ms).filter(|ahead_ms| *ahead_ms > 0);
        ahead_ms.map(Duration::from_millis)
    }

    fn note(&self, placement: &Placement) -> String {
        let starts_at = placement.starts_at().unwrap_or(self.period.starts_at);
        let start = SeoulDateTime::at(starts_at).describe();
        let shown = self.provider.shown_korean;
        let (korean, english) = match placement.status {
            Status::Approved => ("{} 심사를 통과했습니다.", "{} has approved it."),
            Status::Scheduled => ("{} 편성이 끝났습니다.", "{} has scheduled it."),
            _ => {
                return self.provider.owner_message(
                    "{}가 심사하고 있습니다. 보통 하루가 걸립니다.",
                    "Under review at {}, usually for a day.",
                    "",
                );
            }
        };
        self.provider.owner_message(
            &format!("{korean} {shown} 시작: {}", start.korean),
            &format!("{english} It starts on {} in Seoul.", start.english),
            "",
        )
    }

    fn rejected(&self, reason: Option<&ReviewReason>) -> Failure {
        let code = reason.map(ReviewReason::code).unwrap_or_default();
        let known = answer::content_reason(code).unwrap_or(Reason::AssetRejected);
        let words = reason.map(ReviewReason::words).unwrap_or_default();
        let api_error = ApiError::new(known, code).with_review(words);
        api_error.into_failure(self.provider, self.material)
    }

    fn too_late(&self) -> Failure {
        Failure::Failed(self.provider.owner_message(
            "{} 심사가 기간이 끝난 뒤에야 끝나서 나가지 않았습니다. 기간을 바꿔 다시 배포해 주세요.",
            "The review at {} ended only after the period was over, so it was never out. Change the period and publish again.",
            "",
        ))
    }

    fn cancelled(&self) -> Failure {
        Failure::Failed(self.provider.owner_message(
            "{}에서 취소되었습니다. 다시 내보내려면 다시 배포해 주세요.",
            "It was cancelled at {}. Publish again to have it out after all.",
            "",
        ))
    }

    /// What stands at KT goes on without anybody looking; once the owner has connected again, it is
    /// followed as before.
    fn access_lost_note(&self, api_error: &ApiError, placement: &Placement) -> String {
        let id = &placement.id;
        self.provider.owner_message(
            &format!("{{}}에 더 이상 로그인하지 못합니다. 채널을 다시 연결해 주세요. 접수된 것({id})은 {{}}에 그대로 있고, 다시 연결하면 이어서 확인합니다."),
            &format!("{{}} does not let you in any more: reconnect the channel. What was taken ({id}) still stands at {{}}, and is followed again then."),
            &api_error.words,
        )
    }

    fn outcome_unknown(&self, placement: &Placement, words: &str) -> Failure {
        let id = &placement.id;
        Failure::Unknown(self.provider.owner_message(
            &format!("{{}}에 접수된 것({id})이 나갔는지 더 확인할 수 없습니다. {{}}에서 직접 확인해 주세요."),
            &format!("What became of {id} at {{}} cannot be told. Please look there."),
            words,
        ))
    }
}

/// Whether KT may not show yet what it took then.
fn is_within_read_lag(taken_ms: u64) -> bool {
    Duration::from_millis(run::now().saturating_sub(taken_ms)) < READ_LAG
}

/// Whether only the owner can let anybody look again.
fn needs_reconnect(api_error: &ApiError) -> bool {
    matches!(
        api_error.reason,
        Reason::Unauthorized | Reason::LineNotOwned | Reason::Denied
    )
}

/// Nothing happens to what is scheduled before its start. Anything else is looked at again after
/// `wait`, and at its start at the latest.
fn pause(status: Status, wait: Duration, starts_in: Option<Duration>) -> Duration {
    match (status, starts_in) {
        (_, None) => wait,
        (Status::Scheduled, Some(starts_in)) => starts_in,
        (_, Some(starts_in)) => wait.min(starts_in),
    }
}

/// The owner's setting, 1 s to an hour.
fn first_poll_delay() -> Duration {
    let setting = account::setting("firstLookSeconds").and_then(|text| text.parse().ok());
    let seconds: u64 = setting.unwrap_or(FIRST_POLL_S);
    Duration::from_secs(seconds.max(1)).min(MAX_POLL_INTERVAL)
}
