//! What an owner confirms with that they have posted something themselves: the address of the post.

use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

/// Addresses that a post of this channel can have; none: any https address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmSpec {
    pub urls: Vec<PostAddress>,
}

/// An address such as `https://blog.naver.com/{blogId}/{#}`: `{name}` is the account's setting of
/// that name, `{#}` one or more digits, the provider's id of the post.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PostAddress {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Setting(String),
    Digits,
}

/// Why an address is not that of a post on this channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAPost {
    /// What it could be, settings filled in.
    pub expected: Vec<String>,
}

impl ConfirmSpec {
    /// The provider's id of the post at `url`, where the address has one.
    ///
    /// # Errors
    /// [`NotAPost`] when it is none of the addresses.
    pub fn external_id(
        &self,
        url: &Url,
        settings: &Map<String, Value>,
    ) -> Result<Option<String>, NotAPost> {
        if self.urls.is_empty() && url.scheme() == "https" {
            return Ok(None);
        }
        let fitting = self
            .urls
            .iter()
            .find_map(|address| address.match_url(url, settings));
        fitting.ok_or_else(|| NotAPost {
            expected: match &self.urls[..] {
                [] => vec!["https://…".to_owned()],
                urls => urls
                    .iter()
                    .map(|address| address.filled(settings))
                    .collect(),
            },
        })
    }
}

impl PostAddress {
    /// `None` when it does not fit; else the digits, where there are some. Query and fragment are
    /// not looked at, nor is a slash at the end.
    fn match_url(&self, url: &Url, settings: &Map<String, Value>) -> Option<Option<String>> {
        let anonymous = url.username().is_empty() && url.password().is_none();
        let origin = url.origin().ascii_serialization();
        let path = url.path().trim_end_matches('/');
        let given: Vec<&str> = std::iter::once(origin.as_str())
            .chain(path.split('/').skip(1))
            .collect();
        if !anonymous || given.len() != self.segments.len() {
            return None;
        }
        let mut id = None;
        for (segment, given) in self.segments.iter().zip(given) {
            let fits = match segment {
                Segment::Literal(literal) => literal == given,
                Segment::Setting(name) => settings.get(name).and_then(Value::as_str) == Some(given),
                Segment::Digits => {
                    id = Some(given.to_owned());
                    !given.is_empty() && given.bytes().all(|byte| byte.is_ascii_digit())
                }
            };
            if !fits {
                return None;
            }
        }
        Some(id)
    }

    fn filled(&self, settings: &Map<String, Value>) -> String {
        let segments = self.segments.iter().map(|segment| match segment {
            Segment::Literal(literal) => literal.clone(),
            Segment::Setting(name) => match settings.get(name).and_then(Value::as_str) {
                Some(value) => value.to_owned(),
                None => format!("{{{name}}}"),
            },
            Segment::Digits => "123456789".to_owned(),
        });
        segments.collect::<Vec<_>>().join("/")
    }
}

impl TryFrom<String> for PostAddress {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let bare = text.strip_prefix("https://");
        let (host, path) = bare
            .and_then(|bare| bare.split_once('/'))
            .filter(|(host, _)| !host.is_empty() && !host.contains(['{', '}']))
            .ok_or_else(|| {
                format!("{text:?} is not an address such as \"https://a.example/{{user}}/{{#}}\"")
            })?;
        let mut segments = vec![Segment::Literal(format!("https://{host}"))];
        for part in path.split('/') {
            let inner = part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'));
            segments.push(match inner {
                Some("#") => Segment::Digits,
                Some(name) if !name.is_empty() => Segment::Setting(name.to_owned()),
                None if !part.contains(['{', '}']) => Segment::Literal(part.to_owned()),
                Some(_) | None => {
                    return Err(format!("{text:?}: {part:?} must be a whole segment"));
                }
            });
        }
        Ok(Self { segments })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn blog(address: &str) -> Result<Option<String>, NotAPost> {
        let spec: ConfirmSpec = serde_json::from_value(json!({
            "urls": ["https://blog.naver.com/{blogId}/{#}"]
        }))
        .expect("a spec");
        let settings = json!({"blogId": "ondam"});
        let settings = settings.as_object().expect("an object");
        spec.external_id(&address.parse().expect("an address"), settings)
    }

    #[test]
    fn a_post_of_the_owner_s_blog_has_an_id() {
        for address in [
            "https://blog.naver.com/ondam/223456",
            "https://blog.naver.com/ondam/223456/?from=app#top",
        ] {
            assert_eq!(blog(address), Ok(Some("223456".to_owned())), "{address}");
        }
    }

    #[test]
    fn what_is_not_a_post_of_this_owner_is_refused_and_the_right_form_is_told() {
        for address in [
            "https://blog.naver.com/other/223456",
            "https://blog.naver.com/ondam",
            "https://blog.naver.com/ondam/draft",
            "http://blog.naver.com/ondam/223456",
            "https://blog.naver.com.evil.example/ondam/223456",
            "https://user@blog.naver.com/ondam/223456",
            "https://blog.naver.com:8443/ondam/223456",
            "https://blog.naver.com/ondam/2/3",
        ] {
            let refused = blog(address).expect_err(address);
            assert_eq!(refused.expected, ["https://blog.naver.com/ondam/123456789"]);
        }
    }

    #[test]
    fn without_addresses_any_https_address_will_do() {
        let any = ConfirmSpec::default();
        let ask = |address: &str| any.external_id(&address.parse().expect("one"), &Map::new());
        assert_eq!(ask("https://a.example/x"), Ok(None));
        assert!(ask("http://a.example/x").is_err());
    }

    #[test]
    fn an_address_that_cannot_be_matched_is_refused_when_it_is_declared() {
        for text in [
            "http://a.example/x",
            "https://a.example",
            "https://{host}/x",
            "https://a.example/x{#}",
        ] {
            assert!(PostAddress::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
