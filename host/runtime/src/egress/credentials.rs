//! Secrets go into a request here, and nowhere else, and come out of nothing that leaves here.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use super::draft::field_name;
use super::refusal::{Refusal, Rule};
use super::{Credential, Incoming, SendError};

/// Secrets shorter than this, in bytes, are left in answers: they would be found where they are
/// not meant.
const STRUCK_OUT_BYTES: usize = 8;

const INSTEAD: &str = "[secret]";

impl Credential {
    /// The names of the secrets it needs.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Self::Bearer(secret) | Self::Header(_, secret) | Self::Query(_, secret) => {
                (secret, None)
            }
            Self::Basic(user, password) => (user, Some(password)),
        };
        [Some(first), second]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
    /// Bytes of the names that a component gave.
    pub(super) fn name_bytes(&self) -> usize {
        let field = match self {
            Self::Header(field, _) | Self::Query(field, _) => field.len(),
            Self::Bearer(_) | Self::Basic(_, _) => 0,
        };
        field + self.secrets().map(str::len).sum::<usize>()
    }
}

/// Puts the secrets into a request that has passed the rules. What a component set under the
/// same name is replaced.
///
/// # Errors
/// Rule "credentials" names the secret that is missing or cannot be sent; rule "headers" the
/// field that a secret may not be put into.
pub(super) fn attach(
    request: &mut Request,
    credentials: &[Credential],
    secrets: &BTreeMap<String, SecretString>,
) -> Result<(), Refusal> {
    let value = |name| value_of(secrets, name);
    for credential in credentials {
        match credential {
            Credential::Bearer(secret) => {
                let text = format!("Bearer {}", value(secret)?);
                set_field(request, AUTHORIZATION, &text, secret)?;
            }
            Credential::Basic(user, password) => {
                let pair = format!("{}:{}", value(user)?, value(password)?);
                let text = format!("Basic {}", BASE64.encode(pair));
                set_field(request, AUTHORIZATION, &text, user)?;
            }
            Credential::Header(field, secret) => {
                set_field(request, field_name(field)?, value(secret)?, secret)?;
            }
            Credential::Query(field, secret) => set_query(request.url_mut(), field, value(secret)?),
        }
    }
    Ok(())
}

pub(super) fn value_of<'a>(
    secrets: &'a BTreeMap<String, SecretString>,
    name: &str,
) -> Result<&'a str, Refusal> {
    secrets
        .get(name)
        .map(ExposeSecret::expose_secret)
        .ok_or_else(|| {
            let reason = format!("the account has no secret {name:?}; connect the account");
            Rule::Credentials.refuses(reason)
        })
}

fn set_field(
    request: &mut Request,
    field: HeaderName,
    text: &str,
    secret: &str,
) -> Result<(), Refusal> {
    let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        Rule::Credentials.refuses(format!(
            "secret {secret:?} has a line break or another control character; \
             connect the account again"
        ))
    })?;
    value.set_sensitive(true);
    request.headers_mut().insert(field, value);
    Ok(())
}

fn set_query(url: &mut Url, field: &str, value: &str) {
    if url.query_pairs().any(|(name, _)| name == field) {
        let others: Vec<_> = url
            .query_pairs()
            .into_owned()
            .filter(|(name, _)| name != field)
            .collect();
        url.query_pairs_mut().clear().extend_pairs(others);
    }
    url.query_pairs_mut().append_pair(field, value);
}

/// Strikes the account's secrets out of what a provider says: some repeat a token in links and
/// error messages, and from there it would go into the component and the journal.
pub(super) struct Redaction(Vec<String>);

impl Redaction {
    /// Of all secrets of an account, as they are and as they stand in a query.
    pub(super) fn of(secrets: &BTreeMap<String, SecretString>) -> Self {
        let mut texts = Vec::new();
        for secret in secrets.values().map(ExposeSecret::expose_secret) {
            if secret.len() < STRUCK_OUT_BYTES {
                continue;
            }
            let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            texts.extend([secret.to_owned(), encoded.replace('+', "%20"), encoded]);
        }
        // A secret that contains another is struck out whole.
        texts.sort_by(|one, other| (other.len(), one).cmp(&(one.len(), other)));
        texts.dedup();
        Self(texts)
    }

    pub(super) fn answer(&self, mut answer: Incoming) -> Incoming {
        for (_, value) in &mut answer.headers {
            self.text(value);
        }
        answer.body = self.body(answer.body);
        answer
    }

    pub(super) fn result(
        &self,
        result: Result<Incoming, SendError>,
    ) -> Result<Incoming, SendError> {
        result
            .map(|answer| self.answer(answer))
            .map_err(|error| self.error(error))
    }

    pub(super) fn error(&self, mut error: SendError) -> SendError {
        match &mut error {
            SendError::Denied(text) | SendError::NotSent(text) | SendError::InDoubt(text) => {
                self.text(text);
            }
            SendError::TooLarge(_) => {}
        }
        error
    }

    pub(super) fn text(&self, text: &mut String) {
        if self.is_in(text) {
            *text = self.without(text);
        }
    }

    /// Of a text in whatever encoding, or none: a secret is plain ASCII in all that matter here.
    fn body(&self, body: Vec<u8>) -> Vec<u8> {
        if !body.utf8_chunks().any(|chunk| self.is_in(chunk.valid())) {
            return body;
        }
        let mut clean = Vec::with_capacity(body.len());
        for chunk in body.utf8_chunks() {
            clean.extend_from_slice(self.without(chunk.valid()).as_bytes());
            clean.extend_from_slice(chunk.invalid());
        }
        clean
    }

    fn is_in(&self, text: &str) -> bool {
        self.0
            .iter()
            .any(|secret| secret.len() <= text.len() && text.contains(secret))
    }

    fn without(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            text.replace(secret, INSTEAD)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> BTreeMap<String, SecretString> {
        [
            ("token", "canary/of+the mine"),
            ("user", "canary-user"),
            ("bad", "line\nbreak"),
        ]
        .map(|(name, value)| (name.to_owned(), SecretString::from(value)))
        .into()
    }

    fn attached(url: &str, credential: Credential) -> Result<Request, Refusal> {
        let mut request = Request::new(reqwest::Method::GET, url.parse().expect("a url"));
        attach(&mut request, &[credential], &secrets())?;
        Ok(request)
    }

    #[test]
    fn a_secret_in_a_header_field_is_marked_as_one() {
        let basic = Credential::Basic("user".to_owned(), "token".to_owned());
        let request = attached("https://a.example/", basic).expect("both secrets are there");
        let value = &request.headers()[AUTHORIZATION];
        assert!(value.is_sensitive());
        assert_eq!(
            value,
            &format!("Basic {}", BASE64.encode("canary-user:canary/of+the mine"))
        );
        assert!(!format!("{request:?}").contains("canary"));
    }

    #[test]
    fn a_secret_in_the_query_replaces_what_stood_there() {
        let query = Credential::Query("key".to_owned(), "token".to_owned());
        let request = attached("https://a.example/?a=1&key=forged", query).expect("it is there");
        assert_eq!(
            request.url().query(),
            Some("a=1&key=canary%2Fof%2Bthe+mine")
        );
    }

    #[test]
    fn a_secret_that_cannot_be_sent_is_named_but_not_told() {
        let missing = attached("https://a.example/", Credential::Bearer("none".to_owned()));
        assert_eq!(
            missing.expect_err("there is none").to_string(),
            "rule \"credentials\": the account has no secret \"none\"; connect the account"
        );
        let bad = attached("https://a.example/", Credential::Bearer("bad".to_owned()));
        let refusal = bad.expect_err("it breaks the line").to_string();
        assert!(
            refusal.contains("secret \"bad\" has a line break"),
            "{refusal}"
        );
        assert!(
            !refusal.contains("break\n") && !refusal.contains("line\n"),
            "{refusal}"
        );
        let host = Credential::Header("Host".to_owned(), "token".to_owned());
        let refusal = attached("https://a.example/", host)
            .expect_err("host")
            .to_string();
        assert_eq!(
            refusal,
            "rule \"headers\": field \"Host\" is the host's to set"
        );
    }

    #[test]
    fn what_a_provider_repeats_is_struck_out() {
        let answer = Incoming {
            status: 200,
            headers: vec![("link".to_owned(), "<?t=canary%2Fof%2Bthe+mine>".to_owned())],
            body: b"canary-user, canary/of+the mine; canary-user".to_vec(),
        };
        let answer = Redaction::of(&secrets()).answer(answer);
        assert_eq!(answer.headers[0].1, "<?t=[secret]>");
        assert_eq!(answer.body, b"[secret], [secret]; [secret]");
    }

    #[test]
    fn a_secret_is_found_between_bytes_that_are_no_text() {
        let strike = |body: &[u8]| Redaction::of(&secrets()).body(body.to_vec());
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
}
