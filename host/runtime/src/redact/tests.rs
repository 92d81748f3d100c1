use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// One way to write something else for a text. The last argument decides where there is a choice.
#[derive(Debug, Clone, Copy)]
enum Spelling {
    Percent,
    PercentLower,
    Form,
    JsonSlash,
    JsonUnicode,
    JsonUnicodeAll,
    HtmlNamed,
    HtmlDecimal,
    HtmlHex,
    Base64,
    Base64NoPad,
    Base64Url,
    Base64UrlNoPad,
    HexLower,
    HexUpper,
}

const SPELLINGS: [Spelling; 15] = [
    Spelling::Percent,
    Spelling::PercentLower,
    Spelling::Form,
    Spelling::JsonSlash,
    Spelling::JsonUnicode,
    Spelling::JsonUnicodeAll,
    Spelling::HtmlNamed,
    Spelling::HtmlDecimal,
    Spelling::HtmlHex,
    Spelling::Base64,
    Spelling::Base64NoPad,
    Spelling::Base64Url,
    Spelling::Base64UrlNoPad,
    Spelling::HexLower,
    Spelling::HexUpper,
];

impl Spelling {
    fn of(self, text: &str) -> String {
        let bytes = |escape: fn(u8) -> String| text.bytes().map(escape).collect::<String>();
        let chars = |escape: &dyn Fn(char) -> String| text.chars().map(escape).collect::<String>();
        match self {
            Self::Percent => bytes(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).into(),
                _ => format!("%{byte:02X}"),
            }),
            Self::PercentLower => bytes(|byte| format!("%{byte:02x}")),
            Self::Form => url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            Self::JsonSlash => {
                let json = serde_json::to_string(text).unwrap();
                json[1..json.len() - 1].replace('/', "\\/")
            }
            Self::JsonUnicode => chars(&|character| match character {
                'a'..='z' | 'A'..='Z' | '0'..='9' => character.into(),
                _ => json_unicode(character),
            }),
            Self::JsonUnicodeAll => chars(&json_unicode),
            Self::HtmlNamed => chars(&|character| match character {
                '&' => "&amp;".into(),
                '<' => "&lt;".into(),
                '>' => "&gt;".into(),
                '"' => "&quot;".into(),
                '\'' => "&apos;".into(),
                '/' => "&sol;".into(),
                '+' => "&plus;".into(),
                '=' => "&equals;".into(),
                other => other.into(),
            }),
            Self::HtmlDecimal => chars(&|character| format!("&#{};", u32::from(character))),
            Self::HtmlHex => chars(&|character| format!("&#x{:X};", u32::from(character))),
            Self::Base64 => STANDARD.encode(text),
            Self::Base64NoPad => STANDARD_NO_PAD.encode(text),
            Self::Base64Url => URL_SAFE.encode(text),
            Self::Base64UrlNoPad => URL_SAFE_NO_PAD.encode(text),
            Self::HexLower => hex::encode(text),
            Self::HexUpper => hex::encode_upper(text),
        }
    }
}

fn json_unicode(character: char) -> String {
    let mut units = [0; 2];
    let units = character.encode_utf16(&mut units);
    units.iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

fn redactor(secrets: &[&str]) -> Redactor {
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| (*secret).into()).collect();
    Redactor::new(&secrets)
}

/// What a secret may be made of: all that a header field can carry.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9_-]{8,60}",
        "[a-zA-Z0-9+/=|.~]{8,60}",
        "[ -~]{6,40}[a-z]{4}",
        "[가-힣]{4,12}",
    ]
}

fn nested() -> impl Strategy<Value = Vec<Spelling>> {
    vec(proptest::sample::select(&SPELLINGS[..]), 0..=3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// The words of the rule: no spelling of a secret leaves.
    #[test]
    fn every_spelling_of_a_secret_is_redacted(
        secret in secret(),
        spellings in nested(),
        before in "[ -~]{0,20}",
        inside in "[a-z:]{0,4}",
        after in "[ -~]{0,20}",
    ) {
        // Not alone, so that base64 stands in each of its alignments.
        let plain = format!("{inside}{secret}");
        let spelled = spellings.iter().fold(plain, |text, spelling| spelling.of(&text));
        let redactor = redactor(&[&secret]);
        // Whatever stands around it, but what would be a part of the spelling.
        let text = format!("{before} {spelled} {after}");
        let clean = redactor.answer_text(text.clone());
        prop_assert!(!clean.contains(&spelled), "{spellings:?}: {text} → {clean}");
        prop_assert!(!clean.contains(&secret), "{spellings:?}: {text} → {clean}");
        prop_assert!(!redactor.contains_secret(&clean), "{spellings:?}: {text} → {clean}");
        prop_assert!(clean.contains(REPLACEMENT));
    }

    /// And a body that was JSON stays JSON, wherever in it the secret stands.
    #[test]
    fn redacted_json_stays_valid_json(
        secret in secret(),
        spellings in nested(),
        before in "[ -~]{0,12}",
    ) {
        // What stands right before it must not make another escape of it, as `%` before `64…` does.
        let before = format!("{before} ");
        let spelled = spellings.iter().fold(secret.clone(), |text, spelling| spelling.of(&text));
        let body = serde_json::json!({
            "id": spelled,
            "error": {"message": format!("{before}{spelled}"), "code": 190},
            (spelled.as_str()): [1, 2.5, null],
        });
        let redactor = redactor(&[&secret]);
        for body in [body.to_string(), body.to_string().replace('/', "\\/")] {
            let clean = redactor.body(body.clone().into_bytes());
            let clean: serde_json::Value = serde_json::from_slice(&clean)
                .map_err(|error| TestCaseError::fail(format!("{body}: {error}")))?;
            let text = clean.to_string();
            prop_assert!(!text.contains(&secret), "{body} → {text}");
            let strings = [&clean["id"], &clean["error"]["message"]];
            for string in strings.into_iter().filter_map(serde_json::Value::as_str) {
                prop_assert!(!string.contains(&spelled), "{body} → {text}");
            }
        }
    }

    #[test]
    fn a_text_without_a_secret_is_unchanged(text in "[ -~가-힣]{0,200}") {
        let redactor = redactor(&["sandbox-canary-71c2-of-the-shop"]);
        prop_assert_eq!(redactor.answer_text(text.clone()), text);
    }

    #[test]
    fn any_bytes_can_be_searched(bytes in vec(any::<u8>(), 0..2_000)) {
        let redactor = redactor(&["canary%41\\n&amp;x"]);
        let _ = redactor.body(bytes);
    }
}

const CANARY: &str = "canary/of+the=mine";

#[test]
fn only_the_secret_itself_is_replaced() {
    let redactor = redactor(&[CANARY, "canary-user", "canary-user-of-more"]);
    for (text, clean) in [
        ("nothing", "nothing"),
        ("a canary/of+the=mine b", "a [secret] b"),
        ("<?t=canary%2fof%2Bthe%3dmine&x=%2f>", "<?t=[secret]&x=%2f>"),
        (
            r#"{"id":"canary\/of+the=mine","n":"\/"}"#,
            r#"{"id":"[secret]","n":"\/"}"#,
        ),
        ("canary&#47;of&plus;the&#x3D;mine;", "[secret];"),
        (
            "canary-user-of-more, canary-user: canary-usercanary-user",
            "[secret], [secret]: [secret][secret]",
        ),
        ("canary/of+the=min", "canary/of+the=min"),
    ] {
        assert_eq!(redactor.answer_text(text.to_owned()), clean);
    }
}

#[test]
fn an_escaping_backslash_is_redacted_with_its_secret() {
    let redactor = redactor(&["ncanary-71c2"]);
    let body = redactor.body(br#"{"a":"x\ncanary-71c2","b":"x\\ncanary-71c2"}"#.to_vec());
    assert_eq!(body, br#"{"a":"x[secret]","b":"x\\[secret]"}"#);
}

#[test]
fn redacting_a_numeric_secret_keeps_valid_json() {
    let redactor = redactor(&["1234567890"]);
    assert_eq!(
        redactor.body(br#"{"id":1234567890}"#.to_vec()),
        br#""[secret]""#
    );
    assert_eq!(
        redactor.body(br#"{"id":"1234567890"}"#.to_vec()),
        br#"{"id":"[secret]"}"#
    );
}

#[test]
fn a_secret_between_binary_bytes_is_found() {
    let redactor = redactor(&["canary-user"]);
    let strike = |body: &[u8]| redactor.body(body.to_vec());
    assert_eq!(
        strike(b"\xb9\xe8canary-user\xc6\xf7"),
        b"\xb9\xe8[secret]\xc6\xf7"
    );
    for untouched in [
        &b""[..],
        b"a canary-use",
        b"\xff\xfe\x00",
        b"canary\xff-user",
    ] {
        assert_eq!(strike(untouched), untouched);
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_compressed_secret_is_found() {
    let redactor = redactor(&[CANARY]);
    let packed = gzip(format!("token: {}", Spelling::Percent.of(CANARY)).as_bytes());
    assert_eq!(redactor.body(packed.clone()), b"[secret]");
    let text = format!("{{\"saml\":\"{}\"}}", STANDARD.encode(&packed));
    assert_eq!(redactor.body(text.into_bytes()), br#"{"saml":"[secret]"}"#);
    let other = gzip(b"nothing");
    assert_eq!(redactor.body(other.clone()), other);
}

#[test]
fn a_text_beyond_the_work_limit_is_redacted_whole() {
    let redactor = redactor(&[CANARY]);
    let bomb = gzip(&vec![b'x'; 200 << 20]);
    assert_eq!(redactor.body(bomb), b"[secret]");
}

#[test]
fn base64_in_lines_is_one_text() {
    let redactor = redactor(&[CANARY]);
    let long = STANDARD.encode(format!("{}{CANARY}{}", "x".repeat(50), "y".repeat(52)));
    let lines: Vec<&str> = long
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    assert_eq!(
        redactor.answer_text(format!("<{}>", lines.join("\r\n"))),
        "<[secret]>"
    );
}

#[test]
fn a_short_secret_is_redacted_only_in_component_texts() {
    let redactor = redactor(&["token", "token-7", ""]);
    let text = || "token-7, then token: tokentoken".to_owned();
    assert_eq!(
        redactor.text(text()),
        "[secret], then [secret]: [secret][secret]"
    );
    assert_eq!(redactor.answer_text(text()), text());
    assert_eq!(redactor.text("nothing".to_owned()), "nothing");
}
