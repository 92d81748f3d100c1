//! How large a problem may become: a large request must not get a larger answer.

use serde_json::Value;

use super::{ErrorAt, ProblemBody};

/// Of a problem's body.
const MAX_BYTES: usize = 64 << 10;
/// Places that are listed; `total` says how many there are.
pub(super) const MAX_ERRORS: usize = 100;
/// What ends a text that goes on.
const ELLIPSIS: &str = "…";

/// How much of a body is left.
#[derive(Clone, Copy)]
struct SizeBudget {
    /// Of every list.
    items: usize,
    /// Of every text.
    bytes: usize,
}

impl SizeBudget {
    /// The most that is left of a body that is too large.
    const INITIAL: Self = Self {
        items: MAX_ERRORS,
        bytes: 4 << 10,
    };

    fn halved(self) -> Self {
        Self {
            items: self.items / 2,
            bytes: self.bytes / 2,
        }
    }
}

/// The body as JSON. One that would be too large loses the ends of its lists and texts until it
/// fits, so that what it says first stays.
pub(super) fn within_bounds(mut body: ProblemBody) -> Vec<u8> {
    let mut budget = SizeBudget::INITIAL;
    loop {
        // Its keys are strings and its values are JSON: writing it cannot fail.
        let json = serde_json::to_vec(&body).unwrap_or_default();
        if json.len() <= MAX_BYTES || budget.bytes == 0 {
            return json;
        }
        body.detail = truncate_text(std::mem::take(&mut body.detail), budget.bytes);
        body.errors.truncate(budget.items);
        for error in &mut body.errors {
            let ErrorAt { at, message } = error;
            *at = truncate_text(std::mem::take(at), budget.bytes);
            *message = truncate_text(std::mem::take(message), budget.bytes);
        }
        for member in body.members.values_mut() {
            truncate_value(member, budget);
        }
        budget = budget.halved();
    }
}

fn truncate_value(value: &mut Value, budget: SizeBudget) {
    match value {
        Value::String(text) => *text = truncate_text(std::mem::take(text), budget.bytes),
        Value::Array(items) => {
            items.truncate(budget.items);
            items
                .iter_mut()
                .for_each(|item| truncate_value(item, budget));
        }
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| truncate_value(member, budget)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn truncate_text(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        text.truncate(text.floor_char_boundary(bytes));
        text.push_str(ELLIPSIS);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::error::{Kind, Problem};

    fn body(problem: Problem) -> (usize, Value) {
        let inner = *problem.0;
        let json = within_bounds(inner.body);
        (json.len(), serde_json::from_slice(&json).unwrap())
    }

    #[test]
    fn a_problem_is_bounded_and_reports_the_total_of_errors() {
        let errors = (0..300_000).map(|number| ErrorAt {
            at: format!("/hashtags/{number}"),
            message: "해시태그가 비어 있습니다.".to_owned(),
        });
        let problem = Problem::new(Kind::InvalidRequest, "x".repeat(1 << 20)).errors(errors);
        let (bytes, body) = body(problem);
        assert!(bytes <= MAX_BYTES, "{bytes}");
        assert_eq!(body["total"], 300_000);
        assert_eq!(body["errors"][0]["at"], "/hashtags/0");
        assert_eq!(body["status"], 422);
    }

    #[test]
    fn escaped_texts_and_members_are_bounded() {
        let controls = "\u{1}".repeat(1 << 18);
        let problem = Problem::new(Kind::UnknownChannels, controls.clone())
            .errors([ErrorAt {
                at: controls.clone(),
                message: controls.clone(),
            }])
            .member("channels", vec!["가".repeat(60); 20_000])
            .member("deep", json!({"list": [{"text": controls}]}));
        let (bytes, body) = body(problem);
        assert!(bytes <= MAX_BYTES, "{bytes}");
        assert_eq!(body["channels"][0], "가".repeat(60));
    }

    #[test]
    fn a_small_problem_is_unchanged() {
        let detail = "x".repeat(60_000);
        let (_, body) = body(Problem::new(Kind::NotFound, detail.clone()));
        assert_eq!(body["detail"], detail);
        assert_eq!(body["total"], Value::Null);
    }
}
