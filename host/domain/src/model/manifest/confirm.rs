//! What an owner confirms with that they have posted something themselves: the address of the post,
//! brought from whatever form they paste to the one that is kept.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use crate::model::text::Localized;

/// What addresses the posts of a channel can have; none: any https address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Declared")]
pub struct ConfirmSpec {
    /// Kept as they are, without query and fragment.
    urls: Vec<PostAddress>,
    /// Other addresses of the same posts: kept in the form of the first of `urls`.
    alternates: Vec<PostAddress>,
    letters: CaseRule,
    short: Option<ShortAddresses>,
}

/// As it stands in `channel.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    urls: Vec<PostAddress>,
    #[serde(default)]
    alternates: Vec<PostAddress>,
    #[serde(default)]
    ignore_case: bool,
    #[serde(default)]
    short: Option<ShortAddresses>,
}

/// Whether a provider's addresses are case-sensitive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum CaseRule {
    #[default]
    AsTheyAre,
    OfAnyCase,
}

/// Hosts whose addresses do not say which post they lead to, and how an owner gets one that does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShortAddresses {
    hosts: Vec<String>,
    ko: String,
    en: String,
}

/// A post by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmedPost {
    /// In the form that is kept.
    pub url: String,
    /// The provider's id of it, where the address has one.
    pub external_id: Option<String>,
}

/// Why an address is not that of a post on this channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidPostUrl {
    /// What it could be, settings filled in.
    Other { expected: Vec<String> },
    /// It leads to some post, and does not say to which: how to get an address that does.
    Short(Localized),
}

impl TryFrom<Declared> for ConfirmSpec {
    type Error = String;
    fn try_from(declared: Declared) -> Result<Self, String> {
        let has_digits =
            |address: &&PostAddress| address.parts().any(|part| *part == UrlPart::Digits);
        let canonical = declared.urls.first();
        if canonical.is_none() && !declared.alternates.is_empty() {
            return Err(
                "alternates are other addresses of the first of urls: there is none".into(),
            );
        }
        if canonical.as_ref().is_some_and(has_digits)
            && !declared
                .alternates
                .iter()
                .all(|address| has_digits(&address))
        {
            return Err("every alternate must have the {#} of the first of urls".into());
        }
        Ok(Self {
            urls: declared.urls,
            alternates: declared.alternates,
            letters: if declared.ignore_case {
                CaseRule::OfAnyCase
            } else {
                CaseRule::AsTheyAre
            },
            short: declared.short,
        })
    }
}

impl ConfirmSpec {
    /// How many addresses it declares.
    pub(super) fn addresses(&self) -> usize {
        let hosts = self.short.as_ref().map_or(0, |short| short.hosts.len());
        self.urls.len() + self.alternates.len() + hosts
    }

    /// The settings that its addresses name.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        let addresses = self.urls.iter().chain(&self.alternates);
        addresses
            .flat_map(PostAddress::parts)
            .filter_map(|part| match part {
                UrlPart::Setting(name) => Some(name.as_str()),
                UrlPart::Literal(_) | UrlPart::Digits => None,
            })
    }

    /// The post at `url` on the account with these settings.
    ///
    /// # Errors
    /// [`InvalidPostUrl`] when it is none of the addresses.
    pub fn post(
        &self,
        url: &Url,
        settings: &Map<String, Value>,
    ) -> Result<ConfirmedPost, InvalidPostUrl> {
        let Some(canonical) = self.urls.first() else {
            return if url.scheme() == "https" {
                let (url, external_id) = (url.to_string(), None);
                Ok(ConfirmedPost { url, external_id })
            } else {
                let expected = vec!["https://…".to_owned()];
                Err(InvalidPostUrl::Other { expected })
            };
        };
        let own = self.urls.iter().map(|address| (address, address));
        let others = self.alternates.iter().map(|address| (address, canonical));
        let given = ParsedUrl::new(url);
        for (address, kept) in own.chain(others) {
            if let Some(external_id) = address.find(&given, settings, self.letters) {
                let url = kept.filled(settings, external_id.as_deref().unwrap_or_default());
                return Ok(ConfirmedPost { url, external_id });
            }
        }
        Err(self.refused(url, settings))
    }

    fn refused(&self, url: &Url, settings: &Map<String, Value>) -> InvalidPostUrl {
        let is_short = |short: &&ShortAddresses| {
            let host = url.host_str().unwrap_or_default();
            short.hosts.iter().any(|known| known == host)
        };
        if let Some(short) = self.short.as_ref().filter(is_short) {
            let text = Localized::new(short.ko.clone(), short.en.clone());
            return InvalidPostUrl::Short(text);
        }
        let example = |address: &PostAddress| address.filled(settings, "123456789");
        let expected = self.urls.iter().map(example).collect();
        InvalidPostUrl::Other { expected }
    }
}

/// An address such as `https://blog.naver.com/{blogId}/{#}` or
/// `https://blog.naver.com/PostView.naver?blogId={blogId}&logNo={#}`: `{name}` is the account's
/// setting of that name, `{#}` one or more digits, the provider's id of the post.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PostAddress {
    host: String,
    path: Vec<UrlPart>,
    /// Fields that must be there, each once; others may be there as well.
    query: Vec<(String, UrlPart)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum UrlPart {
    Literal(String),
    Setting(String),
    Digits,
}

/// An address that somebody gave, taken apart and decoded.
struct ParsedUrl<'a> {
    /// None where it cannot be an address that is declared.
    host: Option<&'a str>,
    path: Vec<Cow<'a, str>>,
    query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> ParsedUrl<'a> {
    fn new(url: &'a Url) -> Self {
        let is_plain = matches!(url.scheme(), "https" | "http")
            && url.port().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let path = url.path().trim_end_matches('/').split('/').skip(1);
        Self {
            host: url.host_str().filter(|_| is_plain),
            path: path
                .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
                .collect(),
            query: url.query_pairs().collect(),
        }
    }

    /// The value of a query field that is there once.
    fn field(&self, name: &str, letters: CaseRule) -> Option<&str> {
        let mut fields = self
            .query
            .iter()
            .filter(|(known, _)| letters.are_same(name, known));
        let (_, value) = fields.next()?;
        fields.next().is_none().then_some(value)
    }
}

impl CaseRule {
    fn are_same(self, one: &str, other: &str) -> bool {
        match self {
            Self::AsTheyAre => one == other,
            Self::OfAnyCase => one.eq_ignore_ascii_case(other),
        }
    }
}

impl PostAddress {
    /// `None` when it does not fit; else the digits, where there are some. What is not declared of
    /// the query is not looked at, nor is the fragment, a slash at the end, or whether it is http.
    fn find(
        &self,
        given: &ParsedUrl<'_>,
        settings: &Map<String, Value>,
        letters: CaseRule,
    ) -> Option<Option<String>> {
        if given.host != Some(self.host.as_str()) || given.path.len() != self.path.len() {
            return None;
        }
        let path = self.path.iter().zip(given.path.iter().map(Cow::as_ref));
        let mut pairs: Vec<(&UrlPart, &str)> = path.collect();
        for (name, part) in &self.query {
            pairs.push((part, given.field(name, letters)?));
        }
        let mut id = None;
        for (part, given) in pairs {
            let fits = match part {
                UrlPart::Literal(literal) => letters.are_same(literal, given),
                UrlPart::Setting(name) => {
                    let setting = settings.get(name).and_then(Value::as_str);
                    setting.is_some_and(|setting| letters.are_same(setting, given))
                }
                UrlPart::Digits => {
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

    fn filled(&self, settings: &Map<String, Value>, digits: &str) -> String {
        let fill = |part: &UrlPart| match part {
            UrlPart::Literal(literal) => literal.clone(),
            UrlPart::Setting(name) => match settings.get(name).and_then(Value::as_str) {
                Some(value) => value.to_owned(),
                None => format!("{{{name}}}"),
            },
            UrlPart::Digits => digits.to_owned(),
        };
        let path: Vec<String> = self.path.iter().map(fill).collect();
        let query: Vec<String> = self
            .query
            .iter()
            .map(|(name, part)| format!("{name}={}", fill(part)))
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!(
            "https://{}/{}{mark}{}",
            self.host,
            path.join("/"),
            query.join("&")
        )
    }

    fn parts(&self) -> impl Iterator<Item = &UrlPart> {
        let query = self.query.iter().map(|(_, part)| part);
        self.path.iter().chain(query)
    }
}

impl TryFrom<String> for PostAddress {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let bare = text.strip_prefix("https://");
        let (host, rest) = bare
            .and_then(|bare| bare.split_once('/'))
            .filter(|(host, _)| !host.is_empty() && !host.contains(['{', '}']))
            .ok_or_else(|| {
                format!("{text:?} is not an address such as \"https://a.example/{{user}}/{{#}}\"")
            })?;
        let part = |part: &str| UrlPart::parse(part).map_err(|why| format!("{text:?}: {why}"));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let fields = query.split('&').filter(|field| !field.is_empty());
        let field = |field: &str| {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            Ok((name.to_owned(), part(value)?))
        };
        Ok(Self {
            host: host.to_owned(),
            path: path.split('/').map(part).collect::<Result<_, _>>()?,
            query: fields.map(field).collect::<Result<_, String>>()?,
        })
    }
}

impl UrlPart {
    fn parse(part: &str) -> Result<Self, String> {
        let inner = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        match inner {
            Some("#") => Ok(Self::Digits),
            Some(name) if !name.is_empty() => Ok(Self::Setting(name.to_owned())),
            None if !part.contains(['{', '}']) => Ok(Self::Literal(part.to_owned())),
            Some(_) | None => Err(format!("{part:?} must be a whole segment or value")),
        }
    }
}

#[cfg(test)]
mod tests;
