//! A provider that repeats what it was sent to get in: in every spelling, and in every place.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

/// The credentials of a request, as they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Credentials(Vec<String>);

impl Credentials {
    /// From where clients put them: `Authorization`, fields and parameters that are named like it.
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        let is_named = |name: &str| {
            let name = name.to_ascii_lowercase();
            ["token", "secret", "key"]
                .iter()
                .any(|part| name.contains(part))
                && !name.contains("idempotency")
        };
        let mut found = Vec::new();
        for (name, value) in request.headers() {
            let value = value.to_str().unwrap_or_default();
            if name == header::AUTHORIZATION {
                found.extend(authorization(value));
            } else if is_named(name.as_str()) {
                found.push(value.to_owned());
            }
        }
        let query = request.uri().query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes());
        found.extend(
            pairs
                .filter(|(name, _)| is_named(name))
                .map(|(_, value)| value.into_owned()),
        );
        found.retain(|secret| !secret.is_empty());
        Self(found)
    }

    fn spelled(&self) -> Vec<String> {
        self.0.iter().flat_map(|secret| spellings(secret)).collect()
    }

    /// The provider's own answer, and the credentials beside what is in it.
    pub(super) fn append_to(
        &self,
        response: axum::response::Response,
        body: &Bytes,
    ) -> Response<Body> {
        let (mut head, _) = response.into_parts();
        let spelled = self.spelled();
        add_fields(&mut head.headers, &spelled);
        let body = match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(mut fields)) => {
                head.headers.remove(header::CONTENT_LENGTH);
                fields.insert("echo".to_owned(), echoed(&spelled));
                escaped(&Value::Object(fields))
            }
            _ => body.to_vec(),
        };
        Response::from_parts(head, Body::from(body))
    }

    /// A no whose words are the credentials, wherever a provider here has its words.
    pub(super) fn refusal(&self, status: StatusCode) -> Response<Body> {
        let spelled = self.spelled();
        let words = spelled.join(" ");
        let body = json!({
            "error": {"message": words, "error_user_msg": words, "code": 1, "fbtrace_id": words},
            "header": {"isSuccessful": false, "resultCode": -9998, "resultMessage": words},
            "type": "about:blank", "title": words, "detail": words, "code": words,
            "id": spelled.first(), "echo": echoed(&spelled),
        });
        let mut response = Response::new(Body::from(escaped(&body)));
        *response.status_mut() = status;
        add_fields(response.headers_mut(), &spelled);
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }
}

/// As PHP writes JSON: `\/` for each slash.
fn escaped(json: &Value) -> Vec<u8> {
    json.to_string().replace('/', "\\/").into_bytes()
}

fn echoed(spelled: &[String]) -> Value {
    let named = spelled.iter().enumerate();
    let fields = named.map(|(index, spelling)| (format!("as{index}"), json!(spelling)));
    let mut fields: Map<String, Value> = fields.collect();
    // And as a name.
    if let Some(first) = spelled.first() {
        fields.insert(first.clone(), Value::Null);
    }
    Value::Object(fields)
}

fn add_fields(headers: &mut HeaderMap, spelled: &[String]) {
    for (index, spelling) in spelled.iter().enumerate() {
        let name = HeaderName::try_from(format!("x-echo-{index}"));
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(spelling)) {
            headers.insert(name, value);
        }
    }
}

fn authorization(value: &str) -> Vec<String> {
    if let Some(token) = value.strip_prefix("Bearer ") {
        return vec![token.to_owned()];
    }
    let pair = value.strip_prefix("Basic ").and_then(|encoded| {
        let decoded = STANDARD.decode(encoded).ok()?;
        String::from_utf8(decoded).ok()
    });
    let Some(pair) = pair else {
        return vec![value.to_owned()];
    };
    let parts = pair.split(':').flat_map(|part| {
        let decoded = form_urlencoded::parse(part.as_bytes()).next();
        let decoded = decoded.map(|(part, _)| part.into_owned());
        [Some(part.to_owned()), decoded]
    });
    parts.flatten().chain([pair.clone()]).collect()
}

/// Each by itself, and some within each other.
fn spellings(secret: &str) -> Vec<String> {
    let percent = |text: &str| {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02x}"),
        };
        text.bytes().map(byte).collect::<String>()
    };
    let unicode = |text: &str| {
        let escape = |character: char| format!("\\u{:04x}", u32::from(character));
        text.chars().map(escape).collect::<String>()
    };
    let html = |text: &str| {
        let escape = |character: char| format!("&#x{:x};", u32::from(character));
        text.chars().map(escape).collect::<String>()
    };
    let digits = |text: &str| {
        let digits = |byte: u8| format!("{byte:02X}");
        text.bytes().map(digits).collect::<String>()
    };
    vec![
        secret.to_owned(),
        percent(secret),
        form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        percent(&percent(secret)),
        unicode(secret),
        html(secret),
        digits(secret),
        STANDARD.encode(secret),
        STANDARD.encode(format!("a{secret}")),
        URL_SAFE_NO_PAD.encode(format!("ab{secret}")),
        percent(&STANDARD.encode(html(secret))),
        digits(&URL_SAFE_NO_PAD.encode(percent(secret))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_extracted_from_headers_query_and_body() {
        let request = Request::builder()
            .uri("/v1?access_token=sandbox-q%2F&fields=id")
            .header(
                "authorization",
                format!("Basic {}", STANDARD.encode("user:pa%2Bss")),
            )
            .header("X-Secret-Key", "sandbox-h")
            .header("X-NC-API-IDEMPOTENCY-KEY", "not a secret")
            .body(())
            .unwrap();
        let mut found = Credentials::of(&request).0;
        found.sort();
        assert_eq!(
            found,
            [
                "pa%2Bss",
                "pa+ss",
                "sandbox-h",
                "sandbox-q/",
                "user",
                "user",
                "user:pa%2Bss"
            ]
        );
    }
}
