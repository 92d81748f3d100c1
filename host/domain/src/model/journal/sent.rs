//! Which requests of an attempt have reached the provider, or may have, as far as its journal says.

use super::{Entry, Repeat, Request, RequestOutcome, Step};

/// Whether an unsafe request has left, or may have.
#[must_use]
pub fn unsafe_sent(journal: &[Entry]) -> bool {
    exchanges(journal).any(|(requests, answers)| match answers {
        Some(answers) => unsafe_may_be_out(requests, answers),
        None => any_unsafe(requests),
    })
}

/// Whether something that acts at the provider has left, or may have: also a request that it would
/// have recognised as a repeat, if nobody knows how it was answered.
#[must_use]
pub fn may_be_out(journal: &[Entry]) -> bool {
    exchanges(journal).any(|(requests, answers)| match answers {
        Some(answers) => {
            unsafe_may_be_out(requests, answers) || idempotent_in_doubt(requests, answers)
        }
        None => requests
            .iter()
            .any(|request| request.repeat != Repeat::Safe),
    })
}

#[must_use]
pub fn any_unsafe(requests: &[Request]) -> bool {
    requests
        .iter()
        .any(|request| request.repeat == Repeat::Unsafe)
}

/// Whether one of these requests was unsafe and is not known to have stayed here.
#[must_use]
pub fn unsafe_may_be_out(requests: &[Request], answers: &[RequestOutcome]) -> bool {
    let mut exchanges = requests.iter().zip(answers);
    exchanges.any(|(request, answer)| request.repeat == Repeat::Unsafe && !answer.never_left())
}

/// Whether one of these requests was idempotent and had no usable answer.
#[must_use]
pub fn idempotent_in_doubt(requests: &[Request], answers: &[RequestOutcome]) -> bool {
    let in_doubt = |answer: &RequestOutcome| {
        matches!(
            answer,
            RequestOutcome::InDoubt(_) | RequestOutcome::TooLarge(_)
        )
    };
    let mut exchanges = requests.iter().zip(answers);
    exchanges.any(|(request, answer)| request.repeat == Repeat::Idempotent && in_doubt(answer))
}

/// The requests that left together, each time with their answers where there are any.
fn exchanges(journal: &[Entry]) -> impl Iterator<Item = (&[Request], Option<&[RequestOutcome]>)> {
    journal.iter().enumerate().filter_map(|(index, entry)| {
        let Step::Sent(requests) = &entry.step else {
            return None;
        };
        let answers = match journal.get(index + 1).map(|next| &next.step) {
            Some(Step::Answered(answers)) => Some(answers.as_slice()),
            _ => None,
        };
        Some((requests.as_slice(), answers))
    })
}
