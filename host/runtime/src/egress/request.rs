//! The shape of a request: from what a component wants to send to what goes over the wire.

use baepo_domain::model::journal::{self, Repeat};
use baepo_domain::model::number::grouped;
use reqwest::header::{self, HeaderMap};
use reqwest::{Method, Request};
use url::Url;

use super::credentials::Credential;
use super::error::SendError;
use super::fields::read_headers;
use super::policy::EgressPolicy;
use super::refusal::{Refusal, Rule};
use super::urls::parse_url;

/// Header fields and credentials of one request, together. HTTP libraries stop at some thousand
/// by panicking, and servers take about a hundred.
const MAX_FIELDS: usize = 100;

/// A request of the right shape, with the names of the secrets that it needs: their values are
/// attached to a copy, each time that it is sent.
#[derive(Debug)]
pub(super) struct ParsedRequest<'a> {
    pub(super) http: Request,
    pub(super) credentials: Vec<Credential<'a>>,
    pub(super) repeat: Repeat,
}

impl<'a> ParsedRequest<'a> {
    /// Reads what a component wants to send.
    ///
    /// # Errors
    /// [`SendError::Denied`] by rule "url", "headers" or "credentials", or by limit "request bytes".
    pub(super) fn read(
        request: &'a journal::Request,
        policy: &EgressPolicy<'_>,
    ) -> Result<Self, SendError> {
        // Size first: what follows takes time in proportion to it.
        let (used, limit) = (size(request), policy.limits.request_bytes);
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
        let mut http = Request::new(method(&request.method)?, url);
        *http.headers_mut() = read_headers(&request.headers)?;
        *http.body_mut() = request.body.as_ref().map(|body| body.0.clone().into());
        let credentials = request.credentials.iter();
        let granted = policy.grants.iter().flat_map(|grant| &grant.secrets);
        let granted = |name: &str| granted.clone().any(|secret| secret == name);
        let credentials = credentials.map(|text| Credential::parse(text, granted));
        Ok(Self {
            http,
            credentials: credentials.collect::<Result<_, _>>()?,
            repeat: request.repeat,
        })
    }

    /// A request of the host's own.
    pub(super) fn of_host(
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Option<String>,
        credential: Credential<'a>,
    ) -> Self {
        let mut http = Request::new(method, url);
        *http.headers_mut() = headers;
        *http.body_mut() = body.map(Into::into);
        Self {
            http,
            credentials: vec![credential],
            repeat: Repeat::Safe,
        }
    }

    /// The host's name or address, for errors.
    pub(super) fn host(&self) -> String {
        self.http.url().host_str().unwrap_or_default().to_owned()
    }

    /// What goes over the wire to `url`, without credentials.
    pub(super) fn sent_to(&self, url: &Url) -> Request {
        let mut request = copy(&self.http);
        request.url_mut().clone_from(url);
        request
    }

    /// The same request once more.
    pub(super) fn again(&self) -> Self {
        Self {
            http: copy(&self.http),
            credentials: self.credentials.clone(),
            repeat: self.repeat,
        }
    }

    /// Turns it into the request at another URL, without the body's fields when it loses its body.
    pub(super) fn redirect_to(&mut self, method: Method, url: Url) {
        if method != *self.http.method() {
            *self.http.body_mut() = None;
            for field in [
                header::CONTENT_TYPE,
                header::CONTENT_ENCODING,
                header::CONTENT_LANGUAGE,
            ] {
                self.http.headers_mut().remove(field);
            }
        }
        *self.http.method_mut() = method;
        *self.http.url_mut() = url;
    }
}

fn copy(request: &Request) -> Request {
    let copied = request.try_clone();
    copied.expect("a body that is in memory can be sent again")
}

fn method(name: &str) -> Result<Method, Refusal> {
    let parsed = Method::from_bytes(name.as_bytes());
    parsed.map_err(|_| Rule::Grants.refuses("it has no method that could be granted"))
}

/// Bytes that a component wants to send, without what the host adds.
fn size(request: &journal::Request) -> u64 {
    let headers: usize = request
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    let credentials = request.credentials.iter();
    let credentials: usize = credentials.map(|text| Credential::name_bytes(text)).sum();
    let body = request.body.as_ref().map_or(0, |body| body.0.len());
    (request.url.len() + headers + credentials + body) as u64
}
