//! From what went wrong on the wire to who reacts.

use crate::http::{NotJson, Repeat, SendError, Unanswered};
use crate::{Failure, Finding};

impl Failure {
    /// The owner changes one thing. `at` is a JSON pointer, see the crate's docs.
    #[must_use]
    pub fn rejected(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Rejected(vec![Finding::error(at, message)])
    }
}

/// The failure that never posts twice: what may have acted is unknown, the rest is repeated.
/// Look at the provider first where it can be asked; this is for where it cannot.
impl From<Unanswered> for Failure {
    fn from(unanswered: Unanswered) -> Self {
        let reason = unanswered.text().into();
        match (unanswered.error, unanswered.repeat) {
            (SendError::Denied(_), _) => Self::Failed(reason),
            (SendError::InDoubt(_) | SendError::TooLarge(_), Repeat::Unsafe) => {
                Self::Unknown(reason)
            }
            (SendError::NotSent(_) | SendError::InDoubt(_) | SendError::TooLarge(_), _) => {
                Self::Unavailable(reason)
            }
        }
    }
}

/// What cannot be read may have been a success.
impl From<NotJson> for Failure {
    fn from(not_json: NotJson) -> Self {
        let reason = not_json.text().into();
        match not_json.repeat {
            Repeat::Unsafe => Self::Unknown(reason),
            Repeat::Safe | Repeat::Idempotent => Self::Unavailable(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;
    use crate::testing::Answer;

    fn failure(answer: Answer, repeat: Repeat) -> Option<Failure> {
        answer.to(repeat).err().map(Failure::from)
    }

    #[test]
    fn what_may_have_acted_is_never_repeated_by_the_host() {
        let failure = failure(
            Answer::in_doubt("limit \"request time\": 10 s"),
            Repeat::Unsafe,
        );
        assert_eq!(
            failure,
            Some(Failure::Unknown(
                Text::new("응답을 받지 못했습니다.", "There was no answer.")
                    .detail("no answer: limit \"request time\": 10 s")
                    .into()
            ))
        );
    }

    #[test]
    fn what_cannot_act_twice_is_repeated() {
        for repeat in [Repeat::Safe, Repeat::Idempotent] {
            let failure = failure(Answer::in_doubt("reset"), repeat);
            assert_eq!(
                failure,
                Some(Failure::Unavailable(
                    Text::new("응답을 받지 못했습니다.", "There was no answer.")
                        .detail("no answer: reset")
                        .into()
                ))
            );
        }
    }

    #[test]
    fn what_never_left_is_repeated_and_what_is_not_granted_is_not() {
        let not_sent = failure(Answer::not_sent("no route"), Repeat::Unsafe);
        assert_eq!(
            not_sent,
            Some(Failure::Unavailable(
                Text::new("연결하지 못했습니다.", "There was no connection.")
                    .detail("not sent: no route")
                    .into()
            ))
        );
        let denied = failure(Answer::denied("no grant"), Repeat::Unsafe);
        assert_eq!(
            denied,
            Some(Failure::Failed(
                Text::new(
                    "허용되지 않은 요청이라 보내지 않았습니다.",
                    "The request is not allowed and was not sent."
                )
                .detail("not allowed: no grant")
                .into()
            ))
        );
    }
}
