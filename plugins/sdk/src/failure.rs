//! From what went wrong on the wire to who reacts.

use crate::bindings::imports::baepo::channel::types::{Failure, Finding};
use crate::http::{JsonError, Repeat, RequestError, SendError};

impl Failure {
    /// The owner changes one thing. `at` is a JSON pointer, see the crate's docs.
    #[must_use]
    pub fn rejected(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Rejected(vec![Finding::error(at, message)])
    }
}

/// The failure that never posts twice: what may have acted is unknown, the rest is repeated.
/// Look at the provider first where it can be asked; this is for where it cannot.
impl From<RequestError> for Failure {
    fn from(request_error: RequestError) -> Self {
        let reason = request_error.text().into();
        match (request_error.error, request_error.repeat) {
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
impl From<JsonError> for Failure {
    fn from(json_error: JsonError) -> Self {
        let reason = json_error.text().into();
        match json_error.repeat {
            Repeat::Unsafe => Self::Unknown(reason),
            Repeat::Safe | Repeat::Idempotent => Self::Unavailable(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;
    use crate::testing::ScriptedResponse;

    fn failure(answer: ScriptedResponse, repeat: Repeat) -> Option<Failure> {
        answer.into_result(repeat).err().map(Failure::from)
    }

    #[test]
    fn a_request_that_may_have_acted_is_never_repeated_by_the_host() {
        let failure = failure(
            ScriptedResponse::in_doubt("limit \"request time\": 10 s"),
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
    fn an_idempotent_request_is_repeated() {
        for repeat in [Repeat::Safe, Repeat::Idempotent] {
            let failure = failure(ScriptedResponse::in_doubt("reset"), repeat);
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
    fn an_unsent_request_is_repeated_and_a_denied_one_is_not() {
        let not_sent = failure(ScriptedResponse::not_sent("no route"), Repeat::Unsafe);
        assert_eq!(
            not_sent,
            Some(Failure::Unavailable(
                Text::new("연결하지 못했습니다.", "There was no connection.")
                    .detail("not sent: no route")
                    .into()
            ))
        );
        let denied = failure(ScriptedResponse::denied("no grant"), Repeat::Unsafe);
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
