//! One exchange from the first rule to the last byte: request, redirects, response.

use std::collections::BTreeMap;
use std::time::Duration;

use baepo_domain::model::journal::{self, Repeat};
use baepo_domain::model::number::grouped;
use reqwest::{Method, Response, StatusCode, header};
use secrecy::SecretString;
use tokio::time::Instant;
use url::Url;

use super::error::SendError;
use super::grants::{self, MatchingGrants};
use super::policy::EgressPolicy;
use super::rate_limiter::RateLimiter;
use super::refusal::{Refusal, Rule, brief, for_display};
use super::request::ParsedRequest;
use super::rewrite::{Rewrites, Route};
use super::transport::{self, Transport};
use super::urls::check_url;
use super::{addresses, credentials};
use crate::redact::Redactor;

/// Redirects that one safe request follows.
const MAX_REDIRECTS: usize = 3;

/// What every request of this host passes, whether a component or the host itself sends it.
pub(super) struct Wire {
    pub(super) rewrites: Rewrites,
    pub(super) rate_limiter: RateLimiter,
    pub(super) transport: Transport,
}

/// What stays the same over all redirects.
pub(super) struct RequestContext<'a> {
    wire: &'a Wire,
    pub(super) policy: EgressPolicy<'a>,
    time: Duration,
    deadline: Instant,
}

/// The rules for a URL; the one whose refusal is the most specific comes first.
pub(super) fn authorize<'a>(
    policy: &EgressPolicy<'a>,
    request: &ParsedRequest<'_>,
) -> Result<MatchingGrants<'a>, Refusal> {
    let (method, url) = (request.http.method(), request.http.url());
    addresses::check_literal(url)?;
    grants::find(policy.grants, policy.channel, method, url)
}

impl<'a> RequestContext<'a> {
    /// The time runs from now on.
    pub(super) fn new(wire: &'a Wire, policy: EgressPolicy<'a>, time: Duration) -> Self {
        Self {
            wire,
            policy,
            time,
            deadline: Instant::now() + time,
        }
    }

    /// The same with other secrets to attach.
    pub(super) fn with_secrets<'b>(
        &'b self,
        secrets: &'b BTreeMap<String, SecretString>,
    ) -> RequestContext<'b> {
        let policy = EgressPolicy {
            secrets,
            ..self.policy
        };
        RequestContext { policy, ..*self }
    }

    /// A component's request, with its redirects.
    pub(super) async fn send(
        &self,
        request: ParsedRequest<'_>,
    ) -> Result<journal::Response, SendError> {
        self.within_deadline(&request.host(), self.follow(request))
            .await
    }

    /// A request of the host's own, to a URL that the manifest declares: every rule holds but the
    /// grants, and no redirect is followed.
    pub(super) async fn send_host_request(
        &self,
        mut request: ParsedRequest<'_>,
    ) -> Result<journal::Response, SendError> {
        let url = check_url(request.http.url().clone())?;
        addresses::check_literal(&url)?;
        let route = self.wire.rewrites.route(&url);
        *request.http.url_mut() = url;
        let response = self.open(&request, &route).await?;
        let limit = self.policy.limits.response_bytes;
        transport::read(response, &request.host(), limit).await
    }

    /// Work that is not done by the deadline is in doubt; `host` is the one that did not answer.
    pub(super) async fn within_deadline<T, E: From<SendError>>(
        &self,
        host: &str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        tokio::time::timeout_at(self.deadline, work)
            .await
            .unwrap_or_else(|_| {
                let why = format!(
                    "limit \"request time\": no answer from {host} within {}",
                    in_ms(self.time),
                );
                Err(SendError::InDoubt(why).into())
            })
    }

    async fn follow(&self, mut request: ParsedRequest<'_>) -> Result<journal::Response, SendError> {
        let mut followed = 0;
        loop {
            let route = self.wire.rewrites.route(request.http.url());
            let response = self
                .open(&request, &route)
                .await
                .map_err(|error| match error {
                    SendError::NotSent(text) if followed > 0 => SendError::InDoubt(text),
                    error => error,
                })?;
            let Some(location) = location(&response) else {
                let limit = self.policy.limits.response_bytes;
                return transport::read(response, &request.host(), limit).await;
            };
            let redirect = Redirect {
                status: response.status(),
                location,
                followed,
                route,
            };
            self.redirect(&mut request, &redirect)?;
            followed += 1;
        }
    }

    async fn open(
        &self,
        request: &ParsedRequest<'_>,
        route: &Route,
    ) -> Result<Response, SendError> {
        let host = request.host();
        let mut sent = request.sent_to(route.url());
        credentials::attach(&mut sent, &request.credentials, self.policy.secrets)?;
        self.wait_for_turn(request.http.url(), &host).await?;
        (self.policy.send_guard)().map_err(|why| SendError::Denied(why.to_owned()))?;
        self.wire.transport.open(route, sent, &host).await
    }

    async fn wait_for_turn(&self, url: &Url, host: &str) -> Result<(), SendError> {
        let (channel, rate) = (self.policy.channel, self.policy.limits.requests_per_second);
        let rate_limiter = &self.wire.rate_limiter;
        if rate_limiter.turn(channel, url, rate, self.deadline).await {
            return Ok(());
        }
        Err(SendError::NotSent(format!(
            "limit \"requests per second\": {} to {host}, channel {channel}, and no turn within {}",
            grouped(rate.into()),
            in_ms(self.time),
        )))
    }

    /// Turns a request into the one that a redirect asks for, if that may be sent.
    fn redirect(
        &self,
        request: &mut ParsedRequest<'_>,
        redirect: &Redirect,
    ) -> Result<(), SendError> {
        let host = request.host();
        self.next(request, redirect).map_err(|refusal| {
            let redactor = Redactor::new(self.policy.secrets.values());
            let target = redactor.answer_text(redirect.for_display());
            match request.repeat {
                Repeat::Safe | Repeat::Idempotent => {
                    SendError::Denied(format!("redirect to {target}: {refusal}"))
                }
                Repeat::Unsafe => SendError::InDoubt(format!(
                    "{host} answered with a redirect to {target}, not followed: {refusal}"
                )),
            }
        })
    }

    fn next(&self, request: &mut ParsedRequest<'_>, redirect: &Redirect) -> Result<(), Refusal> {
        let rewrites = &self.wire.rewrites;
        let target = redirect.target()?;
        let target = rewrites.resolve_redirect(request.http.url(), &redirect.route, target);
        let target = check_url(target)?;
        request.redirect_to(redirect.method(request.http.method()), target);
        let granted = authorize(&self.policy, request)?;
        if request.repeat != Repeat::Safe {
            return Err(Rule::Redirects.refuses("only safe requests follow one"));
        }
        if redirect.followed == MAX_REDIRECTS {
            return Err(Rule::Redirects.refuses(format!("more than {MAX_REDIRECTS} in a row")));
        }
        // A secret that may not go there is not attached.
        request
            .credentials
            .retain(|credential| granted.allows(credential));
        Ok(())
    }
}

fn in_ms(time: Duration) -> String {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    format!("{} ms", grouped(millis))
}

/// A response that names another URL.
struct Redirect {
    status: StatusCode,
    location: String,
    /// How many redirects came before.
    followed: usize,
    route: Route,
}

/// Where a response sends the request, if it is a redirect.
fn location(response: &Response) -> Option<String> {
    let redirects = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response
        .headers()
        .get(header::LOCATION)
        .filter(|_| redirects)?;
    Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
}

impl Redirect {
    fn target(&self) -> Result<Url, Refusal> {
        let target = self.route.url().join(&self.location);
        target.map_err(|error| Rule::Url.refuses(format!("it is not an address: {error}")))
    }

    /// RFC 9110, 15.4: what was posted is not posted again, except by 307 and 308.
    fn method(&self, method: &Method) -> Method {
        match self.status.as_u16() {
            303 if *method != Method::HEAD => Method::GET,
            301 | 302 if *method == Method::POST => Method::GET,
            _ => method.clone(),
        }
    }

    /// The target as an error shows it.
    fn for_display(&self) -> String {
        match self.target() {
            Ok(target) => for_display(&target),
            Err(_) => brief(self.location.split(['?', '#']).next().unwrap_or_default()),
        }
    }
}
