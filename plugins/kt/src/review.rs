//! From taken to public: people at KT review a placement, and at its start it goes on air.
//!
//! Days may pass. Nothing that happens on the line while waiting fails a delivery that KT has
//! taken: it is looked at again later. What ends it is what KT says about the placement.

use core::time::Duration;

use baepo_sdk::http::encode;
use baepo_sdk::seoul::Moment;
use baepo_sdk::{Failure, Outcome, Period, account, run};

use crate::answer::{self, Reason, Refusal, Said};
use crate::api::Api;
use crate::placement::{Placement, Status};
use crate::provider::Provider;

/// Looking goes from the setting up to once an hour.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);
const FIRST_LOOK_S: u64 = 120;
/// The most that a `Retry-After` is given.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * 60 * 60);
/// So long KT may not show what it has taken.
const READ_LAG: Duration = Duration::from_secs(10 * 60);
/// KT's clock is not ours.
const AFTER_START_MS: u64 = 5_000;
/// A placement that KT says nothing final about is given up this long after its period.
const PATIENCE_MS: u64 = 45 * 24 * 60 * 60 * 1_000;

/// What is followed, and what the owner is told about it.
#[derive(Debug)]
pub struct Review<'a> {
    pub api: &'a Api,
    pub provider: &'a Provider,
    /// JSON pointer to what a rejection is about.
    pub material: &'a str,
    pub period: Period,
    /// The forecast's.
    pub reach: Option<u64>,
}

impl Review<'_> {
    /// Follows it until the public sees or hears it.
    ///
    /// # Errors
    /// Rejected by KT, cancelled there, or nobody can tell.
    pub fn follow(&self, mut placement: Placement) -> Result<Outcome, Failure> {
        let mut wait = first_look();
        let mut asked = Duration::ZERO;
        let mut told = None;
        let began_ms = run::now();
        // Seen after its period without having been on air: it cannot be any more.
        let mut is_too_late = false;
        loop {
            if is_too_late && placement.status == Status::Ended {
                return Err(self.too_late());
            }
            if let Some(end) = self.end(&placement) {
                return end;
            }
            if told != Some(placement.status) {
                run::accepted(&placement.receipt(self.reach), &self.note(&placement));
                told = Some(placement.status);
            }
            let now_ms = run::now();
            let Some(patience) = self.patience(now_ms) else {
                return Err(self.lost(&placement, ""));
            };
            let (starts_in, ends_in) = (self.starts_in(&placement, now_ms), self.ends_in(now_ms));
            is_too_late = ends_in.is_none();
            let until_look = pause(placement.status, wait, starts_in);
            let until_end = ends_in.map_or(until_look, |ends_in| until_look.min(ends_in));
            run::sleep(until_end.max(asked).min(patience));
            // At its start everything is new again.
            wait = if starts_in == Some(until_look) {
                first_look()
            } else {
                (wait * 2).min(LONGEST_WAIT)
            };
            asked = Duration::ZERO;
            match self.look(&placement.id) {
                Ok(news) => placement = news,
                Err(refusal) if is_locked_out(&refusal) => {
                    run::accepted(
                        &placement.receipt(self.reach),
                        &self.locked_out(&refusal, &placement),
                    );
                    told = None;
                }
                Err(refusal) if refusal.may_be_lag() && is_fresh(began_ms) => {}
                Err(refusal) => asked = self.endure(&refusal, &placement)?,
            }
        }
    }

    fn look(&self, id: &str) -> Result<Placement, Refusal> {
        let path = format!("{}/{}", self.provider.placements, encode(id));
        answer::read(self.api.get(&path).send())
    }

    fn end(&self, placement: &Placement) -> Option<Result<Outcome, Failure>> {
        match placement.status {
            Status::OnAir | Status::Ended => Some(Ok(Outcome::Live(placement.receipt(self.reach)))),
            Status::Rejected => Some(Err(self.rejected(placement.reason.as_ref()))),
            Status::Cancelled => Some(Err(self.cancelled())),
            Status::UnderReview | Status::Approved | Status::Scheduled | Status::Other => None,
        }
    }

    /// A look that showed nothing: how long KT wants to be left alone before the next.
    fn endure(&self, refusal: &Refusal, placement: &Placement) -> Result<Duration, Failure> {
        match refusal.reason {
            // It was there, and KT never called it cancelled: whether it will be out cannot be
            // told from here. A probe asks by the reference; where that finds nothing either, the
            // delivery begins anew under the same reference.
            Reason::NotFound => Err(self.lost(placement, &refusal.words)),
            _ => Ok(refusal.wait().min(LONGEST_ASKED)),
        }
    }

    /// What is left of it.
    fn patience(&self, now_ms: u64) -> Option<Duration> {
        let until_ms = self.period.ends_at.saturating_add(PATIENCE_MS);
        let left_ms = until_ms.checked_sub(now_ms).filter(|left_ms| *left_ms > 0);
        left_ms.map(Duration::from_millis)
    }

    /// As long as the start is ahead.
    fn starts_in(&self, placement: &Placement, now_ms: u64) -> Option<Duration> {
        let starts_at = placement.starts_at().unwrap_or(self.period.starts_at);
        let ahead_ms = starts_at
            .saturating_add(AFTER_START_MS)
            .checked_sub(now_ms)?;
        (ahead_ms > 0).then(|| Duration::from_millis(ahead_ms))
    }

    /// As long as the end is ahead.
    fn ends_in(&self, now_ms: u64) -> Option<Duration> {
        let end_ms = self.period.ends_at.saturating_add(AFTER_START_MS);
        let ahead_ms = end_ms.checked_sub(now_ms).filter(|ahead_ms| *ahead_ms > 0);
        ahead_ms.map(Duration::from_millis)
    }

    fn note(&self, placement: &Placement) -> String {
        let starts_at = placement.starts_at().unwrap_or(self.period.starts_at);
        let start = Moment::at(starts_at).in_words();
        let shown = self.provider.shown_korean;
        let (korean, english) = match placement.status {
            Status::Approved => ("{} 심사를 통과했습니다.", "{} has approved it."),
            Status::Scheduled => ("{} 편성이 끝났습니다.", "{} has scheduled it."),
            _ => {
                return self.provider.says(
                    "{}가 심사하고 있습니다. 보통 하루가 걸립니다.",
                    "Under review at {}, usually for a day.",
                    "",
                );
            }
        };
        self.provider.says(
            &format!("{korean} {shown} 시작: {}", start.korean),
            &format!("{english} It starts on {} in Seoul.", start.english),
            "",
        )
    }

    fn rejected(&self, reason: Option<&Said>) -> Failure {
        let code = reason.map(Said::code).unwrap_or_default();
        let known = answer::of_content(code).unwrap_or(Reason::AssetRejected);
        let words = reason.map(Said::words).unwrap_or_default();
        let refusal = Refusal::new(known, code).reviewed(words);
        refusal.into_failure(self.provider, self.material)
    }

    fn too_late(&self) -> Failure {
        Failure::Failed(self.provider.says(
            "{} 심사가 기간이 끝난 뒤에야 끝나서 나가지 않았습니다. 기간을 바꿔 다시 배포해 주세요.",
            "The review at {} ended only after the period was over, so it was never out. Change the period and publish again.",
            "",
        ))
    }

    fn cancelled(&self) -> Failure {
        Failure::Failed(self.provider.says(
            "{}에서 취소되었습니다. 다시 내보내려면 다시 배포해 주세요.",
            "It was cancelled at {}. Publish again to have it out after all.",
            "",
        ))
    }

    /// What stands at KT goes on without anybody looking; once the owner has connected again, it is
    /// followed as before.
    fn locked_out(&self, refusal: &Refusal, placement: &Placement) -> String {
        let id = &placement.id;
        self.provider.says(
            &format!("{{}}에 더 이상 로그인하지 못합니다. 채널을 다시 연결해 주세요. 접수된 것({id})은 {{}}에 그대로 있고, 다시 연결하면 이어서 확인합니다."),
            &format!("{{}} does not let you in any more: reconnect the channel. What was taken ({id}) still stands at {{}}, and is followed again then."),
            &refusal.words,
        )
    }

    fn lost(&self, placement: &Placement, words: &str) -> Failure {
        let id = &placement.id;
        Failure::Unknown(self.provider.says(
            &format!("{{}}에 접수된 것({id})이 나갔는지 더 확인할 수 없습니다. {{}}에서 직접 확인해 주세요."),
            &format!("What became of {id} at {{}} cannot be told. Please look there."),
            words,
        ))
    }
}

/// Whether KT may not show yet what it took then.
fn is_fresh(taken_ms: u64) -> bool {
    Duration::from_millis(run::now().saturating_sub(taken_ms)) < READ_LAG
}

/// Whether only the owner can let anybody look again.
fn is_locked_out(refusal: &Refusal) -> bool {
    matches!(
        refusal.reason,
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
fn first_look() -> Duration {
    let setting = account::setting("firstLookSeconds").and_then(|text| text.parse().ok());
    let seconds: u64 = setting.unwrap_or(FIRST_LOOK_S);
    Duration::from_secs(seconds.max(1)).min(LONGEST_WAIT)
}
