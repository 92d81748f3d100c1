//! A problem's body, and how large it may become: a small request must not get a large answer.

use baepo_domain::model::findings::Finding;
use baepo_domain::model::text::Localized;
use serde::Serialize;
use serde_json::{Map, Value};

/// The largest body, in bytes.
const MAX_BYTES: usize = 64 << 10;
/// The most places that are listed; `total` counts all.
pub(super) const MAX_ERRORS: usize = 100;
/// Ends a text that was cut.
const ELLIPSIS: &str = "…";

/// A problem as its reader gets it: RFC 9457, with more members by type, such as `missing` or `distributionResults`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// Stable; clients may branch on it.
    #[serde(rename = "type")]
    #[schema(example = "urn:baepo:problem:event-not-ready")]
    pub(super) uri: String,
    #[schema(example = "Parts of the event are missing")]
    pub(super) title: String,
    #[schema(example = 422)]
    pub(super) status: u16,
    /// What happened this time, and what to do about it, in the reader's language.
    #[schema(example = "Missing: the objective.")]
    pub(super) detail: String,
    /// The places that are wrong: all of them, or the first 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub(super) errors: Vec<ErrorAtBody>,
    /// How many places are wrong in all, where `errors` lists any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total: Option<usize>,
    /// When to come back, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retry_after: Option<u64>,
    #[serde(flatten)]
    pub(super) members: Map<String, Value>,
}

/// A place in the request and what is wrong there.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ErrorAt)]
pub(crate) struct ErrorAtBody {
    /// A JSON pointer into the body.
    #[schema(example = "/content/media/0/url")]
    pub(super) at: String,
    #[schema(example = "This is not a web address. Example: https://www.example.co.kr")]
    pub(super) message: String,
}

/// A place in the request, a JSON pointer into the body, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorAt {
    pub at: String,
    pub message: Localized,
}

impl From<Finding> for ErrorAt {
    fn from(finding: Finding) -> Self {
        Self {
            at: finding.at,
            message: finding.message,
        }
    }
}

/// How much of a body is kept.
#[derive(Clone, Copy)]
struct SizeBudget {
    /// Of every list.
    items: usize,
    /// Of every text.
    bytes: usize,
}

impl SizeBudget {
    /// What is kept at first of a body that is too large.
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

/// The body as JSON. If it is too large, the ends of its lists and texts are cut until it fits.
pub(super) fn within_bounds(mut body: ProblemBody) -> Vec<u8> {
    let mut budget = SizeBudget::INITIAL;
    loop {
        // Its keys are strings and its values are JSON: serializing it cannot fail.
        let json = serde_json::to_vec(&body).unwrap_or_default();
        if json.len() <= MAX_BYTES || budget.bytes == 0 {
            return json;
        }
        body.detail = truncate_text(std::mem::take(&mut body.detail), budget.bytes);
        body.errors.truncate(budget.items);
        for error in &mut body.errors {
            let ErrorAtBody { at, message } = error;
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
