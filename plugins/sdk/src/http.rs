//! Durable HTTP, so that a request reads as a sentence.
//!
//! The host checks the address against the grants in `channel.toml`, attaches the credentials
//! (secrets by name: their values never enter the component) and journals the answer. Every
//! request but `GET` and `HEAD` says what happens [if it arrives twice](Repeat).

use core::fmt;
use core::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::imports::baepo::channel::http as wire;
use crate::bindings::imports::baepo::channel::types::Failure;
use crate::text::Text;
use crate::{imports, retry_after, run};
pub use wire::{Credential, Method, Repeat, Request, SendError};

#[must_use]
pub fn get(url: impl Into<String>) -> Request {
    request(Method::Get, url.into(), Repeat::Safe)
}

#[must_use]
pub fn head(url: impl Into<String>) -> Request {
    request(Method::Head, url.into(), Repeat::Safe)
}

#[must_use]
pub fn post(url: impl Into<String>, repeat: Repeat) -> Request {
    request(Method::Post, url.into(), repeat)
}

#[must_use]
pub fn put(url: impl Into<String>, repeat: Repeat) -> Request {
    request(Method::Put, url.into(), repeat)
}

#[must_use]
pub fn patch(url: impl Into<String>, repeat: Repeat) -> Request {
    request(Method::Patch, url.into(), repeat)
}

#[must_use]
pub fn delete(url: impl Into<String>, repeat: Repeat) -> Request {
    request(Method::Delete, url.into(), repeat)
}

fn request(method: Method, url: String, repeat: Repeat) -> Request {
    Request {
        method,
        url,
        headers: Vec::new(),
        body: None,
        credentials: Vec::new(),
        repeat,
        timeout_ms: None,
    }
}

impl Request {
    /// Adds a query parameter, encoded.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url
            .push(if self.url.contains('?') { '&' } else { '?' });
        self.url.push_str(&encode(name));
        self.url.push('=');
        self.url.push_str(&encode(value));
        self
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    #[must_use]
    pub fn body(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self.header("content-type", content_type)
    }

    /// # Panics
    /// If `body` has a map whose keys are no strings.
    #[must_use]
    pub fn json(self, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("plain data is always JSON");
        self.body("application/json", body)
    }

    /// `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let pairs: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        self.body(
            "application/x-www-form-urlencoded",
            pairs.join("&").into_bytes(),
        )
    }

    /// `Authorization: Bearer`, with the secret of this name.
    #[must_use]
    pub fn bearer(self, secret: &str) -> Self {
        self.credential(Credential::Bearer(secret.into()))
    }

    /// A header with the secret of this name as its value.
    #[must_use]
    pub fn secret_header(self, header: &str, secret: &str) -> Self {
        self.credential(Credential::Header((header.into(), secret.into())))
    }

    /// A query parameter with the secret of this name as its value.
    #[must_use]
    pub fn secret_query(self, parameter: &str, secret: &str) -> Self {
        self.credential(Credential::Query((parameter.into(), secret.into())))
    }

    /// `Authorization: Basic`, both parts being names of secrets.
    #[must_use]
    pub fn basic(self, user_secret: &str, password_secret: &str) -> Self {
        self.credential(Credential::Basic((
            user_secret.into(),
            password_secret.into(),
        )))
    }

    fn credential(mut self, credential: Credential) -> Self {
        self.credentials.push(credential);
        self
    }

    /// From the first byte sent to the last received; at most what the host allows.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout_ms = Some(u32::try_from(limit.as_millis()).unwrap_or(u32::MAX));
        self
    }

    /// # Errors
    /// [`RequestError`]; every status is an answer.
    pub fn send(self) -> Result<Response, RequestError> {
        with_repeat(imports::send(&self), self.repeat)
    }
}

/// Sends all at once; the answers come in the order of the requests.
#[must_use]
pub fn send_all(requests: &[Request]) -> Vec<Result<Response, RequestError>> {
    imports::send_all(requests)
        .into_iter()
        .zip(requests)
        .map(|(received, request)| with_repeat(received, request.repeat))
        .collect()
}

/// What came back keeps in mind what its request said about arriving twice, so that `?` can
/// distinguish a failure to repeat from one that must not be.
pub(crate) fn with_repeat(
    received: Result<wire::Response, SendError>,
    repeat: Repeat,
) -> Result<Response, RequestError> {
    match received {
        Ok(wire::Response {
            status,
            headers,
            body,
        }) => Ok(Response {
            status,
            headers,
            body,
            repeat,
        }),
        Err(error) => Err(RequestError { error, repeat }),
    }
}

/// Encodes text for one segment of a path, or a part of a query.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Any answer of the provider, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    repeat: Repeat,
}

impl Response {
    /// 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Itself if the status is 200 to 299. For providers whose errors need no closer look.
    ///
    /// # Errors
    /// By status: 401 and 403 are `Unauthorized`, 429 is `RateLimited`, 408 and whatever is no
    /// 4xx is `Unavailable`, or `Unknown` if the request was unsafe; the rest is `Failed`.
    pub fn success(self) -> Result<Self, Failure> {
        let reason = self.text().into();
        match self.status {
            200..300 => Ok(self),
            401 | 403 => Err(Failure::Unauthorized(reason)),
            429 => Err(Failure::RateLimited(self.retry_after_ms())),
            400..500 if self.status != 408 => Err(Failure::Failed(reason)),
            _ if self.repeat == Repeat::Unsafe => Err(Failure::Unknown(reason)),
            _ => Err(Failure::Unavailable(reason)),
        }
    }

    /// For the owner: what an answer that is no success means by its status alone; the answer itself is
    /// for operators.
    #[must_use]
    pub fn text(&self) -> Text {
        let text = match self.status {
            401 | 403 => Text::new(
                "제공사가 접근을 허락하지 않았습니다.",
                "The provider does not let the account in.",
            ),
            404 | 410 => Text::new(
                "제공사에서 찾을 수 없습니다.",
                "It is not there at the provider.",
            ),
            429 => Text::new(
                "제공사가 지금은 더 받지 않습니다.",
                "The provider takes no more for now.",
            ),
            400..500 if self.status != 408 => Text::new(
                "제공사가 요청을 받지 않았습니다.",
                "The provider did not take the request.",
            ),
            _ => Text::new(
                "제공사에 잠시 문제가 있습니다.",
                "The provider is in trouble at the moment.",
            ),
        };
        let excerpt = self.excerpt();
        text.detail(format!("status {}: {excerpt}", self.status).trim_end_matches([':', ' ']))
    }

    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// How long `Retry-After` asks to wait, in milliseconds: from its seconds, or from its HTTP
    /// date, counted from [`run::now`]. What is neither is absent. The host caps what you ask of
    /// it, so that it need not be capped here.
    #[must_use]
    pub fn retry_after_ms(&self) -> Option<u64> {
        retry_after::wait_ms(self.header("retry-after")?, run::now)
    }

    /// # Errors
    /// [`JsonError`] if the body is not the JSON of a `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        serde_json::from_slice(&self.body).map_err(|error| JsonError {
            status: self.status,
            reason: error.to_string(),
            repeat: self.repeat,
        })
    }

    /// The beginning of the body as text, for a message.
    #[must_use]
    pub fn excerpt(&self) -> String {
        String::from_utf8_lossy(&self.body)
            .chars()
            .take(200)
            .collect()
    }
}

/// A body that is not the JSON that was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    pub status: u16,
    pub reason: String,
    /// What the request said about arriving twice.
    pub repeat: Repeat,
}

impl JsonError {
    /// For the owner.
    #[must_use]
    pub fn text(&self) -> Text {
        let text = Text::new(
            "제공사의 응답을 읽을 수 없습니다.",
            "The provider's answer could not be read.",
        );
        text.detail(&self.to_string())
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the answer with status {} could not be read: {}",
            self.status, self.reason
        )
    }
}

impl core::error::Error for JsonError {}

/// A request without a usable answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError {
    pub error: SendError,
    /// What the request said about arriving twice.
    pub repeat: Repeat,
}

impl RequestError {
    /// Whether the provider may have received it, and acted.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        matches!(self.error, SendError::InDoubt(_) | SendError::TooLarge(_))
    }

    /// For the owner; the host's own words, which name the limit or the rule, are for operators.
    #[must_use]
    pub fn text(&self) -> Text {
        let (korean, english) = match &self.error {
            SendError::Denied(_) => (
                "허용되지 않은 요청이라 보내지 않았습니다.",
                "The request is not allowed and was not sent.",
            ),
            SendError::NotSent(_) => ("연결하지 못했습니다.", "There was no connection."),
            SendError::InDoubt(_) => ("응답을 받지 못했습니다.", "There was no answer."),
            SendError::TooLarge(_) => (
                "응답이 너무 커서 읽지 못했습니다.",
                "The answer was too large to be read.",
            ),
        };
        Text::new(korean, english).detail(&self.to_string())
    }
}

/// For a log; the owner reads [`RequestError::text`].
impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            SendError::Denied(reason) => write!(f, "not allowed: {reason}"),
            SendError::NotSent(reason) => write!(f, "not sent: {reason}"),
            SendError::InDoubt(reason) => write!(f, "no answer: {reason}"),
            SendError::TooLarge(bytes) => write!(f, "the answer was too large: {bytes} bytes"),
        }
    }
}

impl core::error::Error for RequestError {}

#[cfg(test)]
mod tests;
