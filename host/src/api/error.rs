//! The one shape of every error: RFC 9457 `application/problem+json`.

mod bounds;
mod kind;

use std::fmt::Display;
use std::time::Duration;

use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use baepo_domain::model::findings::Finding;
use baepo_domain::model::text::{Language, Localized};
use serde::Serialize;
use serde_json::{Map, Value};

use self::bounds::{MAX_ERRORS, within_bounds};
pub use self::kind::Kind;

/// An error. Its texts are in every language until [`in_language`] renders the reader's.
///
/// [`in_language`]: Problem::in_language
#[derive(Debug, Clone)]
pub struct Problem(Box<Inner>);

/// Boxed, because it is the `Err` of every handler.
#[derive(Debug, Clone)]
struct Inner {
    kind: Kind,
    detail: Localized,
    errors: Vec<ErrorAt>,
    total: Option<usize>,
    retry_after: Option<u64>,
    members: Map<String, Value>,
    headers: HeaderMap,
    cause: Option<String>,
}

/// A problem as its reader gets it: RFC 9457, with more members by type, such as `missing` or `distributionResults`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// Stable; clients may branch on it.
    #[serde(rename = "type")]
    #[schema(example = "urn:baepo:problem:event-not-ready")]
    uri: String,
    #[schema(example = "Parts of the event are missing")]
    title: String,
    #[schema(example = 422)]
    status: u16,
    /// What happened this time, and what to do about it, in the reader's language.
    #[schema(example = "Missing: the objective.")]
    detail: String,
    /// The places that are wrong: all of them, or the first 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    errors: Vec<ErrorAtBody>,
    /// How many places are wrong in all, where `errors` lists any.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
    /// When to come back, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(flatten)]
    members: Map<String, Value>,
}

/// A place in the request and what is wrong there.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ErrorAt)]
struct ErrorAtBody {
    /// A JSON pointer into the body.
    #[schema(example = "/content/media/0/url")]
    at: String,
    #[schema(example = "This is not a web address. Example: https://www.example.co.kr")]
    message: String,
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

impl Problem {
    /// A problem of this kind; `detail` says what happened this time and what to do about it.
    #[must_use]
    pub fn new(kind: Kind, detail: Localized) -> Self {
        Self(Box::new(Inner {
            kind,
            detail,
            errors: Vec::new(),
            total: None,
            retry_after: None,
            members: Map::new(),
            headers: HeaderMap::new(),
            cause: None,
        }))
    }

    /// Its `type`.
    #[cfg(test)]
    pub(super) fn uri(&self) -> String {
        self.0.kind.uri()
    }

    /// With one more member in the body.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Serialize) -> Self {
        // What cannot be written as JSON is left out: the problem itself must reach the client.
        if let Ok(value) = serde_json::to_value(value) {
            self.0.members.insert(name.to_owned(), value);
        }
        self
    }

    /// With the places that are wrong: all are counted, the first are listed.
    #[must_use]
    pub fn errors(mut self, errors: impl IntoIterator<Item = impl Into<ErrorAt>>) -> Self {
        let mut errors = errors.into_iter();
        let listed: Vec<ErrorAt> = errors.by_ref().take(MAX_ERRORS).map(Into::into).collect();
        let total = listed.len() + errors.count();
        self.0.errors = listed;
        self.total(total)
    }

    /// Of how many places those that are listed are the first.
    #[must_use]
    pub fn total(mut self, total: usize) -> Self {
        self.0.total = Some(total);
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        let name = HeaderName::from_static(name);
        self.0.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// When to come back, in whole seconds and at least one: as a header and in the body.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        let seconds = retry_after_seconds(wait);
        self.0.headers.insert(RETRY_AFTER, seconds.into());
        self.0.retry_after = Some(seconds);
        self
    }

    /// What the operator reads in the log. It does not reach the client.
    #[must_use]
    pub fn cause(mut self, cause: impl Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }
}

impl Inner {
    fn body(&self, language: Language) -> ProblemBody {
        let error = |error: &ErrorAt| ErrorAtBody {
            at: error.at.clone(),
            message: error.message.get(language).to_owned(),
        };
        ProblemBody {
            uri: self.kind.uri(),
            title: self.kind.title().get(language).to_owned(),
            status: self.kind.status().as_u16(),
            detail: self.detail.get(language).to_owned(),
            errors: self.errors.iter().map(error).collect(),
            total: self.total,
            retry_after: self.retry_after,
            members: self.members.clone(),
        }
    }
}

/// `Retry-After` has whole seconds; rounding down would ask for a visit that is too early.
pub(super) fn retry_after_seconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1_000))
        .unwrap_or(u64::MAX)
        .max(1)
}

impl Problem {
    /// What a reader of this language gets.
    #[must_use]
    pub fn in_language(self, language: Language) -> Response {
        let inner = *self.0;
        let headers = [
            (CONTENT_TYPE, "application/problem+json"),
            (CONTENT_LANGUAGE, language.tag()),
        ];
        let body = within_bounds(inner.body(language));
        (inner.kind.status(), inner.headers, headers, body).into_response()
    }
}

/// The problem itself goes along, so that what surrounds every request can render it in the language
/// of the reader (`layers`): a handler and an extractor need not know it.
impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        if let Some(cause) = self.0.cause.take() {
            tracing::error!(problem = self.0.kind.uri(), cause, "a request failed");
        }
        let mut response = self.clone().in_language(Language::default());
        response.extensions_mut().insert(self);
        response
    }
}
