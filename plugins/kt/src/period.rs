//! When it is shown: what KT takes, and how it is written.

use baepo_sdk::{Content, Finding, Period, text};
use serde::{Deserialize, Serialize};

use crate::provider::Provider;
use crate::time;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// The longest booking [contract].
const MAX_DAYS: u64 = 60;
/// People look at what is booked; a day is usual [contract].
const REVIEW_MS: u64 = DAY_MS;

/// As it stands in requests and answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiPeriod {
    pub starts_at: String,
    pub ends_at: String,
}

impl From<Period> for ApiPeriod {
    fn from(period: Period) -> Self {
        Self {
            starts_at: time::rfc3339(period.starts_at),
            ends_at: time::rfc3339(period.ends_at),
        }
    }
}

/// The period that [`findings`] has asked for.
///
/// # Errors
/// If there is none.
pub fn of(content: &Content) -> Result<Period, baepo_sdk::Failure> {
    content
        .period
        .ok_or_else(|| baepo_sdk::Failure::Rejected(vec![missing()]))
}

/// What is wrong with the content's period now.
#[must_use]
pub fn findings(provider: &Provider, content: &Content, now_ms: u64) -> Option<Finding> {
    let Some(Period { starts_at, ends_at }) = content.period else {
        return Some(missing());
    };
    if ends_at <= starts_at {
        return Some(error(
            "기간의 끝이 시작보다 뒤여야 합니다.",
            "The period must end after it starts.",
        ));
    }
    if ends_at <= now_ms {
        return Some(error(
            "기간이 이미 끝났습니다. 앞으로의 기간을 골라 주세요.",
            "The period is over. Choose one that is still to come.",
        ));
    }
    if ends_at - starts_at > MAX_DAYS * DAY_MS {
        return Some(error(
            format!("기간은 {MAX_DAYS}일까지 고를 수 있습니다."),
            format!("A period has at most {MAX_DAYS} days."),
        ));
    }
    (starts_at < now_ms.saturating_add(REVIEW_MS)).then(|| {
        let (ko, en) = (provider.korean, provider.english);
        Finding::warning(
            "/period",
            text(
                format!("{ko} 심사에는 보통 하루가 걸립니다. 고른 시작보다 늦게 나갈 수 있습니다."),
                format!("The review of {en} usually takes a day: it may start later than chosen."),
            ),
        )
    })
}

fn missing() -> Finding {
    error(
        "언제부터 언제까지 나갈지 기간을 골라 주세요.",
        "Choose a period: from when until when it is shown.",
    )
}

fn error(korean: impl Into<String>, english: impl Into<String>) -> Finding {
    Finding::error("/period", text(korean, english))
}

#[cfg(test)]
mod tests {
    use baepo_sdk::Severity::{self, Error, Warning};
    use baepo_sdk::testing::content;

    use super::*;
    use crate::tv::sample::PROVIDER;

    const NOW_MS: u64 = 1_772_420_400_000;

    fn found(starts_at: u64, ends_at: u64) -> Option<Severity> {
        let mut content = content();
        content.period = Some(Period { starts_at, ends_at });
        let finding = findings(&PROVIDER, &content, NOW_MS)?;
        assert_eq!(finding.at, "/period");
        Some(finding.severity)
    }

    #[test]
    fn a_period_is_needed() {
        let finding = findings(&PROVIDER, &content(), NOW_MS);
        assert!(finding.is_some_and(|finding| finding.severity == Error));
    }

    #[test]
    fn a_period_ends_after_it_starts_and_is_not_over() {
        let start = NOW_MS + DAY_MS;
        assert_eq!(found(start, start), Some(Error));
        assert_eq!(found(start, start + 1), None);
        assert_eq!(found(NOW_MS - DAY_MS, NOW_MS), Some(Error));
        assert_eq!(found(NOW_MS - DAY_MS, NOW_MS + 1), Some(Warning));
    }

    #[test]
    fn a_period_has_at_most_60_days() {
        let start = NOW_MS + DAY_MS;
        assert_eq!(found(start, start + 60 * DAY_MS), None);
        assert_eq!(found(start, start + 60 * DAY_MS + 1), Some(Error));
    }

    #[test]
    fn a_start_before_the_review_is_done_comes_later() {
        let start = NOW_MS + DAY_MS;
        assert_eq!(found(start - 1, start + DAY_MS), Some(Warning));
        assert_eq!(found(start, start + DAY_MS), None);
    }
}
