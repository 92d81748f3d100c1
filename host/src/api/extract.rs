//! Extractors for bodies, paths, queries and headers: an unreadable part of a request becomes a problem
//! here, so that handlers only see parsed values.

mod strict_json;

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use baepo_domain::model::id::IdempotencyKey;
use baepo_domain::model::text::Localized;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::error::{Kind, Problem};
use super::parse_errors;

/// A JSON body.
#[derive(Debug)]
pub(super) struct Body<T>(pub T);

/// A JSON body that may be absent: then it is the default.
#[derive(Debug)]
pub(super) struct OptionalBody<T>(pub T);

/// A component: raw bytes.
#[derive(Debug)]
pub(super) struct Component(pub Bytes);

/// The parts of the path. One that does not parse names nothing: 404.
#[derive(Debug)]
pub(super) struct Path<T>(pub T);

/// The query parameters.
#[derive(Debug)]
pub(super) struct Query<T>(pub T);

/// The header `Idempotency-Key` (IETF draft).
#[derive(Debug)]
pub(super) struct Idempotency(pub Option<IdempotencyKey>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        expect_type(request.headers(), "application/json", is_json)?;
        parse(&bytes(request, state).await?).map(Self)
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let body = bytes(request, state).await?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        expect_type(&headers, "application/json", is_json)?;
        parse(&body).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for Component {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let expected = "application/wasm, application/octet-stream or application/json";
        expect_type(request.headers(), expected, is_component)?;
        bytes(request, state).await.map(Self)
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        let axum::extract::Path(path) = path.map_err(|_| {
            let path = parts.uri.path();
            let detail = Localized::new(
                format!("{path}: 주소에 있는 ID가 맞지 않습니다."),
                format!("{path}: the id in the address is not one."),
            );
            Problem::new(Kind::NotFound, detail)
        })?;
        Ok(Self(path))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        let axum::extract::Query(query) =
            query.map_err(|error| query_problem(&error.body_text()))?;
        Ok(Self(query))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Idempotency {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(header) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        let key = header.to_str().ok().and_then(|text| text.parse().ok());
        let key = key.ok_or_else(|| {
            let detail = Localized::new(
                "Idempotency-Key는 영문자와 숫자, 기호로 1자에서 255자까지입니다. 예: order-20261224-1",
                "The Idempotency-Key is 1 to 255 visible ASCII characters. Example: order-20261224-1",
            );
            Problem::new(Kind::MalformedRequest, detail)
        })?;
        Ok(Self(Some(key)))
    }
}

fn expect_type(
    headers: &HeaderMap,
    expected: &str,
    matches: fn(&str) -> bool,
) -> Result<(), Problem> {
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|given| given.to_str().ok());
    let essence = given.unwrap_or_default().split(';').next();
    let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
    if matches(&essence) {
        return Ok(());
    }
    let given = given.unwrap_or("-");
    let detail = Localized::new(
        format!("Content-Type 헤더는 {expected}이어야 합니다. 지금은 {given}입니다."),
        format!("The Content-Type header must be {expected}. It is {given}."),
    );
    Err(Problem::new(Kind::UnsupportedMediaType, detail))
}

/// Also `application/merge-patch+json` and its like.
fn is_json(essence: &str) -> bool {
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn is_component(essence: &str) -> bool {
    matches!(essence, "application/wasm" | "application/octet-stream")
}

/// The largest body that a route takes, in bytes: for the text of a refusal.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimit(pub usize);

/// How long a body may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyTimeout(pub Duration);

/// Reads every body. An encoded one is refused: its decoded size is not known in advance.
async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    expect_no_content_encoding(request.headers())?;
    let limit = request.extensions().get().copied();
    let within = request.extensions().get().copied();
    let bytes = Bytes::from_request(request, state);
    let bytes = match within {
        Some(BodyTimeout(within)) => tokio::time::timeout(within, bytes)
            .await
            .map_err(|_| body_timed_out(within))?,
        None => bytes.await,
    };
    bytes.map_err(|rejection| body_problem(rejection, limit))
}

fn body_timed_out(within: Duration) -> Problem {
    let seconds = within.as_secs();
    let detail = Localized::new(
        format!("보낸 내용이 {seconds}초 안에 오지 않았습니다. 다시 보내 주세요."),
        format!("The body was not received within {seconds} s. Retry."),
    );
    Problem::new(Kind::RequestTimeout, detail).header("connection", "close")
}

fn expect_no_content_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    let mut codings = headers.get_all(CONTENT_ENCODING).into_iter();
    let coded = codings.find(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    match coded {
        None => Ok(()),
        Some(coding) => {
            let coding = String::from_utf8_lossy(coding.as_bytes());
            let detail = Localized::new(
                format!(
                    "압축된 내용({coding})은 받지 않습니다. Content-Encoding 헤더 없이 그대로 보내 주세요."
                ),
                format!(
                    "The body is encoded ({coding}). Send it as it is, without a Content-Encoding header."
                ),
            );
            let problem = Problem::new(Kind::UnsupportedMediaType, detail);
            // RFC 9110, 12.5.3: the coding that is accepted.
            Err(problem.header("accept-encoding", "identity"))
        }
    }
}

fn body_problem(rejection: BytesRejection, limit: Option<BodyLimit>) -> Problem {
    if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
        let (korean, english) = match limit {
            Some(BodyLimit(bytes)) => {
                let kib = bytes >> 10;
                (
                    format!("{kib} KiB({bytes}바이트)까지 보낼 수 있습니다."),
                    format!("At most {kib} KiB ({bytes} bytes) can be sent."),
                )
            }
            None => (
                "더 적게 보내 주세요.".to_owned(),
                "Please send less.".to_owned(),
            ),
        };
        let detail = Localized::new(korean, english);
        Problem::new(Kind::BodyTooLarge, detail)
    } else {
        let detail = Localized::new(
            "보낸 내용이 끝까지 오지 않았습니다. 다시 보내 주세요.",
            "The body did not arrive as a whole. Please send it again.",
        );
        Problem::new(Kind::MalformedRequest, detail)
    }
}

/// The problem of a query, given the framework's message, such as
/// `Failed to deserialize query string: limit: invalid digit found in string`.
fn query_problem(framework: &str) -> Problem {
    let message = framework.rsplit_once("query string: ");
    let message = message.map_or(framework, |(_, message)| message);
    let (name, parser) = match message.split_once(": ") {
        Some((name, parser)) if !name.contains([' ', '`']) => (name, parser),
        _ => ("", message),
    };
    let place = if name.is_empty() {
        String::new()
    } else {
        format!("/{name}")
    };
    let error = parse_errors::at(&place, parser);
    let detail = error.message.around(|_, message| match name {
        "" => message.to_owned(),
        name => format!("{name}: {message}"),
    });
    Problem::new(Kind::MalformedRequest, detail)
}

/// Text that is not JSON is malformed, with line and column; JSON of the wrong shape is invalid, with its
/// place.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = strict_json::from_json(&mut json).map_err(|error| {
        if error.inner().is_data() {
            let wrong = parse_errors::at(&pointer(error.path()), &without_position(error.inner()));
            Problem::new(Kind::InvalidRequest, wrong.message.clone()).errors([wrong])
        } else {
            malformed_json(error.inner())
        }
    })?;
    json.end().map_err(|error| malformed_json(&error))?;
    Ok(value)
}

fn malformed_json(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    let detail = Localized::new(
        format!(
            "JSON이 아닙니다. {line}번째 줄 {column}번째 글자부터 읽을 수 없습니다. 예: {{\"title\": \"가을맞이 할인\"}}"
        ),
        format!(
            "The body is not JSON: it cannot be read from line {line} column {column} on. Example: {{\"title\": \"가을맞이 할인\"}}"
        ),
    );
    let problem = Problem::new(Kind::MalformedRequest, detail);
    problem.member("line", line).member("column", column)
}

/// Without the position in the text that `serde_json` appends: the JSON pointer is more useful.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).unwrap_or(&text).to_owned()
}

/// As a JSON pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    let segments = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    segments.collect()
}
