//! The shape of every error response: RFC 9457 `application/problem+json`.

mod body;
mod kind;

use std::fmt::Display;
use std::time::Duration;

use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use baepo_domain::model::text::{Language, Localized};
use serde::Serialize;
use serde_json::{Map, Value};

pub use self::body::ErrorAt;
pub(crate) use self::body::ProblemBody;
use self::body::{ErrorAtBody, MAX_ERRORS, within_bounds};
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

    /// A defect of the host itself; `cause` is for the log.
    pub fn internal(cause: impl Display) -> Self {
        let detail = Localized::new(
            "운영자에게 알려 주세요. 원인은 이 응답의 x-request-id로 로그에서 찾을 수 있습니다.",
            "Contact the operator: the cause is logged under the x-request-id of this response.",
        );
        Self::new(Kind::InternalError, detail).cause(cause)
    }

    /// Its `type`.
    #[cfg(test)]
    pub(super) fn uri(&self) -> String {
        self.0.kind.uri()
    }

    /// Adds a member to the body.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Serialize) -> Self {
        // A value that cannot be serialized is left out: the problem must reach the client.
        if let Ok(value) = serde_json::to_value(value) {
            self.0.members.insert(name.to_owned(), value);
        }
        self
    }

    /// Adds the places that are wrong: all are counted, the first are listed.
    #[must_use]
    pub fn errors(mut self, errors: impl IntoIterator<Item = impl Into<ErrorAt>>) -> Self {
        let mut errors = errors.into_iter();
        let listed: Vec<ErrorAt> = errors.by_ref().take(MAX_ERRORS).map(Into::into).collect();
        let total = listed.len() + errors.count();
        self.0.errors = listed;
        self.total(total)
    }

    /// Sets how many places are wrong in all.
    #[must_use]
    pub fn total(mut self, total: usize) -> Self {
        self.0.total = Some(total);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        let name = HeaderName::from_static(name);
        self.0.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// Sets when to retry, in whole seconds and at least one: as a header and in the body.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        let seconds = retry_after_seconds(wait);
        self.0.headers.insert(RETRY_AFTER, seconds.into());
        self.0.retry_after = Some(seconds);
        self
    }

    /// Sets the cause for the log. It does not reach the client.
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
    /// The response in this language.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(problem: &Problem) -> (usize, Value) {
        let json = within_bounds(problem.0.body(Language::English));
        (json.len(), serde_json::from_slice(&json).unwrap())
    }

    #[test]
    fn a_problem_is_bounded_and_reports_the_total_of_errors() {
        let errors = (0..300_000).map(|number| ErrorAt {
            at: format!("/hashtags/{number}"),
            message: Localized::verbatim("해시태그가 비어 있습니다."),
        });
        let problem = Problem::new(
            Kind::InvalidRequest,
            Localized::verbatim("x".repeat(1 << 20)),
        );
        let problem = problem.errors(errors);
        let (bytes, body) = body(&problem);
        assert!(bytes <= 64 << 10, "{bytes}");
        assert_eq!(body["total"], 300_000);
        assert_eq!(body["errors"][0]["at"], "/hashtags/0");
        assert_eq!(body["status"], 422);
    }

    #[test]
    fn escaped_texts_and_members_are_bounded() {
        let controls = "\u{1}".repeat(1 << 18);
        let problem = Problem::new(Kind::UnknownChannels, Localized::verbatim(controls.clone()))
            .errors([ErrorAt {
                at: controls.clone(),
                message: Localized::verbatim(controls.clone()),
            }])
            .member("channels", vec!["가".repeat(60); 20_000])
            .member("deep", json!({"list": [{"text": controls}]}));
        let (bytes, body) = body(&problem);
        assert!(bytes <= 64 << 10, "{bytes}");
        assert_eq!(body["channels"][0], "가".repeat(60));
    }

    #[test]
    fn a_small_problem_is_unchanged() {
        let detail = "x".repeat(60_000);
        let (_, body) = body(&Problem::new(
            Kind::NotFound,
            Localized::verbatim(detail.clone()),
        ));
        assert_eq!(body["detail"], detail);
        assert_eq!(body["total"], Value::Null);
    }
}
