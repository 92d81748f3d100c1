//! Header fields: which a component may set, and which a secret may be put into.

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::refusal::{Refusal, Rule, brief};

/// Header fields that frame a message or belong to the connection, and the encoding, which would
/// hide from the host what it has to count and redact: the host writes them.
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

/// The fields of a component's request.
pub(super) fn read_headers(fields: &[(String, String)]) -> Result<HeaderMap, Refusal> {
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

    fn refused_header(name: &str, value: &str) -> String {
        let fields = [(name.to_owned(), value.to_owned())];
        read_headers(&fields).expect_err(name).to_string()
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
