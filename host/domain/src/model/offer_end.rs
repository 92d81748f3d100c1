//! An offer has an end, and nothing is sent from then on: by no channel and on no path.
//!
//! What has been sent before stays, is looked for, and can be taken down.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::content::Content;
use crate::model::findings::{Finding, Severity};
use crate::model::schedule::Schedule;
use crate::model::text::{Language, format_kst, per_language, sentence, wrap_bilingual};
use crate::model::time::until;

/// What a request of an attempt is refused with once its offer has ended.
pub const HAS_ENDED: &str = "the offer has ended";

/// The longest that a channel waits by itself before it sends: adverts at night, from 20:50 to 08:00.
const LONGEST_WAIT: Duration = Duration::from_secs(12 * 60 * 60);

/// When an offer ends: from this time on nothing of it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OfferEnd(pub Timestamp);

impl OfferEnd {
    /// Where the end stands in a draft.
    pub const PLACE: &str = "/content/period/endsAt";

    /// Of content that has a period.
    #[must_use]
    pub fn of(content: &Content) -> Option<Self> {
        content.period.map(|period| Self(period.ends_at))
    }

    /// Whether the offer is over at that time.
    #[must_use]
    pub fn is_over_at(self, time: Timestamp) -> bool {
        time >= self.0
    }

    /// The offer is over, and nothing of it is out.
    #[must_use]
    pub fn nothing_sent(self) -> String {
        per_language(|language| {
            let end = format_kst(self.0, language);
            match language {
                Language::Korean => format!(
                    "행사가 {end}에 끝나서 보내지 않았습니다. 그래도 보내려면 행사가 끝나는 때를 바꾸거나 새 행사를 만들어 다시 게시해 주세요."
                ),
                Language::English => format!(
                    "The offer ended on {end}, so nothing was sent. To send it all the same, change when it ends or make a new event, and publish again."
                ),
            }
        })
    }

    /// It could be sent at `then` at the earliest, which is too late. `why`: what it waits for.
    #[must_use]
    pub fn too_late(self, then: Timestamp, why: Option<&str>) -> String {
        wrap_bilingual(why.unwrap_or_default(), |language, why| {
            let (end, then) = (format_kst(self.0, language), format_kst(then, language));
            let why = match sentence(why) {
                why if why.is_empty() => why,
                why => format!("{why} "),
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

    /// The offer is over, and something that was sent before may be out.
    #[must_use]
    pub fn may_be_out(self) -> String {
        per_language(|language| {
            let end = format_kst(self.0, language);
            match language {
                Language::Korean => format!(
                    "행사가 {end}에 끝나서 더는 보내지 않습니다. 그 전에 보낸 것이 나갔는지는 아직 확인하지 못했습니다. 채널을 확인해 주세요."
                ),
                Language::English => format!(
                    "The offer ended on {end}, so nothing more is sent. Whether what was sent before is out is not known yet. Please look at the channel."
                ),
            }
        })
    }

    /// An event whose offer is over cannot be published. Its place is in the draft.
    #[must_use]
    pub fn is_over(self) -> Finding {
        let message = per_language(|language| {
            let end = format_kst(self.0, language);
            match language {
                Language::Korean => format!(
                    "행사가 {end}에 이미 끝났습니다. 끝나는 때를 지금보다 뒤로 바꿔 주세요."
                ),
                Language::English => format!(
                    "The offer ended on {end}. Change its end to a time that is still to come."
                ),
            }
        });
        Finding::error(Self::PLACE, message)
    }

    /// A publish that is scheduled for the end or later never sends anything.
    #[must_use]
    pub fn schedule_is_too_late(self) -> Finding {
        let message = per_language(|language| {
            let end = format_kst(self.0, language);
            match language {
                Language::Korean => format!(
                    "행사가 {end}에 끝납니다. 그보다 앞선 때로 예약하거나, 행사가 끝나는 때를 늦춰 주세요."
                ),
                Language::English => format!(
                    "The offer ends on {end}. Choose a time before that, or let the offer end later."
                ),
            }
        });
        Finding::error("/publishAt", message)
    }

    /// What to consider about a publish that is to begin then, so close to the end that a channel that
    /// has to wait may send nothing.
    #[must_use]
    pub fn warning_for(self, schedule: &Schedule) -> Option<Finding> {
        if self.is_over_at(schedule.publish_at) {
            return Some(Finding {
                severity: Severity::Warning,
                ..self.schedule_is_too_late()
            });
        }
        let left = until(schedule.publish_at, self.0);
        (left < LONGEST_WAIT).then(|| Finding {
            severity: Severity::Warning,
            at: "/publishAt".to_owned(),
            message: per_language(|language| {
                let end = format_kst(self.0, language);
                match language {
                    Language::Korean => format!(
                        "행사가 {end}에 끝나 시간이 얼마 남지 않습니다. 밤에 광고를 보내지 않는 채널처럼 기다려야 하는 채널은 보내지 못할 수 있습니다."
                    ),
                    Language::English => format!(
                        "The offer ends on {end}, soon after that. A channel that has to wait, as one that sends no adverts at night, may not send it any more."
                    ),
                }
            }),
        })
    }

    /// Why a publish that was scheduled did not begin.
    #[must_use]
    pub fn schedule_was_too_late(self) -> String {
        per_language(|language| {
            let end = format_kst(self.0, language);
            match language {
                Language::Korean => format!(
                    "예약한 시각에 행사가 이미 끝나 게시하지 않았습니다. 행사가 끝난 때는 {end}입니다. 게시하려면 행사가 끝나는 때를 늦춰 주세요."
                ),
                Language::English => format!(
                    "The offer had ended when its time had come: on {end}. To publish it, let the offer end later."
                ),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::{bilingual, detail, in_language, with_detail};

    fn end() -> OfferEnd {
        OfferEnd("2027-03-02T14:59:00Z".parse().expect("a time"))
    }

    fn at(time: &str) -> Schedule {
        Schedule {
            publish_at: time.parse().expect("a time"),
            channels: None,
            problem: None,
        }
    }

    #[test]
    fn the_end_time_itself_is_over() {
        let Schedule { publish_at, .. } = at("2027-03-02T14:58:59.999Z");
        assert!(!end().is_over_at(publish_at));
        assert!(end().is_over_at(end().0));
    }

    #[test]
    fn a_schedule_is_warned_about_from_twelve_hours_before_the_end() {
        assert_eq!(end().warning_for(&at("2027-03-02T02:59:00Z")), None);
        for time in ["2027-03-02T02:59:01Z", "2027-03-02T14:59:00Z"] {
            let warning = end().warning_for(&at(time)).expect("a warning");
            assert_eq!(warning.at, "/publishAt");
            assert_eq!(warning.severity, Severity::Warning);
            let korean = in_language(&warning.message, Language::Korean);
            assert!(korean.contains("2027년 3월 2일 23:59"), "{korean}");
        }
    }

    #[test]
    fn the_reason_for_a_wait_stands_before_the_end_in_each_language() {
        let why = with_detail(bilingual("느립니다", "It is slow"), "limit");
        let text = end().too_late(end().0, Some(&why));
        let korean = in_language(&text, Language::Korean);
        assert!(
            korean.starts_with("느립니다. 2027년 3월 2일 23:59에야"),
            "{korean}"
        );
        let english = in_language(&text, Language::English);
        assert!(english.starts_with("It is slow. It could"), "{english}");
        assert_eq!(detail(&text).as_deref(), Some("limit"));
    }
}
