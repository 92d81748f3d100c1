//! The hours in which relays refuse advertising: 20:50 to 08:00 in Seoul.
//!
//! The law asks for a separate consent from 21:00; relays stop ten minutes earlier, so that
//! nothing is on its way at nine.

use core::time::Duration;

use baepo_sdk::Text;
use baepo_sdk::seoul::{SeoulDateTime, time_of_day_ms};

const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
const MINUTE_MS: u64 = 60_000;
const BEGIN_MS: u64 = (20 * 60 + 50) * MINUTE_MS;
const END_MS: u64 = 8 * 60 * MINUTE_MS;
/// If the relay says that it is night just after eight, its clock is behind ours.
const MORNING_GRACE_MS: u64 = 10 * MINUTE_MS;

/// How long it is still quiet; `None` by day.
pub fn remaining(now_ms: u64) -> Option<Duration> {
    let time_ms = time_of_day_ms(now_ms);
    let until_end_ms = (END_MS + DAY_MS - time_ms) % DAY_MS;
    let is_day = (END_MS..BEGIN_MS).contains(&time_ms);
    (!is_day).then(|| Duration::from_millis(until_end_ms))
}

/// How long to wait after the relay itself has said that it is night.
pub fn until_retry(now_ms: u64) -> Duration {
    remaining(now_ms).unwrap_or_else(|| {
        let time_ms = time_of_day_ms(now_ms);
        let is_morning = time_ms < END_MS + MORNING_GRACE_MS;
        Duration::from_millis(if is_morning {
            MORNING_GRACE_MS
        } else {
            END_MS + DAY_MS - time_ms
        })
    })
}

/// Why nothing is sent now, and when it is.
pub fn notice(now_ms: u64, remaining: Duration) -> Text {
    let then = after(now_ms, remaining);
    Text::new(
        format!(
            "광고는 20:50~08:00에 보내지 않습니다. {}에 보냅니다.",
            then.korean
        ),
        format!(
            "Adverts are not sent from 20:50 to 08:00. It goes out on {}.",
            then.english
        ),
    )
}

/// Whether what waits for so long comes after an offer's end.
pub fn is_past_end(now_ms: u64, remaining: Duration, ends_at: u64) -> bool {
    let remaining_ms = u64::try_from(remaining.as_millis()).unwrap_or(u64::MAX);
    now_ms.saturating_add(remaining_ms) >= ends_at
}

/// Why nothing would be sent at all.
pub fn too_late(now_ms: u64, remaining: Duration, ends_at: u64) -> Text {
    let (then, end) = (
        after(now_ms, remaining),
        SeoulDateTime::at(ends_at).describe(),
    );
    Text::new(
        format!(
            "광고는 20:50~08:00에 보내지 않아 {}에야 보낼 수 있는데, 행사가 {}에 끝납니다. 그래서 지금 게시하면 보내지 않습니다. 행사가 끝나는 때를 늦추거나, 광고가 아니면 이 행사의 광고 설정을 꺼 주세요.",
            then.korean, end.korean
        ),
        format!(
            "Adverts are not sent from 20:50 to 08:00: it could go out on {} at the earliest, and the offer ends on {}. Published now, it is not sent. Let the offer end later, or turn advertising off for this event if it is no advert.",
            then.english, end.english
        ),
    )
}

/// The same, in the relay's name.
pub fn refused(now_ms: u64, pause: Duration) -> Text {
    let then = after(now_ms, pause);
    Text::new(
        format!(
            "카카오톡이 지금은 광고를 받지 않는 시간이라고 합니다. {}에 다시 보냅니다.",
            then.korean
        ),
        format!(
            "Kakao says that it takes no adverts at this hour. It is sent again on {}.",
            then.english
        ),
    )
}

fn after(now_ms: u64, pause: Duration) -> Text {
    let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
    SeoulDateTime::at(now_ms.saturating_add(pause_ms)).describe()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-02 in Seoul.
    fn at(hour: u64, minute: u64) -> u64 {
        1_772_420_400_000 - 12 * 60 * MINUTE_MS + (hour * 60 + minute) * MINUTE_MS
    }

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(minutes * 60)
    }

    #[test]
    fn quiet_hours_last_from_20_50_to_08_00() {
        assert_eq!(remaining(at(20, 49)), None);
        assert_eq!(remaining(at(20, 50)), Some(minutes(11 * 60 + 10)));
        assert_eq!(remaining(at(23, 59)), Some(minutes(8 * 60 + 1)));
        assert_eq!(remaining(at(0, 0)), Some(minutes(8 * 60)));
        assert_eq!(remaining(at(7, 59)), Some(minutes(1)));
        assert_eq!(remaining(at(8, 0)), None);
        assert_eq!(remaining(at(12, 0)), None);
    }

    #[test]
    fn the_notice_has_the_day_and_the_time_in_both_languages() {
        let notice_at = |now_ms| notice(now_ms, remaining(now_ms).unwrap());
        let tonight = "광고는 20:50~08:00에 보내지 않습니다. 3월 3일 08:00에 보냅니다.";
        assert_eq!(notice_at(at(23, 0)).korean, tonight);
        assert_eq!(
            notice_at(at(3, 0)).english,
            "Adverts are not sent from 20:50 to 08:00. It goes out on 2 March, 08:00."
        );
    }

    #[test]
    fn a_refusal_as_night_by_the_relay_delays_the_retry() {
        assert_eq!(until_retry(at(22, 0)), minutes(10 * 60));
        assert_eq!(until_retry(at(8, 0)), minutes(10));
        assert_eq!(until_retry(at(20, 45)), minutes(11 * 60 + 15));
    }
}
