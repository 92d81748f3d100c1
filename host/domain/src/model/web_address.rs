//! Addresses as people write and paste them.

use serde::{Deserialize as _, Deserializer};
use url::Url;

use crate::model::normal_form;
use crate::model::text::Localized;

/// Reads an address of the web. Without a scheme it is https: nobody writes it on a sign.
///
/// # Errors
/// What is wrong, for the owner.
pub fn parse(text: &str) -> Result<Url, Localized> {
    let text = text.trim();
    let url = if names_a_host(text) {
        format!("https://{}", text.trim_start_matches('/')).parse()
    } else {
        text.parse::<Url>()
    };
    url.ok()
        .filter(|url| matches!(url.scheme(), "https" | "http"))
        .ok_or_else(|| {
            Localized::new(
                "웹 주소가 아닙니다. 예: https://www.example.co.kr",
                "This is not a web address. Example: https://www.example.co.kr",
            )
        })
}

/// Whether it begins with a host, and a port perhaps: `www.example.co.kr/menu`, `//example.co.kr`.
fn names_a_host(text: &str) -> bool {
    let bare = text.strip_prefix("//").unwrap_or(text);
    let authority = bare.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    // A full stop of a Korean or Japanese keyboard is one as well (UTS 46).
    host.contains(['.', '。', '．', '｡'])
        && !host.contains('@')
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Why an address cannot be used; none: it is https.
pub(crate) fn not_https(url: &Url) -> Option<Localized> {
    (url.scheme() != "https").then(|| {
        Localized::new(
            "https://로 시작하는 주소만 쓸 수 있습니다. http://로 시작하는 주소는 안전하게 열리지 않습니다. 예: https://www.example.co.kr",
            "Only an address that begins with https:// can be used: one with http:// does not open safely. Example: https://www.example.co.kr",
        )
    })
}

/// For a link that an owner wrote: in its normal form.
pub(crate) fn link<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let text = text.map(normal_form::line).filter(|text| !text.is_empty());
    let link = text.map(|text| parse(&text)).transpose();
    link.map_err(Localized::into_error)
}

/// For a file's address: what it is called is the server's business, so its bytes stay.
pub(crate) fn file<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map_err(Localized::into_error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::Language;

    #[test]
    fn an_address_without_a_scheme_is_https() {
        for (written, address) in [
            ("www.ondam-bakery.co.kr", "https://www.ondam-bakery.co.kr/"),
            (
                "ondam.kr/메뉴?a=1",
                "https://ondam.kr/%EB%A9%94%EB%89%B4?a=1",
            ),
            (" //ondam.kr ", "https://ondam.kr/"),
            ("ondam.kr:8443/x", "https://ondam.kr:8443/x"),
            ("온담.kr", "https://xn--jk1b477a.kr/"),
            ("ＷＷＷ．ondam。kr", "https://www.ondam.kr/"),
            ("HTTPS://Ondam.KR/A", "https://ondam.kr/A"),
            ("http://ondam.kr", "http://ondam.kr/"),
        ] {
            assert_eq!(
                parse(written).as_ref().map(Url::as_str),
                Ok(address),
                "{written}"
            );
        }
    }

    #[test]
    fn an_invalid_web_address_is_refused_in_both_languages() {
        for text in [
            "",
            "온담 베이커리",
            "javascript:alert(1)",
            "mailto:shop@ondam.kr",
            "shop@ondam.kr",
            "https://",
            "/menu",
            "010-1234-5678",
        ] {
            let refused = parse(text).expect_err(text);
            let korean = refused.get(Language::Korean);
            assert!(korean.starts_with("웹 주소가 아닙니다."), "{korean}");
        }
    }

    #[test]
    fn a_file_s_name_keeps_its_bytes() {
        let parts = "https://ondam.kr/\u{1107}\u{1169}\u{11b7}.jpg";
        let url = file(serde_json::json!(parts)).expect("an address");
        assert!(
            url.as_str().ends_with("/%E1%84%87%E1%85%A9%E1%86%B7.jpg"),
            "{url}"
        );
        let link = link(serde_json::json!(parts)).expect("an address");
        assert!(link.expect("one").as_str().ends_with("/%EB%B4%84.jpg"));
    }
}
