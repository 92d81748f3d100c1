//! The shape of a request: what is compared with the rules is exactly what will be sent.

use bytes::Bytes;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::refusal::{Refusal, Rule, brief, for_display};
use super::{Credential, EgressPolicy, Method, OutgoingRequest, SendError};
use crate::limits::grouped;

/// Header fields and credentials of one request, together. HTTP libraries stop at some thousand
/// by panicking, and servers take about a hundred.
const MAX_FIELDS: usize = 100;

/// Header fields that frame a message or belong to the connection, and the encoding, which would
/// hide from the host what it has to count and strike out: the host writes them.
const HOST_CONTROLLED_FIELDS: [&str; 11] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "http2-settings",
    "accept-encoding",
];

/// Header fields by which some servers take another method or path than the granted one.
const OVERRIDES: [&str; 5] = [
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
];

/// A request of the right shape, before grants, credentials and rewrites.
#[derive(Debug, Clone)]
pub(super) struct ParsedRequest {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
    pub(super) credentials: Vec<Credential>,
}

impl ParsedRequest {
    /// Reads what a component wants to send.
    ///
    /// # Errors
    /// [`SendError::Denied`] by rule "url" or "headers", or by limit "request bytes".
    pub(super) fn read(
        request: OutgoingRequest,
        policy: &EgressPolicy<'_>,
    ) -> Result<Self, SendError> {
        // Size first: what follows takes time in proportion to it.
        let (used, limit) = (size(&request), policy.limits.request_bytes);
        if used > limit {
            return Err(SendError::Denied(format!(
                "limit \"request bytes\": used {} of {}, channel {}",
                grouped(used),
                grouped(limit),
                policy.channel,
            )));
        }
        if request.headers.len() + request.credentials.len() > MAX_FIELDS {
            let reason = format!("more than {MAX_FIELDS} fields and credentials");
            return Err(Rule::Headers.refuses(reason).into());
        }
        let url = parse_url(&request.url)?;
        let headers = read_headers(&request.headers)?;
        let body = request.body.map(Bytes::from);
        let (method, credentials) = (request.method, request.credentials);
        Ok(Self {
            method,
            url,
            headers,
            body,
            credentials,
        })
    }

    /// The host's name or address, for errors.
    pub(super) fn host(&self) -> String {
        self.url.host_str().unwrap_or_default().to_owned()
    }

    /// This request as it goes over the wire to `address`, without credentials.
    pub(super) fn to_request(&self, address: &Url) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.method.to_http(), address.clone());
        *request.headers_mut() = self.headers.clone();
        *request.body_mut() = self.body.clone().map(reqwest::Body::from);
        request
    }

    /// This request at another address, without the body's fields when it has lost its body.
    pub(super) fn redirected_to(mut self, method: Method, url: Url) -> Self {
        if method != self.method {
            self.body = None;
            for field in [
                header::CONTENT_TYPE,
                header::CONTENT_ENCODING,
                header::CONTENT_LANGUAGE,
            ] {
                self.headers.remove(field);
            }
        }
        Self {
            method,
            url,
            ..self
        }
    }
}

/// Bytes that a component wants to send, without what the host adds.
fn size(request: &OutgoingRequest) -> u64 {
    let headers: usize = request
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    let credentials: usize = request.credentials.iter().map(Credential::name_bytes).sum();
    let body = request.body.as_ref().map_or(0, Vec::len);
    (request.url.len() + headers + credentials + body) as u64
}

fn parse_url(text: &str) -> Result<Url, Refusal> {
    let url = Url::parse(text).map_err(|error| {
        let before_query = text.split('?').next().unwrap_or_default();
        Rule::Url.refuses(format!(
            "{:?} is not an address: {error}",
            brief(before_query)
        ))
    })?;
    check_url(url)
}

/// Refuses addresses that mean different things to different readers; drops the fragment.
pub(super) fn check_url(mut url: Url) -> Result<Url, Refusal> {
    if !matches!(url.scheme(), "http" | "https") {
        let reason = format!(
            "only http and https are spoken, not {:?}",
            brief(url.scheme())
        );
        return Err(Rule::Url.refuses(reason));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Rule::Url.refuses("an address has no user and no password; use credentials"));
    }
    if hides_dot_segment(url.path()) {
        let reason = format!("{} hides a dot segment", for_display(&url));
        return Err(Rule::Url.refuses(reason));
    }
    url.set_fragment(None);
    Ok(url)
}

/// Whether some server could read `..` in a path that has none: plain and once encoded dots are
/// resolved by now, which leaves encoded slashes, encoded percent signs and path parameters.
fn hides_dot_segment(path: &str) -> bool {
    decoded(path).split(['/', '\\']).any(|segment| {
        let name = segment.split(';').next().unwrap_or_default();
        name == "." || name == ".."
    })
}

/// The path with its encoded dots, separators and semicolons decoded, however often they were
/// encoded. One pass, as a path may be as long as a request.
fn decoded(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, encoded)) = rest.split_once('%') {
        plain.push_str(before);
        let encoded = encoded.trim_start_matches("25");
        let (char, after) = match encoded.as_bytes() {
            [b'2', b'e' | b'E', ..] => ('.', &encoded[2..]),
            [b'2', b'f' | b'F', ..] => ('/', &encoded[2..]),
            [b'5', b'c' | b'C', ..] => ('\\', &encoded[2..]),
            [b'3', b'b' | b'B', ..] => (';', &encoded[2..]),
            _ => ('%', encoded),
        };
        plain.push(char);
        rest = after;
    }
    plain + rest
}

fn read_headers(fields: &[(String, String)]) -> Result<HeaderMap, Refusal> {
    let mut headers = HeaderMap::with_capacity(fields.len());
    for (name, value) in fields {
        let name = field_name(name)?;
        if name == header::AUTHORIZATION || name == header::COOKIE {
            let reason = format!(
                "field {:?} is not a component's to set; use credentials",
                name.as_str()
            );
            return Err(Rule::Headers.refuses(reason));
        }
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
            Rule::Headers.refuses(format!(
                "the value of {:?} has a line break or another control character",
                name.as_str()
            ))
        })?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// The name of a header field, unless the field is the host's own or steers around a grant.
pub(super) fn field_name(name: &str) -> Result<HeaderName, Refusal> {
    let refused =
        |reason: &str| Err(Rule::Headers.refuses(format!("field {:?} {reason}", brief(name))));
    let Ok(field) = HeaderName::from_bytes(name.as_bytes()) else {
        return refused("is not the name of a header field");
    };
    // Gateways in the manner of CGI take `content_length` for `content-length`.
    let alike = field.as_str().replace('_', "-");
    if HOST_CONTROLLED_FIELDS.contains(&alike.as_str()) || alike.starts_with("proxy-") {
        return refused("is the host's to set");
    }
    if OVERRIDES.contains(&alike.as_str()) {
        return refused("asks for another request than the granted one");
    }
    Ok(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_url(text: &str) -> String {
        parse_url(text).expect_err(text).to_string()
    }

    fn refused_header(name: &str, value: &str) -> String {
        let fields = [(name.to_owned(), value.to_owned())];
        read_headers(&fields).expect_err(name).to_string()
    }

    #[test]
    fn an_ambiguous_url_is_denied() {
        assert_eq!(
            refused_url("https://user:pass@a.example/"),
            "rule \"url\": an address has no user and no password; use credentials"
        );
        assert_eq!(
            refused_url("file:///etc/passwd"),
            "rule \"url\": only http and https are spoken, not \"file\""
        );
        assert!(refused_url("/v1").starts_with("rule \"url\": \"/v1\" is not an address"));
        assert!(refused_url("http://[fe80::1%25eth0]/").starts_with("rule \"url\""));
        for path in [
            "/v1/..%2fadmin",
            "/v1/%2e%2e%2fadmin",
            "/v1/..%5cadmin",
            "/v1/%252e%252e/admin",
            "/v1/%25252e%25252e/admin",
            "/v1/%2E%2E%2Fadmin",
            "/v1/..;/admin",
            "/v1/..%3b/admin",
            "/v1/.%252f/admin",
        ] {
            let refusal = refused_url(&format!("https://a.example{path}"));
            assert!(refusal.ends_with("hides a dot segment"), "{refusal}");
        }
    }

    #[test]
    fn the_compared_url_is_the_url_sent() {
        for (text, sent) in [
            (
                "https://a.example/v1/%2e%2e/admin",
                "https://a.example/admin",
            ),
            (
                "https://a.example\\v1\\..\\admin",
                "https://a.example/admin",
            ),
            (
                "https://a.example\\@b.example/",
                "https://a.example/@b.example/",
            ),
            ("https://a.example/v1#access_token", "https://a.example/v1"),
            ("HTTPS://A.Example:443/v1", "https://a.example/v1"),
            ("https://a.exa\nmple/\tv1", "https://a.example/v1"),
            (
                "https://a.example/v1/a%2ejpg%25",
                "https://a.example/v1/a%2ejpg%25",
            ),
        ] {
            assert_eq!(parse_url(text).expect(text).as_str(), sent);
        }
    }

    #[test]
    fn framing_and_authorization_fields_are_denied() {
        for name in [
            "Host",
            "Content-Length",
            "Transfer-Encoding",
            "Connection",
            "Keep-Alive",
            "Upgrade",
            "TE",
            "Trailer",
            "Expect",
            "Accept-Encoding",
            "Proxy-Authorization",
            "Proxy-Connection",
            "Content_Length",
            "transfer_encoding",
        ] {
            let refusal = refused_header(name, "x");
            assert_eq!(
                refusal,
                format!("rule \"headers\": field {name:?} is the host's to set")
            );
        }
        for name in ["Authorization", "Cookie"] {
            assert!(
                refused_header(name, "x").ends_with("use credentials"),
                "{name}"
            );
        }
        for name in ["X-HTTP-Method-Override", "X_Http_Method", "X-Original-URL"] {
            assert!(
                refused_header(name, "x").ends_with("than the granted one"),
                "{name}"
            );
        }
    }

    #[test]
    fn header_injection_is_denied() {
        for value in ["a\r\nhost: b", "a\nb", "a\rb", "a\0b", "a\x7fb"] {
            assert_eq!(
                refused_header("x-note", value),
                "rule \"headers\": the value of \"x-note\" has a line break or another control \
                 character"
            );
        }
        for name in [
            "",
            "x note",
            "x:note",
            "x-note\r\nhost",
            "x\0",
            "x-배포",
            ":path",
        ] {
            assert!(refused_header(name, "x").ends_with("is not the name of a header field"));
        }
        let korean = [("x-note".to_owned(), "배포".to_owned())];
        assert!(read_headers(&korean).is_ok());
    }
}
