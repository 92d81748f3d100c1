//! The URL of a request: what is compared with the rules is exactly what will be sent.

use url::Url;

use super::refusal::{Refusal, Rule, brief, for_display};

/// Reads the URL of a component's request.
pub(super) fn parse_url(text: &str) -> Result<Url, Refusal> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_url(text: &str) -> String {
        parse_url(text).expect_err(text).to_string()
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
}
