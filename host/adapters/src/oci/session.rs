//! Requests to one repository: with a login when it is asked for, within limits, and to nobody else than
//! the registry and where it redirects to.

use baepo_domain::model::id::Digest;
use baepo_domain::model::oci_reference::{OciReference, Transport, is_loopback};
use baepo_domain::ports::PullError;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use url::Url;

use super::logins::Login;

/// A token of a registry has a few KB.
const TOKEN_BYTES: u64 = 64 << 10;

/// Requests to one repository.
pub(super) struct Session<'client> {
    pub http: &'client Client,
    pub reference: OciReference,
    pub transport: Transport,
    pub login: Option<Login>,
    authorization: Option<HeaderValue>,
}

/// A body that was read, and what it is.
pub(super) struct Answer {
    pub bytes: Vec<u8>,
    pub media_type: String,
}

impl<'client> Session<'client> {
    pub(super) fn new(
        http: &'client Client,
        reference: &OciReference,
        transport: Transport,
        login: Option<Login>,
    ) -> Self {
        Self {
            http,
            reference: reference.clone(),
            transport,
            login,
            authorization: None,
        }
    }

    /// What is there under that path of the repository; `None` when there is nothing.
    pub(super) async fn get(
        &mut self,
        path: &str,
        accept: &str,
        limit: u64,
    ) -> Result<Option<Answer>, PullError> {
        let response = self.request(path, accept).await?;
        match response.status() {
            // The last two are how registries answer that know no list of referrers.
            StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::NOT_IMPLEMENTED => Ok(None),
            status if status.is_success() => {
                let media_type = response.headers().get(reqwest::header::CONTENT_TYPE);
                let media_type = media_type
                    .and_then(|it| it.to_str().ok())
                    .unwrap_or_default();
                let media_type = media_type
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned();
                let bytes = self.body(response, path, limit).await?;
                Ok(Some(Answer { bytes, media_type }))
            }
            status => Err(self.refused(path, status)),
        }
    }

    /// A blob with that digest.
    pub(super) async fn blob(&mut self, digest: Digest, limit: u64) -> Result<Vec<u8>, PullError> {
        let path = format!("blobs/sha256:{digest}");
        let found = self.get(&path, "application/octet-stream", limit).await?;
        let Some(Answer { bytes, .. }) = found else {
            return Err(self.broken(&path, "is missing though the manifest names it"));
        };
        if Digest::of(&bytes) != digest {
            return Err(self.broken(&path, "has other content than its digest says"));
        }
        Ok(bytes)
    }

    async fn request(&mut self, path: &str, accept: &str) -> Result<Response, PullError> {
        let response = self.send(path, accept).await?;
        if response.status() != StatusCode::UNAUTHORIZED || self.authorization.is_some() {
            return Ok(response);
        }
        self.authorization = self.authorize(response.headers()).await?;
        match self.authorization {
            Some(_) => self.send(path, accept).await,
            None => Ok(response),
        }
    }

    async fn send(&self, path: &str, accept: &str) -> Result<Response, PullError> {
        let scheme = match self.transport {
            Transport::Tls => "https",
            Transport::PlainOnLoopback => "http",
        };
        let (registry, repository) = (self.reference.registry(), self.reference.repository());
        let url = format!("{scheme}://{registry}/v2/{repository}/{path}");
        let mut request = self.http.get(url).header(ACCEPT, accept);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        request
            .send()
            .await
            .map_err(|error| self.unreachable(&error))
    }

    /// What the registry's challenge asks for: the login itself, or a token for it.
    async fn authorize(&self, headers: &HeaderMap) -> Result<Option<HeaderValue>, PullError> {
        let texts = headers.get_all(WWW_AUTHENTICATE).iter();
        for text in texts.filter_map(|text| text.to_str().ok()) {
            for challenge in http_auth::parse_challenges(text).unwrap_or_default() {
                let parameter = |name: &str| {
                    let mut all = challenge.params.iter();
                    let found = all.find(|(key, _)| key.eq_ignore_ascii_case(name));
                    found.map(|(_, value)| value.to_unescaped())
                };
                if challenge.scheme.eq_ignore_ascii_case("basic") {
                    return Ok(self.login.as_ref().map(basic));
                }
                if challenge.scheme.eq_ignore_ascii_case("bearer")
                    && let Some(realm) = parameter("realm")
                {
                    return self.token(&realm, parameter("service")).await.map(Some);
                }
            }
        }
        Ok(None)
    }

    /// A token that may pull from this repository, and nothing else.
    async fn token(&self, realm: &str, service: Option<String>) -> Result<HeaderValue, PullError> {
        let registry = self.reference.registry();
        let url = Url::parse(realm)
            .ok()
            .filter(|url| may_follow(self.transport, url));
        let Some(url) = url else {
            let text = format!("{registry} sends for a token to an address that is not https");
            return Err(PullError::Refused(text));
        };
        let scope = format!("repository:{}:pull", self.reference.repository());
        let mut request = self.http.get(url).query(&[("scope", &scope)]);
        if let Some(service) = &service {
            request = request.query(&[("service", service)]);
        }
        if let Some(login) = &self.login {
            request = request.header(AUTHORIZATION, basic(login));
        }
        let response = request
            .send()
            .await
            .map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        if !status.is_success() {
            return Err(self.refused("token", status));
        }
        #[derive(Deserialize)]
        struct Token {
            token: Option<String>,
            access_token: Option<String>,
        }
        let bytes = self.body(response, "token", TOKEN_BYTES).await?;
        let token = serde_json::from_slice::<Token>(&bytes).ok();
        let token = token.and_then(|it| it.token.or(it.access_token));
        let value = token.and_then(|token| sensitive(&format!("Bearer {token}")));
        value.ok_or_else(|| self.broken("token", "is not the JSON with a token that it should be"))
    }

    /// Reads it to its end, and not beyond the limit.
    async fn body(
        &self,
        mut response: Response,
        path: &str,
        limit: u64,
    ) -> Result<Vec<u8>, PullError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.unreachable(&error))?
        {
            if (bytes.len() + chunk.len()) as u64 > limit {
                let why = format!("has more than the {limit} bytes that are read of it");
                return Err(self.broken(path, &why));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn refused(&self, path: &str, status: StatusCode) -> PullError {
        let (registry, repository) = (self.reference.registry(), self.reference.repository());
        match (status, &self.login) {
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, None) => {
                PullError::Refused(format!(
                    "{registry} lets nobody pull {repository} without a login ({status}): put one into the file of \
                 oci.auth_file with `docker login {registry}`"
                ))
            }
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, Some(login)) => {
                PullError::Refused(format!(
                    "{registry} does not let {} pull {repository} ({status}): correct user and password in the file of \
                 oci.auth_file, or the user's rights at the registry",
                    login.user
                ))
            }
            _ => PullError::Unavailable(format!(
                "{registry} answered {status} for {repository}/{path}; try again later"
            )),
        }
    }

    fn broken(&self, path: &str, why: &str) -> PullError {
        let (registry, repository) = (self.reference.registry(), self.reference.repository());
        PullError::Rejected(format!("{path} of {repository} at {registry} {why}"))
    }

    fn unreachable(&self, error: &reqwest::Error) -> PullError {
        let registry = self.reference.registry();
        let mut causes = vec![error.to_string()];
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        // The first names the whole address, the last says what happened.
        let why = causes.pop().unwrap_or_default();
        let advice = match self.transport {
            Transport::Tls if why.contains("certificate") => {
                "; whoever vouches for it belongs into oci.root_certificate"
            }
            Transport::Tls if self.reference.is_on_loopback() => {
                "; one on this machine that speaks no TLS is asked with --insecure (`\"insecure\": true`)"
            }
            _ => "",
        };
        PullError::Unavailable(format!("{registry} cannot be reached: {why}{advice}"))
    }
}

/// Whether what a registry answered may send us there.
pub(super) fn may_follow(transport: Transport, url: &Url) -> bool {
    match transport {
        Transport::Tls => url.scheme() == "https",
        Transport::PlainOnLoopback => is_loopback(url),
    }
}

fn basic(login: &Login) -> HeaderValue {
    use base64::Engine as _;
    let text = format!("{}:{}", login.user, login.password.expose());
    let text = base64::engine::general_purpose::STANDARD.encode(text);
    sensitive(&format!("Basic {text}")).unwrap_or(HeaderValue::from_static(""))
}

/// A value that is not logged.
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
