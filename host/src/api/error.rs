//! The one shape of every error: RFC 9457 `application/problem+json`.

mod bounds;
mod kind;

use std::fmt::Display;
use std::time::Duration;

use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use baepo_domain::model::findings::Finding;
use baepo_domain::model::text::{Language, in_language};
use serde::Serialize;
use serde_json::{Map, Value};

use self::bounds::{MAX_ERRORS, within_bounds};
pub use self::kind::Kind;

/// An error as the client sees it. Its texts are in every language until [`in_language`] gives the
/// reader theirs.
///
/// [`in_language`]: Problem::in_language
#[derive(Debug, Clone)]
pub struct Problem(Box<Inner>);

/// Boxed, because it is the `Err` of every handler.
#[derive(Debug, Clone)]
struct Inner {
    status: StatusCode,
    body: ProblemBody,
    headers: HeaderMap,
    cause: Option<String>,
}

/// RFC 9457, with more members by type, such as `missing` or `distributionResults`.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
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
    #[schema(example = "Still missing: the objective.")]
    detail: String,
    /// The places that are wrong: all of them, or the first 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    errors: Vec<ErrorAt>,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ErrorAt {
    /// A JSON pointer into the body.
    #[schema(example = "/content/media/0/url")]
    pub at: String,
    #[schema(example = "This is not a web address. Example: https://www.example.co.kr")]
    pub message: String,
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
    /// A problem of this kind; `detail` says what happened this time and what to do about it, in
    /// every language.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let body = ProblemBody {
            uri: kind.uri(),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            total: None,
            retry_after: None,
            members: Map::new(),
        };
        Self(Box::new(Inner {
            status: kind.status(),
            body,
            headers: HeaderMap::new(),
            cause: None,
        }))
    }

    /// Its `type`.
    #[cfg(test)]
    pub(super) fn uri(&self) -> &str {
        &self.0.body.uri
    }

    /// With one more member in the body.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Serialize) -> Self {
        // What cannot be written as JSON is left out: the problem itself must reach the client.
        if let Ok(value) = serde_json::to_value(value) {
            self.0.body.members.insert(name.to_owned(), value);
        }
        self
    }

    /// With the places that are wrong: all are counted, the first are listed.
    #[must_use]
    pub fn errors(mut self, errors: impl IntoIterator<Item = impl Into<ErrorAt>>) -> Self {
        let mut errors = errors.into_iter();
        let listed: Vec<ErrorAt> = errors.by_ref().take(MAX_ERRORS).map(Into::into).collect();
        let total = listed.len() + errors.count();
        self.0.body.errors = listed;
        self.total(total)
    }

    /// Of how many places those that are listed are the first.
    #[must_use]
    pub fn total(mut self, total: usize) -> Self {
        self.0.body.total = Some(total);
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
        self.0.body.retry_after = Some(seconds);
        self
    }

    /// What the operator reads in the log. It does not reach the client.
    #[must_use]
    pub fn cause(mut self, cause: impl Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }
}

impl ProblemBody {
    fn in_language(self, language: Language) -> Self {
        let localized = |text: &str| in_language(text, language);
        let error = |error: ErrorAt| ErrorAt {
            message: localized(&error.message),
            ..error
        };
        Self {
            title: localized(&self.title),
            detail: localized(&self.detail),
            errors: self.errors.into_iter().map(error).collect(),
            ..self
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
        let body = within_bounds(inner.body.in_language(language));
        (inner.status, inner.headers, headers, body).into_response()
    }
}

/// The problem itself goes along, so that what surrounds every request can say it in the language of
/// the reader (`layers`): a handler and an extractor need not know it.
impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        if let Some(cause) = self.0.cause.take() {
            tracing::error!(problem = self.0.body.uri, cause, "a request failed");
        }
        let mut response = self.clone().in_language(Language::default());
        response.extensions_mut().insert(self);
        response
    }
}
